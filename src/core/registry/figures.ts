// The figures that gates look at: those of the model that a program logged, then those of its run, then those in its file.
import type { LoggedModel } from '../tracking/api.ts';

/** A last value, null where it is not a number, and whose it is. */
export interface Figure {
  value: number | null;
  of: 'model' | 'run' | 'file';
}

export type Figures = Readonly<Record<string, Figure>>;

type Values = Readonly<Record<string, number | null>>;

/** @param model null where a version comes from no logged model @param run null where its run is not here */
export function figuresOf({ model, run, file }: { model: Values | null; run: Values | null; file: Values }): Figures {
  const from = (values: Values, of: Figure['of']): Figures => Object.fromEntries(Object.entries(values).map(([name, value]) => [name, { value, of }]));
  return { ...from(file, 'file'), ...from(run ?? {}, 'run'), ...from(model ?? {}, 'model') };
}

/** The last value of each metric of a logged model, on whichever data set that was. */
export function lastOf({ metrics }: LoggedModel): Values {
  const inOrder = metrics.toSorted((a, b) => a.step - b.step || a.timestamp - b.timestamp);
  return Object.fromEntries(inOrder.map(({ key, value }) => [key, Number.isFinite(value) ? value : null]));
}

/** A figure in a sentence; never so short that it looks like the bound that it missed. */
export function shown({ value, of }: Figure): string {
  const digits = value === null ? 'not a number' : shownNumber(value);
  return of === 'file' ? digits : `${digits} (${of === 'model' ? 'its logged model' : 'its run'})`;
}

export function shownNumber(value: number): string {
  return String(Number(value.toPrecision(6)));
}
