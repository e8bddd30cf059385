import path from 'node:path';
import { UserError } from '../../contracts/errors.ts';
import type { InputType } from '../../contracts/model.ts';
import type { MetricName, SplitKind, Task, TrainRequest } from '../../contracts/training.ts';
import type { Table, TableColumn } from '../data/api.ts';
import { inputsOf, type InputColumns } from '../serving/api.ts';
import { observedReason, fewestPerClass, fewestRows, headlineOf, metricLabels, mostClasses, nestedBelow, positiveOf, suits, taskOf, tooManyClasses, unusable, type ColumnFacts } from '../planning/api.ts';
import { byFrequency } from './fitRecipe.ts';
import { hashedSides, hashesOf, rowKeys, timedSides, type Sides } from './sides.ts';

export interface Feature {
  name: string;
  type: InputType;
  /** Whether any row misses it. */
  optional: boolean;
}

/** A request made exact against its data. */
export interface Problem {
  task: Task;
  target: string;
  table: Table;
  /** Rows that have a target. */
  rows: Int32Array;
  /** By row of the table: index into `classes`, or the number. */
  truth: Int32Array | Float64Array;
  /** Sorted by name; empty for regression. */
  classes: string[];
  /** Index of the class of interest where there are two, else 0. */
  positive: number;
  /** Share of the class of interest. */
  positiveShare: number;
  metric: MetricName;
  headline: MetricName;
  features: Feature[];
  excluded: { column: string; reason: string }[];
  inputs: InputColumns;
  split: { kind: SplitKind; column?: string };
  sides: Sides;
  nested: boolean;
  folds: number;
  /** Milliseconds by row, where the split is by time. */
  times: Float64Array | null;
  /** The columns that tell one row from another: its key, its group or all of them. Sorted by name. */
  identity: { name: string; type: TableColumn['type'] }[];
  /** By row of the table, of its identity: 64 bits. */
  hashes: BigUint64Array;
  /** Columns that the model reads although nobody declared whether they are known in time. */
  undeclared: string[];
}

/** @throws UserError that names file and field where the data do not allow what was asked. */
export function problemOf(request: TrainRequest, table: Table): Problem {
  const file = path.basename(request.file);
  const fail = (message: string, field: string): never => {
    throw new UserError(message, { file: request.file, field });
  };
  if (request.weight !== undefined) {
    fail('Row weights are not supported by these trainers. Leave --weight out.', 'weight');
  }
  if (table.rows === 0) {
    fail(`${file} has a header but no rows; there is nothing to learn from.`, 'file');
  }
  const column = (name: string, field: string): TableColumn =>
    table.columns.find((each) => each.name === name) ?? fail(`${file} has no column \`${name}\`.${hint(name, table)}`, field);
  const target = column(request.target, 'target');
  const times = request.split === 'time' ? timesOf(column(request.time ?? '', 'time'), file, fail) : null;
  const rows = Int32Array.from({ length: table.rows }, (_, row) => row).filter((row) => isPresent(target, row) && (times === null || !Number.isNaN(times[row]!)));
  if (rows.length === 0) {
    fail(`\`${target.name}\` has no values in ${file}; there is nothing to learn.`, 'target');
  }
  const facts = factsOf(target, rows);
  const task = request.task ?? taskOf(facts);
  if (facts.distinct === 1) {
    fail(`\`${target.name}\` has the same value in every row of ${file}; there is nothing to learn.`, 'target');
  }
  if (rows.length < fewestRows) {
    fail(`${file} has ${rows.length} rows with a target. At least ${fewestRows} are needed for a model that can be measured.`, 'file');
  }
  const goal = task === 'regression' ? numbersOf(target, file, fail) : classesOf(target, rows, request, file, fail);
  const metric = request.metric ?? headlineOf(task, goal.classes.length, goal.positiveShare);
  if (!suits(metric, task)) {
    fail(`${metricLabels[metric]} does not measure ${task}. Choose ${task === 'regression' ? 'mae, rmse or r2' : 'roc_auc, average_precision, log_loss, accuracy or f1'}.`, 'metric');
  }
  checkRoles(request, table);
  const { features, excluded } = featuresOf(request, table, rows);
  if (features.length === 0) {
    const reasons = excluded.map((each) => `\`${each.column}\`: ${each.reason}`).slice(0, 5);
    fail(`No column is left to learn from. ${reasons.length === 0 ? `${file} has no other column than \`${target.name}\`` : reasons.join('; ')}.`, 'exclude');
  }
  const kind: SplitKind = request.split ?? 'random';
  const group = kind === 'group' ? column(request.group ?? '', 'group') : null;
  const key = (request.key ?? []).map((name) => column(name, 'key').name);
  const nested = rows.length < nestedBelow && kind !== 'time';
  const identity = group !== null ? [group.name] : key.length > 0 ? key : table.columns.map((each) => each.name);
  if (kind === 'time' && request.aside_rows !== undefined && rows.length - request.aside_rows < fewestRows) {
    fail(`${file} has ${rows.length} rows with a target and a date. With ${request.aside_rows} of them set aside fewer than ${fewestRows} are left to learn from.`, 'aside_rows');
  }
  const keys = rowKeys(table, identity);
  const sides = times !== null ? timedSides(rows, times, request.aside_rows) : hashedSides(rows, keys, { nested, grouped: group !== null });
  const sideColumn = kind === 'time' ? request.time : group?.name;
  const problem: Problem = {
    ...goal,
    task,
    target: target.name,
    table,
    rows,
    metric,
    headline: headlineOf(task, goal.classes.length, goal.positiveShare),
    features,
    excluded,
    inputs: inputsOf(table, features.map((feature) => feature.name)),
    split: { kind, ...(sideColumn === undefined ? {} : { column: sideColumn }) },
    sides,
    nested,
    folds: request.folds,
    times,
    identity: table.columns.filter(({ name }) => identity.includes(name)).map(({ name, type }) => ({ name, type })).sort((a, b) => (a.name < b.name ? -1 : 1)),
    hashes: hashesOf(keys),
    undeclared: request.horizon === undefined ? [] : features.map(({ name }) => name).filter((name) => name !== request.time && request.known?.includes(name) !== true),
  };
  checkSides(problem, file, fail);
  return problem;
}

type Fail = (message: string, field: string) => never;

function isPresent({ values }: TableColumn, row: number): boolean {
  const value = values[row];
  return value !== null && value !== undefined && !Number.isNaN(value);
}

function cellText({ type, values }: TableColumn, row: number): string {
  const value = values[row];
  return type === 'boolean' ? String(value === 1) : type === 'date' ? new Date(value as number).toISOString().slice(0, 10) : type === 'datetime' ? new Date(value as number).toISOString() : String(value);
}

/** Facts about a column on some rows. Values are listed up to one more than there may be classes. */
function factsOf(column: TableColumn, rows: Int32Array): ColumnFacts {
  const counts = new Map<string | number | null | undefined, number>();
  let missing = 0;
  for (const row of rows) {
    if (isPresent(column, row)) {
      const value = column.values[row];
      counts.set(value, (counts.get(value) ?? 0) + 1);
    } else {
      missing += 1;
    }
  }
  const listed = counts.size <= mostClasses ? [...counts].map(([value, count]) => ({ value: String(value), count })) : undefined;
  return { name: column.name, type: column.type, missing, distinct: counts.size, values: listed };
}

type Goal = Pick<Problem, 'truth' | 'classes' | 'positive' | 'positiveShare'>;

function numbersOf(target: TableColumn, file: string, fail: Fail): Goal {
  if (!(target.values instanceof Float64Array) || target.type !== 'number') {
    return fail(`Regression predicts a number, but \`${target.name}\` in ${file} holds ${target.type === 'text' ? 'texts' : target.type === 'boolean' ? 'true or false' : 'dates'}. Choose another target, or classification.`, 'task');
  }
  return { truth: target.values, classes: [], positive: 0, positiveShare: 0 };
}

function classesOf(target: TableColumn, rows: Int32Array, request: TrainRequest, file: string, fail: Fail): Goal {
  const counts = new Map<string, number>();
  for (const row of rows) {
    const text = cellText(target, row);
    counts.set(text, (counts.get(text) ?? 0) + 1);
    if (counts.size > mostClasses) {
      fail(tooManyClasses(target, file), 'target');
    }
  }
  const classes = [...counts.keys()].sort((a, b) => (a < b ? -1 : 1));
  const rarest = byFrequency(counts).at(-1) ?? ['', 0];
  if (rarest[1] < fewestPerClass) {
    fail(`The class \`${rarest[0]}\` of \`${target.name}\` has ${rarest[1]} ${rarest[1] === 1 ? 'row' : 'rows'} in ${file}; at least ${fewestPerClass} are needed to learn it and to measure how well. Collect more, or merge it with another class.`, 'target');
  }
  const positiveName = request.positive ?? positiveOf([...counts].map(([value, count]) => ({ value, count }))) ?? classes[0] ?? '';
  const positive = classes.indexOf(positiveName);
  if (positive < 0) {
    fail(`\`${positiveName}\` is not a value of \`${target.name}\`. Its values are ${classes.slice(0, 20).map((each) => `\`${each}\``).join(', ')}.`, 'positive');
  }
  const truth = new Int32Array(target.values.length).fill(-1);
  const places = new Map(classes.map((name, index) => [name, index]));
  for (const row of rows) {
    truth[row] = places.get(cellText(target, row)) ?? -1;
  }
  return { truth, classes, positive, positiveShare: (counts.get(positiveName) ?? 0) / rows.length };
}

function timesOf(column: TableColumn, file: string, fail: Fail): Float64Array {
  if (column.values instanceof Float64Array && column.type !== 'boolean') {
    return column.values;
  }
  return fail(`\`${column.name}\` in ${file} holds no dates, so rows cannot be put in order by it. Dates are read in forms such as 2024-12-31.`, 'time');
}

/** Roles name columns that there are, each in one role. */
function checkRoles(request: TrainRequest, table: Table): void {
  const file = path.basename(request.file);
  for (const [field, names] of [['observed', request.observed ?? []], ['known', request.known ?? []]] as const) {
    const unknown = names.find((name) => !table.columns.some((column) => column.name === name));
    if (unknown !== undefined) {
      throw new UserError(`${file} has no column \`${unknown}\`, which is declared as ${field === 'observed' ? '`observed`' : 'known in time'}.${hint(unknown, table)}`, { file: request.file, field });
    }
  }
  const both = request.observed?.find((name) => request.known?.includes(name));
  if (both !== undefined) {
    throw new UserError(`\`${both}\` is declared both as \`observed\` and as known in time (\`known_ahead\` or \`lagged\`). It can be one of them only.`, { file: request.file, field: 'observed' });
  }
}

function featuresOf(request: TrainRequest, table: Table, rows: Int32Array): Pick<Problem, 'features' | 'excluded'> {
  const unknown = request.exclude.find((name) => !table.columns.some((column) => column.name === name));
  if (unknown !== undefined) {
    throw new UserError(`${path.basename(request.file)} has no column \`${unknown}\` to leave out.${hint(unknown, table)}`, { file: request.file, field: 'exclude' });
  }
  const features: Feature[] = [];
  const excluded: Problem['excluded'] = [];
  for (const column of table.columns) {
    if (column.name === request.target) {
      continue;
    }
    const facts = factsOf(column, rows);
    const reason = request.exclude.includes(column.name)
      ? 'you left it out'
      : request.key?.includes(column.name)
        ? 'it identifies rows'
        : request.split === 'group' && request.group === column.name
          ? 'it names the groups that rows are split by'
          : request.horizon !== undefined && request.observed?.includes(column.name) === true
            ? observedReason(request.horizon)
            : unusable(facts, rows.length);
    if (reason !== null || column.type === 'other') {
      excluded.push({ column: column.name, reason: reason ?? 'its type is none that a model reads' });
    } else {
      features.push({ name: column.name, type: column.type === 'datetime' ? 'date' : column.type, optional: facts.missing > 0 });
    }
  }
  return { features, excluded };
}

/** Every fit must see every class, and every measurement must have something to measure. */
function checkSides(problem: Problem, file: string, fail: Fail): void {
  const { sides, truth, classes, split, folds, nested } = problem;
  const where = split.kind === 'time' ? `by \`${split.column ?? ''}\`` : split.kind === 'group' ? `by the groups of \`${split.column ?? ''}\`` : 'by their content';
  const parts: [string, Int32Array][] = [
    ...(nested ? [] : [['the rows set aside', sides.aside] as [string, Int32Array]]),
    ...sides.folds(sides.rest, folds).flatMap(({ training, validation }, fold): [string, Int32Array][] => [
      [`the training rows of fold ${fold + 1}`, training],
      [`fold ${fold + 1}`, validation],
    ]),
  ];
  for (const [name, rows] of parts) {
    if (rows.length === 0) {
      fail(`Split ${where}, ${name} of ${file} would be empty: there are too few different ${split.kind === 'group' ? 'groups' : 'rows'}. Use fewer folds or another split.`, split.kind === 'random' ? 'folds' : split.kind);
    }
    const missing = classes.find((_, index) => !rows.some((row) => truth[row] === index));
    if (missing !== undefined) {
      fail(`Split ${where}, ${name} would have no row of the class \`${missing}\`, so a model could not be ${name.includes('training') ? 'fitted' : 'measured'}. Use fewer folds, another split, or collect more rows of it.`, split.kind === 'random' ? 'folds' : split.kind);
    }
  }
}

function hint(name: string, table: Table): string {
  const plain = (text: string): string => text.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');
  const close = table.columns.find((column) => plain(column.name) === plain(name)) ?? table.columns.find((column) => plain(name) !== '' && plain(column.name).startsWith(plain(name).slice(0, 4)));
  return close === undefined ? ` It has ${table.columns.slice(0, 20).map((column) => `\`${column.name}\``).join(', ')}${table.columns.length > 20 ? ' and more' : ''}.` : ` Did you mean \`${close.name}\`?`;
}
