// Data quality of a window: what is missing, and what training never saw.
import type { ModelInput } from '../../contracts/model.ts';
import type { ColumnQuality } from '../../contracts/monitoring.ts';
import type { ColumnValues } from './bins.ts';
import { twoProportions } from './statistics/tests.ts';
import type { VersionReference } from './versionReference.ts';

/** So large a share of rows is a problem: outside of what training saw, or missing beyond what was missing there. */
const tolerated = 0.05;
/** And so rare must the missing values be by chance. */
const significance = 0.001;
const examples = 5;

/** One entry for each input; dates go on by themselves and are never outside. */
export function qualityOf(inputs: readonly ModelInput[], columns: ReadonlyMap<string, ColumnValues>, reference: VersionReference | null): ColumnQuality[] {
  return inputs.map((input) => {
    const values = columns.get(input.name) ?? [];
    const known = reference?.inputs.get(input.name);
    const levels = new Set([...(input.categories ?? []), ...(known?.levels ?? [])]);
    const judged = input.type === 'text' && levels.size > 0;
    const unseen = new Map<string, number>();
    let missing = 0;
    let outside = 0;
    for (const value of values) {
      if (value === null || Number.isNaN(value)) {
        missing += 1;
      } else if (typeof value === 'number') {
        outside += input.type === 'number' && (value < (input.minimum ?? Number.NEGATIVE_INFINITY) || value > (input.maximum ?? Number.POSITIVE_INFINITY)) ? 1 : 0;
      } else if (judged && !levels.has(value)) {
        outside += 1;
        unseen.set(value, (unseen.get(value) ?? 0) + 1);
      }
    }
    const rows = Math.max(1, values.length);
    const often = [...unseen].sort(([, a], [, b]) => b - a).slice(0, examples).map(([value]) => value);
    return { name: input.name, missing: missing / rows, reference_missing: known?.missing ?? 0, outside: outside / rows, unseen: often };
  });
}

/** What is wrong with a column, in a sentence; null where nothing is. */
export function qualityProblem(quality: ColumnQuality, rows: number, referenceRows: number): string | null {
  const percent = (share: number): string => `${Number((100 * share).toPrecision(3))} %`;
  if (quality.outside > tolerated) {
    const named = quality.unseen.length === 0 ? 'lie outside the range that training saw' : `are categories that training never saw, such as ${quality.unseen.map((value) => `"${value}"`).join(', ')}`;
    return `${percent(quality.outside)} of the values of \`${quality.name}\` ${named}.`;
  }
  const more = quality.missing - quality.reference_missing;
  const chance = twoProportions({ hits: quality.missing * rows, of: rows }, { hits: quality.reference_missing * referenceRows, of: referenceRows }).p;
  return more > tolerated && chance < significance ? `${percent(quality.missing)} of the values of \`${quality.name}\` are missing; in training it was ${percent(quality.reference_missing)}.` : null;
}
