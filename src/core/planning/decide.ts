// What follows from a column when nobody said otherwise. Shared by the plan in words and by the training itself.
import type { ColumnType } from '../../contracts/profile.ts';
import type { MetricName, Task } from '../../contracts/training.ts';

export interface ColumnFacts {
  name: string;
  type: ColumnType;
  missing: number;
  distinct: number;
  /** The distinct values as text, where they are few. */
  values?: readonly { value: string; count: number }[] | undefined;
}

/** This share of the rows is set aside. */
export const setAsideShare = 0.2;
/** Whole numbers with at most this many values are classes. */
const mostClassNumbers = 10;
export const mostClasses = 100;
/** Below this many rows nothing is set aside; nested cross-validation measures instead. */
export const nestedBelow = 1000;
export const fewestRows = 50;
export const fewestPerClass = 10;
/** Below this share of positives ROC AUC flatters as well; average precision is the headline. */
const rarePositives = 0.1;

/** Texts and truth values are classes, numbers are numbers, but for a few whole ones. */
export function taskOf(column: ColumnFacts): Task {
  if (column.type !== 'number') {
    return 'classification';
  }
  const whole = column.values?.every(({ value }) => /^-?\d+(\.0)?$/.test(value)) ?? false;
  return whole && column.distinct <= mostClassNumbers ? 'classification' : 'regression';
}

/** Why a column with more than `mostClasses` values is no target of a classification, and what to do. @param file named where it helps. */
export function tooManyClasses({ name, type }: Pick<ColumnFacts, 'name' | 'type'>, file?: string): string {
  const instead = { number: 'Choose regression.', text: 'Choose another target, or one with fewer classes.', boolean: '', date: datesInstead, datetime: datesInstead, other: 'Choose a column of numbers, or one with fewer classes.' }[type];
  return `\`${name}\`${file === undefined ? '' : ` in ${file}`} has more than ${mostClasses} different values, and at most ${mostClasses} classes can be learnt. ${instead}`.trimEnd();
}
const datesInstead = 'It holds dates, which cannot be predicted as such: predict a number instead, for example the days until then.';

/** The rarer of two classes; of two equally frequent ones the later by name. */
export function positiveOf(values: readonly { value: string; count: number }[]): string | null {
  const [a, b] = values;
  if (values.length !== 2 || a === undefined || b === undefined) {
    return null;
  }
  return a.count === b.count ? (a.value > b.value ? a.value : b.value) : a.count < b.count ? a.value : b.value;
}

/** The metric that is shown first, and picks where nobody chose another. */
export function headlineOf(task: Task, classes: number, positiveShare: number): MetricName {
  if (task === 'regression') {
    return 'mae';
  }
  return classes > 2 ? 'log_loss' : positiveShare < rarePositives ? 'average_precision' : 'roc_auc';
}

/** Why a column cannot help a model; null where it may. */
export function unusable(column: ColumnFacts, rows: number): string | null {
  const present = rows - column.missing;
  if (column.type === 'other') {
    return 'its type is none that a model reads';
  }
  if (present === 0) {
    return 'it has no values';
  }
  if (column.distinct <= 1 && column.missing === 0) {
    return 'it has the same value in every row';
  }
  if (column.type === 'text' && column.distinct > 50 && column.distinct > present * 0.5) {
    return 'nearly every row has another text: it names rows, or is free text';
  }
  if (column.type === 'number' && column.distinct === present && present >= fewestRows && /(^|[_\s-])(id|key|uuid|index)$|^(id|index|row)([_\s-]|$)|[a-z]Id$/i.test(column.name)) {
    return 'every row has another value and its name says that it identifies rows';
  }
  return null;
}

export const metricLabels: Record<MetricName, string> = {
  roc_auc: 'ROC AUC',
  average_precision: 'average precision',
  log_loss: 'log loss',
  accuracy: 'accuracy',
  f1: 'F1',
  r2: 'R²',
  rmse: 'RMSE',
  mae: 'MAE',
};

/** Whether a metric belongs to a task. */
export function suits(metric: MetricName, task: Task): boolean {
  return (task === 'regression') === ['r2', 'rmse', 'mae'].includes(metric);
}
