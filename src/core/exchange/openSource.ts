// Finds out what a person means to import from.
import { open, stat } from 'node:fs/promises';
import path from 'node:path';
import type { Credentials } from '../../contracts/exchange.ts';
import { UserError } from '../../contracts/errors.ts';
import { fileStoreAt, FileStoreSource } from './fileStore.ts';
import { MlflowClient } from './mlflowClient.ts';
import { RemoteSource } from './remoteSource.ts';
import type { Report, RunSource } from './source.ts';
import { SqliteSource } from './sqliteStore.ts';
import { eventFolders, TensorboardSource } from './tensorboardFolder.ts';

export interface SourceWish {
  /** An absolute path or an address. */
  from: string;
  experiment?: string | undefined;
  credentials?: Credentials | undefined;
  signal?: AbortSignal;
}

/** @throws UserError where there is nothing that can be imported. */
export async function openSource({ from, experiment, credentials, signal }: SourceWish, report: Report): Promise<RunSource> {
  if (/^https?:/i.test(from)) {
    return new RemoteSource(new MlflowClient(from, { credentials, ...(signal === undefined ? {} : { signal }) }), report);
  }
  const place = path.resolve(from.replace(/^sqlite:\/\/\//, '').replace(/^file:\/\//, ''));
  const facts = await stat(place).catch(() => null);
  if (facts === null) {
    throw new UserError(`There is no ${place}. Name a folder of MLflow (mlruns), its SQLite file, a folder of TensorBoard, or the address of a server.`, { file: place });
  }
  if (facts.isFile()) {
    if (!(await isSqlite(place))) {
      throw new UserError(`${place} is no SQLite file. Name the database of MLflow, often mlflow.db, or a folder.`, { file: place });
    }
    return new SqliteSource(place, report);
  }
  const store = await fileStoreAt(place);
  if (store !== null) {
    return new FileStoreSource(store, report);
  }
  if ((await eventFolders(place)).length > 0) {
    return new TensorboardSource(place, experiment ?? path.basename(place), report);
  }
  const database = path.join(place, 'mlflow.db');
  if (await isSqlite(database)) {
    return new SqliteSource(database, report);
  }
  throw new UserError(`${place} holds no runs: no experiments of MLflow (mlruns), no mlflow.db and no event files of TensorBoard.`, { file: place });
}

async function isSqlite(file: string): Promise<boolean> {
  const handle = await open(file, 'r').catch(() => null);
  if (handle === null) {
    return false;
  }
  try {
    const { buffer } = await handle.read(Buffer.alloc(15), 0, 15, 0);
    return buffer.toString('latin1') === 'SQLite format 3';
  } finally {
    await handle.close();
  }
}
