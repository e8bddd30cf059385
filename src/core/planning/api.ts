// What a training will do: decided from the columns, told in words. Light enough for the editor's own process.
export { defaultForm, planTraining, requestFrom } from './plan.ts';
export { observedReason, rolesOf, type Roles } from './roles.ts';
export { trainingOf } from './entries.ts';
export { fewestPerClass, fewestRows, headlineOf, metricLabels, mostClasses, nestedBelow, positiveOf, setAsideShare, suits, taskOf, tooManyClasses, unusable, type ColumnFacts } from './decide.ts';
