import { once } from 'node:events';
import { access, mkdir, readFile, stat, rename } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { pino } from 'pino';
import { UserError } from '../../contracts/errors.ts';
import { bootId, folderIdentity, hostName, makeToken, processStart, readServerFile, removeServerFile, serverPaths, whereabouts, writeServerFile } from '../../core/discovery/api.ts';
import { writeFileAtomic } from '../../core/files/api.ts';
import { isFollowedByGit } from '../../core/git/api.ts';
import { prepareStateFolder, projectAt, type Project } from '../../core/project/api.ts';
import { bringDatabase, databasePlace, openDatabase } from '../../core/store/api.ts';
import { version } from '../../../package.json';
import { createApp } from './app.ts';
import { takeLock } from './lock.ts';
import { makeServices } from './services.ts';

export interface ServeOptions {
  root: string;
  /** Prints `{"tracking_uri": …}` when ready and never ends by itself. */
  foreground: boolean;
  port?: number;
  token?: string;
  /** Ends when nobody listened, asked or ran anything for so long. */
  idleSeconds: number;
}

const longestLog = 5_000_000;

/** Serves a project until it is stopped or nothing needs it. Returns at once where another process serves it. */
export async function serve(options: ServeOptions): Promise<void> {
  const project = projectAt(path.resolve(options.root));
  await access(project.root).catch(() => {
    throw new UserError(`The folder ${project.root} does not exist.`, { file: project.root });
  });
  await prepareStateFolder(project.stateFolder);
  if (await isFollowedByGit(project.stateFolder)) {
    throw new UserError(`${project.stateFolder} is followed by Git, so it may hold what somebody else put there. Remove it from the repository (git rm -r --cached .ml) and delete it, then try again.`, { file: project.stateFolder });
  }
  const paths = serverPaths(project);
  const place = await databasePlace(project);
  if (place.notice !== null) {
    await refuseSecond(project);
  }
  const lock = takeLock(place.lock);
  if (lock === null) {
    if (options.foreground) {
      throw new UserError(`A server runs for ${project.root} already. Stop it with "ml-lifecycle server --stop" first.`);
    }
    return;
  }
  const log = await openLog(project);
  await bringDatabase(place);
  const database = openDatabase(place.file);
  const token = await makeToken(project, options.token);
  let uri: string | null = null;
  const services = makeServices(project, database, token, import.meta.dirname, log, () => uri);
  const stopped = new AbortController();
  let stopEndpoints = false;
  const activity = { last: Date.now() };
  const app = createApp({
    ...services,
    project,
    version,
    token,
    database,
    place,
    log,
    activity,
    stop: (wanted) => {
      stopEndpoints = wanted.endpoints === true;
      stopped.abort();
    },
  });
  await services.open();
  const port = await listen(app, paths.port, options.port, log);
  uri = `http://127.0.0.1:${port}`;
  await writeServerFile(project, { port, pid: process.pid, process_start: (await processStart(process.pid)) ?? '', host_name: hostName(), boot_id: await bootId(), version });
  log.info({ port, node: process.version, host: os.hostname(), database: place.file }, 'ready');
  if (place.notice !== null) {
    log.warn(place.notice);
  }
  if (options.foreground) {
    console.log(JSON.stringify({ tracking_uri: uri }));
  }
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
    process.on(signal, () => stopped.abort());
  }
  const folder = folderIdentity(project.stateFolder);
  const timer = setInterval(() => {
    if (folderIdentity(project.stateFolder) !== folder) {
      log.warn('the folder was moved or deleted');
      stopped.abort();
    } else if (services.needed) {
      activity.last = Date.now();
    } else if (!options.foreground && Date.now() - activity.last > options.idleSeconds * 1000) {
      log.info('nothing needs this server');
      stopped.abort();
    }
  }, 500);
  if (!stopped.signal.aborted) {
    await once(stopped.signal, 'abort');
  }
  clearInterval(timer);
  await removeServerFile(project, process.pid);
  await services.close({ stopEndpoints });
  await app.close();
  database.close();
  lock.release();
  log.info('ended');
}

/** Where machines share a project, each has a lock of its own; server.json tells of the others. @throws UserError. */
async function refuseSecond(project: Project): Promise<void> {
  const found = await readServerFile(project);
  if (found.kind === 'found' && (await whereabouts(found.file)) === 'elsewhere') {
    const { server } = serverPaths(project);
    throw new UserError(`The project server of ${project.root} runs on another machine or container, ${found.file.host_name}. Stop it there, or, if it is gone, delete ${server}.`, { file: server });
  }
}

/** The last port first, so that open terminals and notebooks keep working; a port that was asked for is the only choice. */
async function listen(app: ReturnType<typeof createApp>, portFile: string, wanted: number | undefined, log: pino.Logger): Promise<number> {
  const last = Number(await readFile(portFile, 'utf8').catch(() => '0')) || 0;
  const on = async (port: number): Promise<number> => {
    await app.listen({ host: '127.0.0.1', port });
    const address = app.server.address();
    return typeof address === 'object' && address !== null ? address.port : port;
  };
  const taken = (error: unknown): boolean => ['EADDRINUSE', 'EACCES'].includes((error as NodeJS.ErrnoException).code ?? '');
  let port: number;
  try {
    port = await on(wanted ?? last);
  } catch (error) {
    if (!taken(error)) {
      throw error;
    }
    if (wanted !== undefined) {
      throw new UserError(`Port ${wanted} is taken by another program. Choose another with --port, or leave it out to get a free one.`, { field: 'port' });
    }
    log.warn({ port: last }, 'the last port is taken by another program; taking a free one');
    port = await on(0);
  }
  await writeFileAtomic(portFile, `${port}\n`);
  return port;
}

async function openLog(project: Project): Promise<pino.Logger> {
  const file = serverPaths(project).log;
  await mkdir(path.dirname(file), { recursive: true });
  const { size } = await stat(file).catch(() => ({ size: 0 }));
  if (size > longestLog) {
    await rename(file, `${file}.1`).catch(() => undefined);
  }
  return pino({ base: { pid: process.pid } }, pino.destination({ dest: file, sync: true }));
}
