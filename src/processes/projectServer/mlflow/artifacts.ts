import path from 'node:path';
import type { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { sourceOf } from '../../../core/registry/api.ts';
import { invalid, missing, Refusal, type ArtifactStore } from '../../../core/tracking/api.ts';
import { versionNumber } from './limits.ts';
import { route, type Route, type Tracking } from './routes.ts';
import { runId } from './runs.ts';
import { object, optional, required, text } from './validate.ts';
import { present } from './wire.ts';

/** What a browser may show; the rest is bytes. */
const types: Record<string, string> = { '.json': 'application/json', '.txt': 'text/plain', '.csv': 'text/csv', '.html': 'text/html', '.png': 'image/png', '.jpg': 'image/jpeg', '.svg': 'image/svg+xml', '.yaml': 'text/plain', '.yml': 'text/plain', '.md': 'text/plain' };

const scheme = 'mlflow-artifacts:/';

/** Bytes: the body is handed on as it comes, so that a file of any size takes no memory. */
export function artifactStreams(app: FastifyInstance, tracking: Tracking, artifacts: ArtifactStore): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (_request, payload, done) => done(null, payload));
  const { mirrored, runs } = tracking;
  const address = '/mlflow-artifacts/artifacts/*';
  const store = async (artifact: string, content: Readable): Promise<void> => {
    const owner = ownerOf(tracking, artifact);
    const before = owner === null ? null : (runs.facts(owner.run_id).artifacts.find((each) => each.path === owner.path)?.bytes ?? null);
    const bytes = await artifacts.put(artifact, content);
    if (owner !== null) {
      try {
        await mirrored.wroteFile(owner.run_id, owner.path, before, () => runs.addArtifact(owner.run_id, { path: owner.path, bytes }));
      } catch (error) {
        // The server that keeps this run refuses it; what that has is fetched when it is asked for.
        await artifacts.delete(artifact);
        runs.removeArtifacts(owner.run_id, owner.path);
        throw error;
      }
      tracking.touched(owner.run_id);
    }
  };
  app.post<{ Querystring: OfRun; Body: Readable | undefined }>('/mlflow/upload-artifact', async (request) => {
    const { run_uuid = '', path: file = '' } = request.query;
    if (run_uuid === '' || file === '') {
      throw invalid(`Request must specify ${run_uuid === '' ? 'run_uuid' : 'path'}.`);
    }
    const artifact = within(uriOf(tracking, run_uuid), file);
    if (request.body === undefined || request.headers['content-length'] === '0') {
      throw invalid('Request must specify data.');
    }
    await store(artifact, request.body);
    return {};
  });
  app.put<{ Params: { '*': string }; Body: Readable | undefined }>(address, async (request) => {
    await store(request.params['*'], request.body ?? request.raw);
    return {};
  });
  app.get<{ Params: { '*': string } }>(address, (request, reply) => sendOwned(reply, tracking, artifacts, request.params['*']));
  app.delete<{ Params: { '*': string } }>(address, async (request) => {
    const artifact = request.params['*'];
    const owner = ownerOf(tracking, artifact);
    if (owner === null) {
      await artifacts.delete(artifact);
      return {};
    }
    await mirrored.removedFile(owner.run_id, owner.path, () => runs.removeArtifacts(owner.run_id, owner.path));
    await artifacts.delete(artifact);
    tracking.touched(owner.run_id);
    return {};
  });
  app.get<{ Params: { model_id: string }; Querystring: { artifact_file_path?: string } }>('/mlflow/logged-models/:model_id/artifacts/files', (request, reply) =>
    sendArtifact(reply, artifacts, within(tracking.models.get(request.params.model_id).artifact_uri, request.query.artifact_file_path ?? '')),
  );
}

interface OfRun {
  run_id?: string;
  run_uuid?: string;
  path?: string;
}

/** Files by the addresses that MLflow's own pages use, outside its API. */
export function artifactPages(app: FastifyInstance, tracking: Tracking, artifacts: ArtifactStore): void {
  app.get<{ Querystring: OfRun }>('/get-artifact', (request, reply) => {
    const { run_id, run_uuid, path: file } = request.query;
    return sendOwned(reply, tracking, artifacts, within(uriOf(tracking, runId({ run_id, run_uuid })), named(file)));
  });
  app.get<{ Querystring: { name?: string; version?: string; path?: string } }>('/model-versions/get-artifact', async (request, reply) => {
    const { name, version } = object({ name: required(text), version: required(versionNumber) })(request.query, '');
    await tracking.catalogue.refresh();
    return sendArtifact(reply, artifacts, within(sourceOf(tracking.catalogue, tracking.models, tracking.catalogue.version(name, version).source), named(request.query.path)));
  });
}

/** A file of a run that a followed server keeps is fetched first. */
async function sendOwned(reply: FastifyReply, tracking: Tracking, artifacts: ArtifactStore, artifact: string): Promise<FastifyReply> {
  const owner = ownerOf(tracking, artifact);
  if (owner !== null) {
    await tracking.mirrored.fetchFile(owner.run_id, owner.path);
  }
  return sendArtifact(reply, artifacts, artifact);
}

function named(file: string | undefined): string {
  if (file === undefined || file === '') {
    throw invalid('Request must specify path.');
  }
  return file;
}

export function artifactRoutes(tracking: Tracking, artifacts: ArtifactStore): Route[] {
  const files = async (artifact: string, prefix: string): Promise<object[]> => {
    const here = await artifacts.list(artifact);
    const owner = ownerOf(tracking, `${artifact}/*`);
    const found = owner === null ? here : await tracking.mirrored.list(owner.run_id, owner.path.split('/').slice(0, -1).join('/'), here);
    return found.map(({ name, folder, bytes }) => present({ path: prefix === '' ? name : `${prefix}/${name}`, is_dir: folder, file_size: folder ? undefined : bytes }));
  };
  const listing = async (root_uri: string, place: string): Promise<object> => {
    const folder = place.replace(/\/$/, '');
    return present({ root_uri, files: root_uri.startsWith(scheme) ? await files(within(root_uri, folder), folder) : [] });
  };
  const refuse = (what: string) => () => {
    // Clients go on without it when they read this beginning.
    throw new Refusal('NOT_IMPLEMENTED', `Multipart ${what} is not supported for the current artifact repository. Files are sent whole, as a stream.`);
  };
  const anything = object({});
  return [
    route('GET', '/mlflow-artifacts/artifacts', object({ path: optional(text, '') }), async (input) => present({ files: await files(input.path, '') })),
    route('GET', '/mlflow/artifacts/list', object({ run_id: optional(text), run_uuid: optional(text), path: optional(text, '') }), (input) => listing(uriOf(tracking, runId(input)), input.path)),
    route('GET', '/mlflow/logged-models/:model_id/artifacts/directories', object({ model_id: required(text), artifact_directory_path: optional(text, '') }), (input) =>
      listing(tracking.models.get(input.model_id).artifact_uri, input.artifact_directory_path),
    ),
    ...['create', 'complete', 'abort'].map((step) => route('POST', `/mlflow-artifacts/mpu/${step}/*`, anything, refuse('upload'))),
    route('GET', '/mlflow-artifacts/presigned/*', anything, refuse('download')),
  ];
}

async function sendArtifact(reply: FastifyReply, artifacts: ArtifactStore, artifact: string): Promise<FastifyReply> {
  const { stream, bytes } = await artifacts.get(artifact);
  const name = path.posix.basename(artifact);
  return reply
    .header('content-type', types[path.posix.extname(name).toLowerCase()] ?? 'application/octet-stream')
    .header('content-length', bytes)
    .header('content-disposition', `attachment; filename*=UTF-8''${encodeURIComponent(name)}`)
    .header('x-content-type-options', 'nosniff')
    .send(stream);
}

function uriOf({ search }: Tracking, run_id: string): string {
  const [found] = search.records([run_id]);
  if (found === undefined) {
    throw missing(`Run with id=${run_id} not found`);
  }
  return found.artifact_uri;
}

/** A path among the artifacts of a URI. @throws Refusal for one that is not relative. */
function within(uri: string, file: string): string {
  if (file.startsWith('/')) {
    throw invalid('Invalid path');
  }
  return `${uri.startsWith(scheme) ? uri.slice(scheme.length) : uri}/${file}`;
}

/** The run whose artifact this is, and its path among the run's: `…/<run>/artifacts/<path>`. */
function ownerOf({ database }: Tracking, artifact: string): { run_id: string; path: string } | null {
  const parts = artifact.split('/').filter((part) => part !== '');
  if (parts.includes('..') || parts.includes('.')) {
    return null;
  }
  for (let at = 1; at < parts.length - 1; at += 1) {
    const run_id = parts[at - 1] ?? '';
    const uri = parts[at] === 'artifacts' ? database.get('SELECT artifact_uri FROM runs WHERE run_id = :run_id', { run_id })?.['artifact_uri'] : undefined;
    if (uri === `${scheme}${parts.slice(0, at + 1).join('/')}`) {
      return { run_id, path: parts.slice(at + 1).join('/') };
    }
  }
  return null;
}
