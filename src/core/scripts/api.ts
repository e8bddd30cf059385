// What stands in people's scripts: fit calls, imports, entry points and arguments, read out of their syntax trees.
export { Syntax, type ScriptLanguage } from './syntax.ts';
export { fitCalls, type FitCall } from './fitCalls.ts';
export { neededModules, pythonImports, type Import, type NeededModule } from './imports.ts';
export { scriptPlaces, type ScriptPlace } from './places.ts';
export { scriptParameters, type ScriptParameter } from './arguments.ts';
export { joinArguments, splitArguments } from './commandLine.ts';
export { scriptOptions, type ScriptOption } from './options.ts';
