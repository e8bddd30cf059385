import { watch } from 'node:fs';
import type { FastifyInstance } from 'fastify';
import { UserError } from '../../contracts/errors.ts';
import type { RegisteredModel } from '../../contracts/registry.ts';
import { AcceptRequest, AliasRequest, PredictRequest, RegisterRequest } from '../../contracts/server.ts';
import { asCandidate, listModels, readModel, resolveModel, versionDetail } from '../../core/registry/api.ts';
import { loadModelFolder } from '../../core/serving/api.ts';
import type { AppParts } from './app.ts';
import { read } from './read.ts';
import { registerRun } from './runDetails.ts';

interface OfModel {
  Params: { name: string };
}
interface OfVersion {
  Params: { name: string; version: string };
}

/** The registry for windows and the command line: files, what programs registered beside them, and moves. */
export function modelRoutes(app: FastifyInstance, parts: AppParts): void {
  const { project, events, catalogue, candidates, promotions, log } = parts;
  app.get('/api/models', async () => ({ models: await modelsOf(parts) }));
  app.get<OfModel>('/api/models/:name', async ({ params }) => modelOf(parts, params.name));
  app.get<OfModel>('/api/models/:name/moves', async ({ params }) => ({ moves: catalogue.moves(params.name) }));
  app.get<OfVersion>('/api/models/:name/versions/:version', async ({ params }) => versionDetail(project, params.name, Number(params.version)));
  app.get<OfVersion>('/api/models/:name/candidates/:version', async ({ params }) => {
    await catalogue.refresh();
    const found = catalogue.candidates(params.name).find(({ version }) => version === Number(params.version));
    if (found === undefined) {
      throw new UserError(`${params.name} has no candidate ${params.version}.`, { field: 'version' });
    }
    return candidates.detail(found);
  });
  app.post<OfVersion>('/api/models/:name/candidates/:version/accept', async ({ params, body }) => changing(parts, () => promotions.accept(params.name, Number(params.version), read(AcceptRequest, body ?? {}).by ?? 'editor')));
  app.post('/api/models', async (request) => {
    const wanted = read(RegisterRequest, request.body);
    return changing(parts, async () => {
      await catalogue.refresh();
      const made = await registerRun(project, parts.runs, parts.queue.folder(wanted.run_id), wanted, catalogue.highest(wanted.name));
      await promotions.lead(made);
      return made;
    });
  });
  app.put<OfModel>('/api/models/:name/aliases', async ({ params, body }) => {
    const { alias, version, by } = read(AliasRequest, body);
    await changing(parts, () => promotions.move(params.name, alias, version, by ?? 'editor'));
    return {};
  });
  app.post('/api/predict', async (request) => {
    const { model, rows } = read(PredictRequest, request.body);
    return (await loadModelFolder(await resolveModel(project, model))).predictRows(rows);
  });
  // A pull or a checkout changes the registry's files too; windows are told.
  try {
    const watcher = watch(project.modelsFolder, { recursive: true }, () => events.send({ type: 'models' }));
    watcher.on('error', (error) => log.warn(error, 'watching the models folder'));
    app.addHook('onClose', async () => watcher.close());
  } catch {
    // There is no models folder yet; registering a version tells the windows by itself.
  }
}

/** One change at a time; the windows are told, also where it was refused: that is on record. */
async function changing<T>({ catalogue, events, inTurn }: AppParts, work: () => Promise<T>): Promise<T> {
  try {
    return await inTurn(async () => {
      const result = await work();
      await catalogue.refresh(true);
      return result;
    });
  } finally {
    events.send({ type: 'models' });
  }
}

async function modelsOf({ project, catalogue }: AppParts): Promise<RegisteredModel[]> {
  await catalogue.refresh();
  const files = await listModels(project);
  const withFiles = new Set(files.map(({ name }) => name));
  const others = catalogue.namesWithCandidates().filter((name) => !withFiles.has(name));
  return [...files, ...others.map((name) => ({ name, versions: [], aliases: {}, problems: [] }))]
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map((model) => ({ ...model, candidates: catalogue.candidates(model.name).map(asCandidate) }));
}

/** @throws UserError where there is no model of this name. */
async function modelOf(parts: AppParts, name: string): Promise<RegisteredModel> {
  return (await modelsOf(parts)).find((model) => model.name === name) ?? { ...(await readModel(parts.project, name)), candidates: [] };
}
