// Finds a Node that outlives the editor: a standalone one where there is one, else the editor's own binary.
import { onPath, output } from '../../core/python/api.ts';

export interface NodeProgram {
  path: string;
  version: [major: number, minor: number];
  /** The editor's Electron binary, which is Node only with ELECTRON_RUN_AS_NODE. */
  electron: boolean;
}

const oldest: [number, number] = [22, 13];
let found: Promise<NodeProgram> | undefined;

/** The Node that processes beside the editor run on; looked for once per window. */
export function findNode(): Promise<NodeProgram> {
  found ??= search();
  return found;
}

async function search(): Promise<NodeProgram> {
  for (const candidate of await onPath(process.platform === 'win32' ? 'node.exe' : 'node')) {
    const version = await versionOf(candidate);
    if (version !== null && atLeast(version, oldest)) {
      return { path: candidate, version, electron: false };
    }
  }
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  return { path: process.execPath, version: [major, minor], electron: process.versions['electron'] !== undefined };
}

/** Whether `version` is `wanted` or newer. */
export function atLeast(version: [number, number], wanted: [number, number]): boolean {
  return version[0] > wanted[0] || (version[0] === wanted[0] && version[1] >= wanted[1]);
}

async function versionOf(program: string): Promise<[number, number] | null> {
  const match = /^v(\d+)\.(\d+)\./.exec(await output(program, ['--version']));
  return match === null ? null : [Number(match[1]), Number(match[2])];
}
