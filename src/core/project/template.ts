import path from 'node:path';
import { stringify } from 'yaml';

/** A first ml.yaml that explains itself: the data files found, and what else can stand in it as comments. */
export function template(projectName: string, files: readonly string[]): string {
  const datasets = new Map<string, string>();
  for (const file of files) {
    const name = entryName(path.basename(file).replace(/\.gz$/i, '').replace(/\.[^.]+$/, ''));
    if (!datasets.has(name)) {
      datasets.set(name, file.split(path.sep).join('/'));
    }
  }
  const first = [...datasets.keys()][0];
  const listed = [...datasets].map(([name, file]) => `  ${scalar(name)}:\n    path: ${scalar(file)}\n`).join('');
  return `# The project file of ML Lifecycle. Hover a key to see what it means.
# Everything here can also be made by a click.
project: ${scalar(entryName(projectName))}

# The data that this project works with, each under a name. Besides \`path\` an entry may have:
#   description: What the rows are, in a sentence.
#   target: churned            the column that models learn to predict
#   time: signup_date          the date of a row: models are judged on the newest part
#   group: customer_id         rows with the same value stay on one side of the split
#   key: [customer_id]         what identifies a row
${listed === '' ? '# datasets:\n#   customers:\n#     path: customers.csv\n' : `datasets:\n${listed}`}
# How each model is trained, each under a name. For example:
# models:
#   churn:
#     dataset: ${first ?? 'customers'}
#     task: classification     # or regression; without it the target decides
#     positive: "yes"          # the class of interest
#     metric: average_precision
#     exclude: [customer_id]   # columns that the model must not see
#     trainers: [linear, mlp]  # cross-validation picks the better one
#     folds: 5
#     seed: 0
`;
}

/** A name that ml.yaml accepts, made from any text. */
export function entryName(text: string): string {
  const clean = text.normalize('NFKD').replace(/[^A-Za-z0-9._-]+/g, '-').replace(/^[^A-Za-z0-9]+|-+$/g, '').slice(0, 100);
  return clean === '' ? 'project' : clean;
}

function scalar(text: string): string {
  return stringify(text, { lineWidth: 0 }).trimEnd();
}
