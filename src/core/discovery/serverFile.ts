import { randomBytes } from 'node:crypto';
import { readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { ServerFile } from '../../contracts/server.ts';
import type { Project } from '../project/api.ts';
import { writeFileAtomic } from '../files/api.ts';
import { bootId } from './processIdentity.ts';

/** The server's files in `.ml/`. */
export function serverPaths(project: Project): { server: string; token: string; port: string; log: string } {
  const within = (name: string): string => path.join(project.stateFolder, name);
  return { server: within('server.json'), token: within('server.key'), port: within('server.port'), log: path.join(project.logsFolder, 'server.log') };
}

export type FoundServer = { kind: 'none' } | { kind: 'found'; file: ServerFile };

/** What server.json says; `none` where it is missing or unreadable. It is a claim: the server must prove itself. */
export async function readServerFile(project: Project): Promise<FoundServer> {
  const text = await readFile(serverPaths(project).server, 'utf8').catch(() => null);
  if (text === null) {
    return { kind: 'none' };
  }
  try {
    return { kind: 'found', file: ServerFile.parse(JSON.parse(text)) };
  } catch {
    return { kind: 'none' };
  }
}

export async function writeServerFile(project: Project, file: ServerFile): Promise<void> {
  await writeFileAtomic(serverPaths(project).server, `${JSON.stringify(file, null, 2)}\n`, { mode: 0o600 });
}

/** Removes server.json when it is about this process. */
export async function removeServerFile(project: Project, pid: number): Promise<void> {
  const found = await readServerFile(project);
  if (found.kind === 'found' && found.file.pid === pid && (await whereabouts(found.file)) === 'here') {
    await rm(serverPaths(project).server, { force: true });
  }
}

/** This host as server.json names it; a Linux inside Windows goes by the same host name, but is another system. */
export function hostName(): string {
  return `${os.hostname()} (${process.platform})`;
}

/** `elsewhere` is never trusted or ended; `earlier` ran before this start of the machine, and is gone. */
export async function whereabouts(file: ServerFile): Promise<'here' | 'earlier' | 'elsewhere'> {
  if (file.host_name !== hostName()) {
    return 'elsewhere';
  }
  return file.boot_id === (await bootId()) ? 'here' : 'earlier';
}

export async function readToken(project: Project): Promise<string | null> {
  const text = await readFile(serverPaths(project).token, 'utf8').catch(() => '');
  return text.trim() || null;
}

/** The project's token, made once and kept; `given` takes its place. Readable by its owner only. */
export async function makeToken(project: Project, given?: string): Promise<string> {
  const file = serverPaths(project).token;
  if (given !== undefined && given !== '') {
    await writeFileAtomic(file, `${given}\n`, { mode: 0o600 });
    return given;
  }
  const known = await readToken(project);
  if (known !== null) {
    return known;
  }
  const token = randomBytes(32).toString('base64url');
  await writeFile(file, `${token}\n`, { mode: 0o600, flag: 'wx' }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') {
      throw error;
    }
  });
  return (await readToken(project)) ?? token;
}
