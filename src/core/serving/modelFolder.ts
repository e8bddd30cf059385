import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { UserError } from '../../contracts/errors.ts';
import { ModelFile, modelFileName } from '../../contracts/model.ts';
import { trainingReportFile, type TrainingReport } from '../../contracts/training.ts';
import { writeFileAtomic } from '../files/api.ts';
import { compileModel, type LoadedModel } from './compileModel.ts';

/** Writes a model and its report into a folder. */
export async function writeModelFolder(folder: string, model: ModelFile, report: TrainingReport): Promise<void> {
  await writeFileAtomic(path.join(folder, modelFileName), `${JSON.stringify(model)}\n`);
  await writeFileAtomic(path.join(folder, trainingReportFile), `${JSON.stringify(report, null, 2)}\n`);
}

/** Loads a model from its folder, or from its file. @throws UserError where there is none or it is damaged. */
export async function loadModelFolder(folder: string): Promise<LoadedModel> {
  const isFolder = await stat(folder).then(
    (found) => found.isDirectory(),
    () => false,
  );
  const file = isFolder ? path.join(folder, modelFileName) : folder;
  const text = await readFile(file, 'utf8').catch(() => {
    throw new UserError(`There is no model in ${folder}: ${modelFileName} is not there.`, { file });
  });
  try {
    return compileModel(ModelFile.parse(JSON.parse(text)));
  } catch (error) {
    throw new UserError(`${file} is not a model of this program, or is damaged. Copy it again from where it was made.`, { file }, { cause: error });
  }
}
