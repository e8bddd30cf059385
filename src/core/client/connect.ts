import { spawn } from 'node:child_process';
import { randomBytes, timingSafeEqual } from 'node:crypto';
import { closeSync, openSync } from 'node:fs';
import { mkdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { UserError } from '../../contracts/errors.ts';
import { Proof } from '../../contracts/server.ts';
import { folderIdentity, isRunning, proofOf, readServerFile, readToken, serverPaths, whereabouts } from '../discovery/api.ts';
import type { Project } from '../project/api.ts';
import { open, text, type Address } from './http.ts';
import { createClient, type ProjectClient } from './projectClient.ts';

/** Where the built processes lie and what runs them. */
export interface RuntimeLocation {
  /** dist/runtime, or its copy. */
  folder: string;
  /** A Node ≥ 22.13, or the editor's own binary. */
  execPath: string;
  /** True where `execPath` is the editor's binary, which must be told to run as Node. */
  electron: boolean;
  /** Holds an installed @tensorflow/tfjs-node, where there is one. */
  tensorflowFolder?: string;
}

/** How long a server may take to be ready. In milliseconds. */
const startPatience = 30_000;

/**
 * Connects to the project's server, which is started where none runs. Starters race safely: one server wins and all
 * get it.
 *
 * @throws UserError where it cannot be started; the message says why.
 */
export async function connect(project: Project, runtime: RuntimeLocation): Promise<ProjectClient> {
  const reach = (): Promise<Address> => reachOrStart(project, runtime);
  return createClient(await reach(), reach);
}

/** Connects to the server that runs; null where none does. Never starts one. */
export async function connectRunning(project: Project): Promise<ProjectClient | null> {
  const address = await findServer(project);
  return address === null ? null : createClient(address, null);
}

/** The running server, once it has proven that it knows the token and serves this folder; null where there is none. */
async function findServer(project: Project): Promise<Address | null> {
  const [found, token] = await Promise.all([readServerFile(project), readToken(project)]);
  if (found.kind === 'none' || token === null) {
    return null;
  }
  const where = await whereabouts(found.file);
  if (where === 'earlier') {
    return null;
  }
  if (where === 'elsewhere') {
    throw new UserError(
      `The project server of ${project.root} runs on another machine or container, ${found.file.host_name}. Stop it there, or, if it is gone, delete ${serverPaths(project).server}.`,
      { file: serverPaths(project).server },
    );
  }
  const address = { port: found.file.port, token };
  return (await proves(address, folderIdentity(project.stateFolder) ?? '')) ? address : null;
}

/** The nonce goes without the token: a stranger on the port learns nothing. */
async function proves(address: Address, folder: string): Promise<boolean> {
  const nonce = randomBytes(24).toString('base64url');
  try {
    const response = await open({ port: address.port, token: '' }, 'POST', '/api/proof', { body: { nonce }, signal: AbortSignal.timeout(3000) });
    const { proof } = Proof.parse(JSON.parse(await text(response)));
    const expected = Buffer.from(proofOf(address.token, nonce, folder));
    const given = Buffer.from(proof);
    return given.length === expected.length && timingSafeEqual(given, expected);
  } catch {
    return false;
  }
}

async function reachOrStart(project: Project, runtime: RuntimeLocation): Promise<Address> {
  await removeStale(project);
  const until = Date.now() + startPatience;
  let attempt: StartAttempt | null = null;
  for (;;) {
    const address = await findServer(project);
    if (address !== null) {
      return address;
    }
    if (attempt === null || attempt.ended()) {
      const said = attempt === null ? null : await attempt.said();
      if (said !== null) {
        throw new UserError(said);
      }
      attempt = await start(project, runtime);
    }
    if (Date.now() > until) {
      throw new UserError(`The project server of ${project.root} did not become ready within ${startPatience / 1000} seconds. ${serverPaths(project).log} may say why.`, { file: serverPaths(project).log });
    }
    await pause(50);
  }
}

/** Removes what a server of this machine left that is gone. Another machine's stays, and is reported. */
async function removeStale(project: Project): Promise<void> {
  const found = await readServerFile(project);
  if (found.kind === 'none') {
    return;
  }
  const where = await whereabouts(found.file);
  if (where === 'earlier' || (where === 'here' && !(await isRunning(found.file.pid, found.file.process_start)))) {
    await rm(serverPaths(project).server, { force: true });
  }
}

interface StartAttempt {
  ended(): boolean;
  /** Why it ended without serving; null where another server took its place. */
  said(): Promise<string | null>;
}

async function start(project: Project, runtime: RuntimeLocation): Promise<StartAttempt> {
  await mkdir(project.logsFolder, { recursive: true });
  const log = path.join(project.logsFolder, `start-${process.pid}-${randomBytes(4).toString('hex')}.log`);
  const output = openSync(log, 'w');
  let code: number | null | undefined;
  let failure: Error | undefined;
  try {
    const child = spawn(runtime.execPath, [path.join(runtime.folder, 'project-server.js'), '--project', project.root], {
      detached: true,
      windowsHide: true,
      stdio: ['ignore', 'ignore', output],
      env: serverEnvironment(runtime),
    });
    child.on('exit', (given) => {
      code = given;
      void rmLater(log, given);
    });
    child.on('error', (error) => {
      failure = error;
      code = null;
    });
    child.unref();
  } finally {
    closeSync(output);
  }
  return {
    ended: () => code !== undefined,
    async said() {
      if (failure !== undefined) {
        return `The project server could not be started with ${runtime.execPath}: ${failure.message}.`;
      }
      if (code === 0) {
        return null;
      }
      const words = (await readFile(log, 'utf8').catch(() => '')).trim();
      await rm(log, { force: true });
      return words === '' ? `The project server ended at once with exit code ${String(code)}.` : words;
    },
  };
}

async function rmLater(log: string, code: number | null): Promise<void> {
  if (code === 0) {
    await rm(log, { force: true });
  }
}

/** Without the editor's own variables, which would change what the server and its jobs do. */
function serverEnvironment(runtime: RuntimeLocation): NodeJS.ProcessEnv {
  const kept = Object.fromEntries(Object.entries(process.env).filter(([key]) => !/^(VSCODE_|ELECTRON_)|^NODE_OPTIONS$/.test(key)));
  return {
    ...kept,
    ...(runtime.electron ? { ELECTRON_RUN_AS_NODE: '1' } : {}),
    ...(runtime.tensorflowFolder === undefined ? {} : { ML_LIFECYCLE_TENSORFLOW: runtime.tensorflowFolder }),
  };
}
