import type { ModelInput, Signature } from '../../contracts/model.ts';
import { byFrequency, median } from './fitRecipe.ts';
import type { Problem } from './problem.ts';

const mostCategories = 100;

/** What the model takes and gives, with typical values for a form, from the rows it was fitted on. */
export function signatureOf(problem: Problem, rows: Int32Array): Signature {
  const two = problem.classes.length === 2;
  return {
    inputs: problem.features.map((feature): ModelInput => {
      const base = { name: feature.name, type: feature.type, optional: feature.optional };
      const values = problem.inputs.get(feature.name)!;
      if (!(values instanceof Float64Array)) {
        const counts = new Map<string, number>();
        for (const row of rows) {
          const value = values[row];
          if (value !== null && value !== undefined) {
            counts.set(value, (counts.get(value) ?? 0) + 1);
          }
        }
        const categories = byFrequency(counts).map(([value]) => value).slice(0, mostCategories);
        return { ...base, categories, typical: categories[0] ?? null };
      }
      const present = Float64Array.from(rows, (row) => values[row]!).filter((value) => !Number.isNaN(value)).sort();
      const middle = median(present);
      switch (feature.type) {
        case 'boolean':
          return { ...base, typical: present.length === 0 ? null : middle >= 0.5 };
        case 'date':
          return { ...base, typical: present.length === 0 ? null : new Date(present[present.length >> 1]!).toISOString().slice(0, 10) };
        default:
          return { ...base, minimum: present[0] ?? 0, maximum: present.at(-1) ?? 0, typical: present.length === 0 ? null : middle };
      }
    }),
    output: { name: problem.target, task: problem.task, ...(problem.task === 'classification' ? { classes: problem.classes, ...(two ? { positive: problem.classes[problem.positive]! } : {}) } : {}) },
  };
}
