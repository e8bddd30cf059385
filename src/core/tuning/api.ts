// Tuning of scripts: what is tried next, studies and their trials, and which parameter mattered.
export { suggest, gridSize, randomStarts } from './suggest.ts';
export { argumentsOf, checkSpace, parseParameter, writtenParameter } from './space.ts';
export { importanceOf, leastTrials } from './importance.ts';
export { suggestRange, type SuggestedRange } from './ranges.ts';
export { Studies, type StudiesEvents } from './studies.ts';
export { defaultTuneForm, planTuning, studyFrom, tuneCommand } from './form.ts';
