// What the schema of ml.yaml cannot say: names that must be there, and columns that can have one role only.
import type { Gates, ProjectFile } from '../../contracts/projectFile.ts';

export interface ReferenceProblem {
  message: string;
  path: string[];
  /** For a name that is not there: the names that are. */
  known?: string[];
  /** The last part of `path` is not there. */
  missing?: true;
}

const roles = ['known_ahead', 'observed', 'lagged'] as const;

/** Names that lead nowhere, and columns with two roles, in the order of the file's sections. */
export function referenceProblems(file: ProjectFile): ReferenceProblem[] {
  const problems: ReferenceProblem[] = [];
  for (const [name, dataset] of Object.entries(file.datasets ?? {})) {
    const seen = new Map<string, string>();
    for (const role of roles) {
      for (const [index, column] of (dataset[role] ?? []).entries()) {
        const other = seen.get(column);
        if (other !== undefined) {
          problems.push({ message: `\`${column}\` is ${other === role ? `in \`${role}\` twice` : `both \`${other}\` and \`${role}\``}. A column has one role.`, path: ['datasets', name, role, String(index)] });
        }
        seen.set(column, role);
      }
    }
  }
  const datasets = Object.keys(file.datasets ?? {});
  for (const [name, model] of Object.entries(file.models ?? {})) {
    if (model.dataset === undefined) {
      // What is only guarded is trained by programs.
      if (model.gates === undefined) {
        problems.push({ message: `\`dataset\` is missing in \`models.${name}\`.`, path: ['models', name, 'dataset'], missing: true });
      }
    } else if (!datasets.includes(model.dataset)) {
      problems.push({ message: `There is no data set \`${model.dataset}\`.`, path: ['models', name, 'dataset'], known: datasets });
    }
    problems.push(...gateProblems(name, model.gates ?? {}));
  }
  const models = Object.keys(file.models ?? {});
  for (const [name, retraining] of Object.entries(file.retraining ?? {})) {
    if (!models.includes(retraining.model)) {
      problems.push({ message: `There is no model \`${retraining.model}\` under \`models\`.`, path: ['retraining', name, 'model'], known: models });
    }
    for (const trigger of ['on_drift', 'on_worse_score'] as const) {
      if (retraining[trigger] === true && retraining.deployment === undefined) {
        problems.push({ message: `\`${trigger}\` needs \`deployment\`: the endpoint whose alarms start the retraining.`, path: ['retraining', name, trigger] });
      }
    }
  }
  return problems;
}

/** A check that could not fail, or says two things at once. */
function gateProblems(model: string, gates: Gates): ReferenceProblem[] {
  return Object.entries(gates).flatMap(([alias, checks]) =>
    checks.flatMap(({ min, max, not_worse_than, margin }, index): ReferenceProblem[] => {
      const path = ['models', model, 'gates', alias, String(index)];
      const bounded = min !== undefined || max !== undefined;
      if (bounded === (not_worse_than !== undefined)) {
        return [{ message: bounded ? 'A check has either `min` and `max`, or `not_worse_than`.' : 'A check needs `min`, `max` or `not_worse_than`.', path }];
      }
      if (min !== undefined && max !== undefined && min > max) {
        return [{ message: '`min` is more than `max`, so nothing passes.', path: [...path, 'min'] }];
      }
      return margin !== undefined && bounded ? [{ message: '`margin` goes with `not_worse_than`.', path: [...path, 'margin'] }] : [];
    }),
  );
}
