// What stands before an alias: the checks of ml.yaml, held against the figures of a version.
import { UserError } from '../../contracts/errors.ts';
import { higherIsBetter } from '../../contracts/metrics.ts';
import type { GateCheck } from '../../contracts/projectFile.ts';

/** The last values of a run's metrics; null is not a number. */
export type Figures = Readonly<Record<string, number | null>>;

/** The version that has an alias which a check measures by. */
export interface Holder {
  version: number;
  figures: Figures;
}

/** A move that a gate refused. Its place is the gate in ml.yaml. */
export class GateRefusal extends UserError {}

/**
 * Why each check that does not hold does not, in words; nothing where all hold.
 *
 * @param holderOf the version that has an alias; null where none has it, or where it is this version.
 */
export function failuresOf(checks: readonly GateCheck[], figures: Figures, holderOf: (alias: string) => Holder | null): string[] {
  return checks.flatMap((check) => failure(check, figures, holderOf) ?? []);
}

function failure({ name, metric, min, max, not_worse_than, margin = 0 }: GateCheck, figures: Figures, holderOf: (alias: string) => Holder | null): string | null {
  const value = figures[metric];
  const said = (wanted: string, found: string): string => `“${name}” wants ${metric} ${wanted}, ${found}`;
  const own = value === undefined ? 'and its run has no such figure' : value === null ? 'and that of its run is not a number' : `and it is ${shown(value)}`;
  if (not_worse_than !== undefined) {
    const holder = holderOf(not_worse_than);
    if (holder === null) {
      return null;
    }
    const theirs = holder.figures[metric];
    if (typeof theirs !== 'number') {
      return said(`not worse than that of version ${holder.version} (${not_worse_than})`, 'whose run has no such figure');
    }
    const more = higherIsBetter(metric);
    const bound = more ? theirs - margin : theirs + margin;
    const holds = typeof value === 'number' && (more ? value >= bound : value <= bound);
    return holds ? null : said(`of at ${more ? 'least' : 'most'} ${shown(bound)}, not worse than version ${holder.version} (${not_worse_than})`, own);
  }
  const holds = typeof value === 'number' && (min === undefined || value >= min) && (max === undefined || value <= max);
  const bounds = [...(min === undefined ? [] : [`at least ${shown(min)}`]), ...(max === undefined ? [] : [`at most ${shown(max)}`])];
  return holds ? null : said(`of ${bounds.join(' and ')}`, own);
}

/** As people read it; never so short that a figure looks like the bound that it missed. */
function shown(value: number): string {
  return String(Number(value.toPrecision(6)));
}
