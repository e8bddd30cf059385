// Where the monitor finds a version's reference and an endpoint's settings.
import { access, readFile } from 'node:fs/promises';
import * as z from 'zod/mini';
import { ModelFile } from '../../contracts/model.ts';
import type { MonitorSettings } from '../../contracts/monitoring.ts';
import { VersionFile } from '../../contracts/registry.ts';
import { defaultMonitorSettings, type MonitoredVersion } from '../../core/monitoring/api.ts';
import { readProjectFile, type Project } from '../../core/project/api.ts';
import { listModels } from '../../core/registry/api.ts';
import { objectPath, type Database } from '../../core/store/api.ts';

/** A candidate has no number yet. */
const Candidate = z.omit(VersionFile, { version: true });
type Facts = Pick<z.infer<typeof Candidate>, 'artifact' | 'reference' | 'metrics'>;

/** A version by its ULID, registered or proposed by retraining; without reference and model where it is not known here. */
export async function monitoredVersion(project: Project, database: Database, ulid: string): Promise<MonitoredVersion> {
  const facts = candidateOf(database, ulid) ?? (await listModels(project)).flatMap((model) => model.versions).find((version) => version.file.ulid === ulid)?.file;
  if (facts === undefined) {
    return { reference: null, model: null, metrics: {} };
  }
  const reference = facts.reference === undefined ? null : objectPath(project.objectsFolder, facts.reference.sha256);
  return { reference: reference !== null && (await exists(reference)) ? reference : null, model: await modelOf(project, facts), metrics: facts.metrics };
}

function candidateOf(database: Database, ulid: string): Facts | undefined {
  const row = database.get('SELECT version FROM retraining_candidates WHERE ulid = :ulid', { ulid });
  return row === undefined ? undefined : Candidate.parse(JSON.parse(String(row['version'])));
}

async function modelOf(project: Project, { artifact }: Facts): Promise<MonitoredVersion['model']> {
  const text = await readFile(objectPath(project.objectsFolder, artifact.sha256), 'utf8').catch(() => null);
  if (text === null) {
    return null;
  }
  try {
    const { signature } = ModelFile.parse(JSON.parse(text));
    return { signature };
  } catch {
    // Serving such a model fails in plain words; here it only cannot be judged.
    return null;
  }
}

/** The entry of ml.yaml that watches this endpoint, over the usual settings; those alone while ml.yaml cannot be read. */
export async function monitorSettings(project: Project, endpoint: string): Promise<MonitorSettings> {
  const file = await readProjectFile(project).catch(() => null);
  const entry = Object.values(file?.monitors ?? {}).find(({ deployment }) => deployment === endpoint);
  return {
    window: entry?.window ?? defaultMonitorSettings.window,
    consecutive: entry?.consecutive ?? defaultMonitorSettings.consecutive,
    drift_threshold: entry?.drift_threshold ?? defaultMonitorSettings.drift_threshold,
    metric: entry?.metric ?? defaultMonitorSettings.metric,
    worse_by: entry?.worse_by ?? defaultMonitorSettings.worse_by,
    ignore: entry?.ignore ?? defaultMonitorSettings.ignore,
  };
}

async function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
