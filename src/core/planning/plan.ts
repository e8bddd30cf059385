// What a training will do, in words, from the form and a summary of the file. Light: nothing is read or fitted.
import path from 'node:path';
import type { TrainForm, TrainPlan } from '../../contracts/panels/train.ts';
import type { ColumnChoice, TableSummary } from '../../contracts/profile.ts';
import type { DatasetEntry, ModelEntry } from '../../contracts/projectFile.ts';
import type { MetricName, Task, TrainRequest } from '../../contracts/training.ts';
import { observedReason, rolesOf } from './roles.ts';
import { fewestPerClass, fewestRows, headlineOf, metricLabels, mostClasses, nestedBelow, positiveOf, setAsideShare, suits, taskOf, tooManyClasses, unusable } from './decide.ts';

/** The form as it opens: what ml.yaml says, else a likely target and the usual settings. */
export function defaultForm(table: TableSummary, dataset?: DatasetEntry, model?: ModelEntry): TrainForm {
  const has = (name: string | undefined): name is string => name !== undefined && table.columns.some((column) => column.name === name);
  const wanted = model?.target ?? dataset?.target;
  const roles = rolesOf(dataset);
  return {
    target: has(wanted) ? wanted : (likelyTarget(table) ?? ''),
    task: model?.task ?? '',
    positive: model?.positive ?? '',
    metric: model?.metric ?? '',
    split: dataset?.time !== undefined ? 'time' : dataset?.group !== undefined ? 'group' : 'random',
    time: dataset?.time ?? '',
    group: dataset?.group ?? '',
    exclude: (model?.exclude ?? []).filter(has),
    horizon: roles.horizon ?? null,
    observed: roles.observed ?? [],
    known: roles.known ?? [],
    trainers: model?.trainers ?? ['linear', 'mlp'],
    folds: model?.folds ?? 5,
    seed: model?.seed ?? 0,
    save_as: '',
  };
}

/** A column with a telling name, else none: a wrong guess is worse than a question. */
function likelyTarget(table: TableSummary): string | null {
  const names = /^(target|label|class|y|outcome|churn(ed)?|default(ed)?|survived|response)$/i;
  return table.columns.find((column) => names.test(column.name) && column.distinct > 1)?.name ?? null;
}

interface Reading {
  task: Task | null;
  metric: MetricName | null;
  positive: string | null;
  /** The classes with their counts; null for regression or where they are too many. */
  classes: readonly { value: string; count: number }[] | null;
  share: number;
}

/** What pressing the button will do, or what must be mended first. */
export function planTraining(file: string, table: TableSummary, form: TrainForm): TrainPlan {
  const problems: TrainPlan['problems'] = [];
  const add = (field: string, message: string): void => void problems.push({ field, message });
  const target = table.columns.find((column) => column.name === form.target);
  if (table.rows === 0) {
    add('file', `${path.basename(file)} has a header but no rows; there is nothing to learn from.`);
    return { sentences: [], problems, task: null, positive: null, metric: null };
  }
  if (form.target === '') {
    add('target', 'Choose the column to predict.');
  } else if (target === undefined) {
    add('target', `${path.basename(file)} has no column \`${form.target}\`.`);
  }
  const reading = target === undefined ? { task: null, metric: null, positive: null, classes: null, share: 0 } : read(form, target, table.rows);
  if (target !== undefined) {
    checkTarget(form, target, table.rows, reading, add);
  }
  checkSplit(form, table, add);
  if (form.trainers.length === 0) {
    add('trainers', 'Choose at least one trainer.');
  }
  if (!Number.isInteger(form.folds) || form.folds < 2 || form.folds > 20) {
    add('folds', 'The number of folds is a whole number from 2 to 20.');
  }
  if (!Number.isInteger(form.seed) || form.seed < 0) {
    add('seed', 'The seed is a whole number from 0.');
  }
  if (form.save_as !== '' && !/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/.test(form.save_as)) {
    add('save_as', 'A name starts with a letter or digit and holds letters, digits, dots, dashes and underscores.');
  }
  const left = inputsLeft(form, table);
  if (target !== undefined && left.used.length === 0) {
    add('exclude', 'No column is left to learn from.');
  }
  const sentences = target === undefined || problems.some(({ field }) => field === 'target' || field === 'file') ? [] : describe(form, table, target, reading, left);
  return { sentences, problems, task: reading.task, positive: reading.positive, metric: reading.metric };
}

function read(form: TrainForm, target: ColumnChoice, rows: number): Reading {
  const task = form.task === '' ? taskOf(target) : form.task;
  if (task === 'regression') {
    return { task, metric: form.metric === '' ? headlineOf(task, 0, 0) : form.metric, positive: null, classes: null, share: 0 };
  }
  const classes = target.values ?? null;
  const positive = classes?.length === 2 ? (classes.some(({ value }) => value === form.positive) ? form.positive : positiveOf(classes)) : null;
  const share = positive === null ? 0 : (classes?.find(({ value }) => value === positive)?.count ?? 0) / Math.max(1, rows - target.missing);
  return { task, metric: form.metric === '' ? headlineOf(task, target.distinct, share) : form.metric, positive, classes, share };
}

function checkTarget(form: TrainForm, target: ColumnChoice, rows: number, { task, metric, classes }: Reading, add: (field: string, message: string) => void): void {
  const present = rows - target.missing;
  if (present === 0) {
    add('target', `\`${target.name}\` has no values.`);
    return;
  }
  if (target.distinct === 1) {
    add('target', `\`${target.name}\` has the same value in every row; there is nothing to learn.`);
    return;
  }
  if (present < fewestRows) {
    add('target', `${present} rows have a target; at least ${fewestRows} are needed for a model that can be measured.`);
  }
  if (task === 'regression' && target.type !== 'number') {
    add('task', `Regression predicts a number, but \`${target.name}\` holds ${target.type === 'text' ? 'texts' : target.type === 'boolean' ? 'true or false' : 'dates'}.`);
  }
  if (task === 'classification' && target.distinct > mostClasses) {
    add('target', tooManyClasses(target));
  }
  const rare = classes?.find(({ count }) => count < fewestPerClass);
  if (task === 'classification' && rare !== undefined) {
    add('target', `The class \`${rare.value}\` has ${rare.count} rows; at least ${fewestPerClass} are needed.`);
  }
  if (form.positive !== '' && classes?.length === 2 && !classes.some(({ value }) => value === form.positive)) {
    add('positive', `\`${form.positive}\` is not a value of \`${target.name}\`.`);
  }
  if (task !== null && metric !== null && !suits(metric, task)) {
    add('metric', `${metricLabels[metric]} does not measure ${task}.`);
  }
}

function checkSplit(form: TrainForm, table: TableSummary, add: (field: string, message: string) => void): void {
  if (form.split === 'time') {
    const time = table.columns.find((column) => column.name === form.time);
    if (time === undefined) {
      add('time', 'Choose the column with the date of a row.');
    } else if (time.type === 'text' || time.type === 'other' || time.type === 'boolean') {
      add('time', `\`${time.name}\` holds no dates, so rows cannot be put in order by it.`);
    }
  }
  const declared = [...form.observed, ...form.known];
  const missing = declared.find((name) => !table.columns.some((column) => column.name === name));
  const twice = form.observed.find((name) => form.known.includes(name));
  if (missing !== undefined) {
    add('time', `ml.yaml declares \`${missing}\` as known in time or not, but the file has no such column.`);
  } else if (twice !== undefined) {
    add('time', `ml.yaml declares \`${twice}\` both as \`observed\` and as known in time. It can be one of them only.`);
  }
  if (form.split === 'group') {
    const group = table.columns.find((column) => column.name === form.group);
    if (group === undefined) {
      add('group', 'Choose the column whose values keep rows together.');
    } else if (group.distinct < form.folds + 1) {
      add('group', `\`${group.name}\` has ${group.distinct} different values: too few groups for ${form.folds} folds.`);
    }
  }
}

interface Left {
  used: ColumnChoice[];
  dropped: { name: string; reason: string }[];
}

function inputsLeft(form: TrainForm, table: TableSummary): Left {
  const left: Left = { used: [], dropped: [] };
  for (const column of table.columns) {
    if (column.name === form.target || form.exclude.includes(column.name)) {
      continue;
    }
    const unknown = form.horizon !== null && form.observed.includes(column.name);
    const reason = form.split === 'group' && column.name === form.group ? 'it names the groups' : unknown ? observedReason(form.horizon ?? 1) : unusable(column, table.rows);
    if (reason === null) {
      left.used.push(column);
    } else {
      left.dropped.push({ name: column.name, reason });
    }
  }
  return left;
}

function describe(form: TrainForm, table: TableSummary, target: ColumnChoice, { task, metric, positive, classes, share }: Reading, { used, dropped }: Left): string[] {
  const rows = table.rows - target.missing;
  const number = (value: number): string => value.toLocaleString('en');
  const what = task === 'regression' ? 'a number' : classes !== null && classes.length <= 6 ? classes.map(({ value }) => value).join(', ') : `${target.distinct} classes`;
  const sentences = [`Predict \`${target.name}\` (${what}) from ${number(used.length)} ${used.length === 1 ? 'column' : 'columns'} of ${number(rows)} rows.`];
  if (target.missing > 0) {
    sentences.push(`${number(target.missing)} rows without \`${target.name}\` are left out.`);
  }
  if (dropped.length > 0) {
    sentences.push(`Left out: ${dropped.slice(0, 5).map(({ name, reason }) => `\`${name}\` (${reason})`).join(', ')}${dropped.length > 5 ? ` and ${dropped.length - 5} more` : ''}.`);
  }
  const undeclared = form.horizon === null ? [] : used.filter(({ name }) => name !== form.time && !form.known.includes(name));
  if (form.horizon !== null) {
    sentences.push(`A prediction is wanted ${form.horizon === 1 ? 'one row' : `${number(form.horizon)} rows`} ahead.${undeclared.length === 0 ? '' : ` ${undeclared.length === 1 ? 'One column is' : `${number(undeclared.length)} columns are`} taken as known by then, since ml.yaml does not say: ${undeclared.slice(0, 4).map(({ name }) => `\`${name}\``).join(', ')}${undeclared.length > 4 ? ' and more' : ''}.`}`);
  }
  const label = metric === null ? 'metric' : metricLabels[metric];
  const names = { linear: task === 'regression' ? 'A regularised linear regression' : 'A regularised logistic regression', mlp: 'a small neural network' };
  const who = form.trainers.length === 2 ? `${names.linear} and ${names.mlp} compete` : form.trainers[0] === 'mlp' ? 'A small neural network is fitted' : `${names.linear} is fitted with several strengths`;
  if (rows < nestedBelow && form.split !== 'time') {
    sentences.push(`With fewer than ${number(nestedBelow)} rows nothing is set aside: nested cross-validation measures every row by a model that did not see it.`);
    sentences.push(`${who} in ${form.folds}-fold cross-validation; the better ${label} wins.`);
  } else {
    const aside = number(Math.round(rows * setAsideShare));
    sentences.push(
      form.split === 'time'
        ? `The newest ${aside} rows by \`${form.time}\` are set aside and used once, to measure the result on the model's future.`
        : form.split === 'group'
          ? `About ${aside} rows, whole groups of \`${form.group}\`, are set aside by a stable hash and used once, to measure the result.`
          : `About ${aside} rows are set aside by a stable hash of their content and used once, to measure the result.`,
    );
    sentences.push(`${who} in ${form.folds}-fold cross-validation on the rest; the better ${label} wins.`);
  }
  if (positive !== null && share < 0.1) {
    sentences.push(`Only ${(share * 100).toFixed(1)} % of rows are \`${positive}\`, so average precision is shown first; accuracy would flatter.`);
  }
  sentences.push(task === 'regression' ? 'Beside the model stand the mean and the best single column.' : 'Beside the model stand the most frequent class and the best single column.');
  return sentences;
}

/** The request that a form without problems stands for. */
export function requestFrom(file: string, form: TrainForm, plan: TrainPlan): TrainRequest {
  return {
    file,
    target: form.target,
    ...(plan.task === null ? {} : { task: plan.task }),
    ...(plan.positive === null ? {} : { positive: plan.positive }),
    ...(plan.metric === null ? {} : { metric: plan.metric }),
    split: form.split,
    ...(form.split === 'time' ? { time: form.time } : {}),
    ...(form.split === 'group' ? { group: form.group } : {}),
    ...(form.horizon === null ? {} : { horizon: form.horizon }),
    ...(form.observed.length === 0 ? {} : { observed: form.observed }),
    ...(form.known.length === 0 ? {} : { known: form.known }),
    exclude: form.exclude,
    trainers: form.trainers,
    folds: form.folds,
    seed: form.seed,
  };
}
