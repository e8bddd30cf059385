// Programs on this machine, and what they print.
import { execFile } from 'node:child_process';
import { access, constants } from 'node:fs/promises';
import path from 'node:path';

/** Whether this user may run the file. */
export function isExecutable(file: string): Promise<boolean> {
  return access(file, constants.X_OK).then(
    () => true,
    () => false,
  );
}

/** Every executable of this name in the folders of PATH, in their order. Relative folders are not searched. */
export async function onPath(name: string): Promise<string[]> {
  const folders = (process.env['PATH'] ?? '').split(path.delimiter).filter((folder) => path.isAbsolute(folder));
  const files = [...new Set(folders)].map((folder) => path.join(folder, name));
  const usable = await Promise.all(files.map(isExecutable));
  return files.filter((_, index) => usable[index]);
}

/** The first program of this name on the PATH, without its extension on Windows; null where there is none. */
export async function findProgram(name: string): Promise<string | null> {
  return (await onPath(process.platform === 'win32' ? `${name}.exe` : name))[0] ?? null;
}

/** What a program prints, or nothing where it fails or takes longer than `timeout` milliseconds. */
export function output(program: string, args: string[], { cwd, timeout = 10_000 }: { cwd?: string; timeout?: number } = {}): Promise<string> {
  return new Promise((resolve) => {
    execFile(program, args, { timeout, windowsHide: true, encoding: 'utf8', maxBuffer: 50_000_000, ...(cwd === undefined ? {} : { cwd }) }, (error, stdout, stderr) => {
      resolve(error === null ? `${stdout}${stderr}`.trim() : '');
    });
  });
}
