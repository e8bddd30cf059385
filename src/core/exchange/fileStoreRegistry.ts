// The registered models of MLflow's file store: `mlruns/models/<name>/version-<n>`.
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { metaOf, textsIn } from './fileStoreText.ts';
import type { Report, SourceRegistered, SourceVersion } from './source.ts';

/** @param folder `mlruns/models`, where there is one. */
export async function* registeredInFolder(folder: string, report: Report): AsyncGenerator<SourceRegistered> {
  for (const entry of await readdir(folder, { withFileTypes: true }).catch(() => [])) {
    const own = path.join(folder, entry.name);
    const meta = entry.isDirectory() ? metaOf(path.join(own, 'meta.yaml'), report) : null;
    if (meta === null) {
      continue;
    }
    const aliases = textsIn(path.join(own, 'aliases')).map(([alias, version]): [string, number] => [alias, Number(version)]);
    yield { name: meta.text('name') ?? entry.name, description: meta.text('description') ?? '', tags: textsIn(path.join(own, 'tags')), aliases, versions: await versionsIn(own, report) };
  }
}

async function versionsIn(folder: string, report: Report): Promise<SourceVersion[]> {
  const versions: SourceVersion[] = [];
  for (const name of await readdir(folder)) {
    const number = Number(/^version-(\d+)$/.exec(name)?.[1] ?? 0);
    const meta = number === 0 ? null : metaOf(path.join(folder, name, 'meta.yaml'), report);
    // What was deleted stays as a folder that says so.
    if (meta === null || meta.text('current_stage') === 'Deleted_Internal') {
      continue;
    }
    versions.push({
      version: number,
      created: meta.number('creation_timestamp') ?? 0,
      description: meta.text('description') ?? '',
      source: meta.text('source') ?? '',
      run_id: meta.text('run_id') ?? '',
      run_link: meta.text('run_link') ?? '',
      model_id: meta.text('model_id'),
      stage: meta.text('current_stage') ?? 'None',
      tags: textsIn(path.join(folder, name, 'tags')),
    });
  }
  return versions.sort((a, b) => a.version - b.version);
}
