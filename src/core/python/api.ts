// Pythons on this machine: which one runs a script and why, what it lacks, and the environment that a script needs.
export { upTo, virtualProgram, type InterpreterSource } from './environments.ts';
export { allInterpreters, baseInterpreter, chooseInterpreter, interpreterAt } from './interpreters.ts';
export { interpreterLabel, reasonFor, type Interpreter } from './labels.ts';
export { distributionOf, installedPackages, missingPackages, presentModules, type MissingPackage } from './packages.ts';
export { createEnvironment, installCommand, lockFileName, planEnvironment, type CreatedEnvironment, type EnvironmentPlan } from './create.ts';
export { findProgram, isExecutable, onPath, output } from './programs.ts';
