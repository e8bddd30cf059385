import { lstat, mkdir, readFile, realpath, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { UserError } from '../../contracts/errors.ts';

/**
 * Makes `.ml/` where it is missing and refuses one that somebody else could have planted: a link, a file,
 * or (on systems with owners) a folder that belongs to another user. A repository must not be able to bring its own.
 */
export async function prepareStateFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true }).catch((error: NodeJS.ErrnoException) => {
    throw error.code === 'EEXIST'
      ? new UserError(`${folder} is not a folder. Move it away; ML Lifecycle keeps its state there.`, { file: folder })
      : new UserError(`${folder} cannot be made: ${error.message}. ML Lifecycle keeps its state there.`, { file: folder });
  });
  const found = await lstat(folder);
  if (found.isSymbolicLink() || (await realpath(folder)) !== path.join(await realpath(path.dirname(folder)), path.basename(folder))) {
    throw new UserError(`${folder} is a link to another place. Remove it; ML Lifecycle keeps its state in a folder of its own.`, { file: folder });
  }
  if (process.getuid !== undefined && found.uid !== process.getuid()) {
    throw new UserError(`${folder} belongs to another user. Remove it, or open the project as that user.`, { file: folder });
  }
  const ignore = path.join(folder, '.gitignore');
  const written = await readFile(ignore, 'utf8').catch(() => null);
  if (written === null) {
    await writeFile(ignore, '*\n');
  }
}
