// What stands before an alias: the checks of ml.yaml, held against the figures of a version.
import { UserError } from '../../contracts/errors.ts';
import { higherIsBetter } from '../../contracts/metrics.ts';
import type { GateCheck } from '../../contracts/projectFile.ts';
import { shown, shownNumber, type Figures } from './figures.ts';

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

/** What a gate let pass, for the record. */
export function passed(alias: string, checks: readonly GateCheck[], figures: Figures): string {
  const looked = [...new Set(checks.map(({ metric }) => metric))].flatMap((metric) => {
    const figure = figures[metric];
    return figure === undefined ? [] : `${metric} ${shown(figure)}`;
  });
  return looked.length === 0 ? '' : `The gate of ${alias} looked at ${looked.join(', ')}.`;
}

function failure({ name, metric, min, max, not_worse_than, margin = 0 }: GateCheck, figures: Figures, holderOf: (alias: string) => Holder | null): string | null {
  const figure = figures[metric];
  const value = figure?.value;
  const said = (wanted: string, found: string): string => `“${name}” wants ${metric} ${wanted}, ${found}`;
  const own = figure === undefined ? 'and its run has no such figure' : `and it is ${shown(figure)}`;
  if (not_worse_than !== undefined) {
    const holder = holderOf(not_worse_than);
    if (holder === null) {
      return null;
    }
    const theirs = holder.figures[metric]?.value;
    if (typeof theirs !== 'number') {
      return said(`not worse than that of version ${holder.version} (${not_worse_than})`, 'whose run has no such figure');
    }
    const more = higherIsBetter(metric);
    const bound = more ? theirs - margin : theirs + margin;
    const holds = typeof value === 'number' && (more ? value >= bound : value <= bound);
    return holds ? null : said(`of at ${more ? 'least' : 'most'} ${shownNumber(bound)}, not worse than version ${holder.version} (${not_worse_than})`, own);
  }
  const holds = typeof value === 'number' && (min === undefined || value >= min) && (max === undefined || value <= max);
  const bounds = [...(min === undefined ? [] : [`at least ${shownNumber(min)}`]), ...(max === undefined ? [] : [`at most ${shownNumber(max)}`])];
  return holds ? null : said(`of ${bounds.join(' and ')}`, own);
}
