import { readFile } from 'node:fs/promises';
import { isMap, parseDocument, type Document } from 'yaml';
import { UserError } from '../../contracts/errors.ts';
import type { DatasetEntry, DeploymentEntry, ModelEntry, MonitorEntry, RetrainingEntry } from '../../contracts/projectFile.ts';
import { writeFileAtomic } from '../files/api.ts';
import { parseProjectFile, readProjectFile } from './parse.ts';
import type { Project } from './paths.ts';

/** Writes a data set into ml.yaml under this name, replacing one of the same name. Comments and order stay. */
export async function addDataset(project: Project, name: string, entry: DatasetEntry): Promise<void> {
  await edit(project, 'datasets', name, entry);
}

/** Writes a model's settings into ml.yaml under this name; what stood there is updated key by key. */
export async function saveModelEntry(project: Project, name: string, entry: ModelEntry): Promise<void> {
  await edit(project, 'models', name, entry);
}

interface LaterSections {
  deployments: DeploymentEntry;
  monitors: MonitorEntry;
  retraining: RetrainingEntry;
}

/** Writes an entry of `deployments`, `monitors` or `retraining` into ml.yaml; what stood there is updated key by key. */
export async function saveEntry<Section extends keyof LaterSections>(project: Project, section: Section, name: string, entry: LaterSections[Section]): Promise<void> {
  await edit(project, section, name, entry);
}

async function edit(project: Project, section: 'datasets' | 'models' | keyof LaterSections, name: string, entry: object): Promise<void> {
  // A file that is broken is not written to: the edit could lose what its author meant.
  await readProjectFile(project);
  const before = await readFile(project.file, 'utf8');
  const document = parseDocument(before);
  const wanted = Object.entries(entry).filter(([, value]) => value !== undefined);
  ensureMap(document, [section]);
  if (isMap(document.getIn([section, name]))) {
    const node = document.getIn([section, name]);
    if (isMap(node)) {
      for (const { key } of [...node.items]) {
        const text = String((key as { value?: unknown }).value ?? key);
        if (!wanted.some(([wantedKey]) => wantedKey === text)) {
          node.delete(text);
        }
      }
    }
    for (const [key, value] of wanted) {
      const same = JSON.stringify(valueOf(document, [section, name, key])) === JSON.stringify(value);
      if (!same) {
        document.setIn([section, name, key], document.createNode(value));
      }
    }
  } else {
    document.setIn([section, name], document.createNode(Object.fromEntries(wanted)));
  }
  const text = document.toString({ lineWidth: 0, flowCollectionPadding: false });
  const { problems } = parseProjectFile(text);
  const [problem] = problems.filter((each) => each.severity === 'error');
  if (problem !== undefined) {
    throw new UserError(`This cannot be written into ${project.file}: ${problem.message}`, { file: project.file, field: problem.path.join('.') });
  }
  await writeFileAtomic(project.file, text);
}

function valueOf(document: Document, path: string[]): unknown {
  const node = document.getIn(path, true) as { toJSON?: () => unknown } | undefined;
  return node?.toJSON?.();
}

function ensureMap(document: Document, path: string[]): void {
  if (!isMap(document.getIn(path))) {
    document.setIn(path, document.createNode({}));
  }
}
