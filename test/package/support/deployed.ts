// A project with registered versions of a small model, and a client of its endpoints, for tests of the processes.
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { ulid } from 'ulid';
import { stringify } from 'yaml';
import { root } from '../../../scripts/lib/run.mjs';
import type { Deployed } from '../../../src/contracts/endpoints.ts';
import type { ModelFile } from '../../../src/contracts/model.ts';
import type { VersionFile } from '../../../src/contracts/registry.ts';
import { connect, type ProjectClient, type RuntimeLocation } from '../../../src/core/client/api.ts';
import { processStart } from '../../../src/core/discovery/api.ts';
import { projectAt, type Project } from '../../../src/core/project/api.ts';
import { encodeWeights } from '../../../src/core/serving/api.ts';
import { objectPath, storeObject } from '../../../src/core/store/api.ts';

export const runtime: RuntimeLocation = { folder: path.join(root, 'dist', 'runtime'), execPath: process.execPath, electron: false };

/** Says `yes` above `limit` years. @param narrow it does not read `since`. */
function modelOf(limit: number, narrow = false): ModelFile {
  const model = wholeModel(limit);
  if (narrow) {
    model.signature.inputs.pop();
    model.recipe.columns.pop();
    model.recipe.width -= 20;
    model.layers[0] = { inputs: 5, units: 1, activation: 'linear', kernel: encodeWeights(Float32Array.of(1, 0, 0, 0, 0)), bias: encodeWeights(Float32Array.of(-limit)) };
  }
  return model;
}

function wholeModel(limit: number): ModelFile {
  return {
    format: 'ml-lifecycle-model/1',
    task: 'classification',
    trainer: 'linear',
    signature: {
      inputs: [
        { name: 'age', type: 'number', optional: true, minimum: 0, maximum: 99, typical: 40 },
        { name: 'city', type: 'text', optional: false, categories: ['rome', 'paris'], typical: 'rome' },
        { name: 'member', type: 'boolean', optional: false, typical: true },
        { name: 'since', type: 'date', optional: true, typical: '2024-01-01' },
      ],
      output: { name: 'churn', task: 'classification', classes: ['no', 'yes'], positive: 'yes' },
    },
    recipe: {
      columns: [
        { kind: 'number', input: 'age', impute: 40, mean: 0, scale: 1, indicator: false },
        { kind: 'category', input: 'city', levels: ['rome', 'paris'], missing: false },
        { kind: 'number', input: 'member', impute: 1, mean: 0, scale: 1, indicator: false },
        { kind: 'date', input: 'since', origin: '2024-01-01T00:00:00.000Z', scale: 100 },
      ],
      width: 1 + 3 + 1 + 20,
    },
    layers: [{ inputs: 25, units: 1, activation: 'linear', kernel: encodeWeights(Float32Array.from({ length: 25 }, (_, index) => (index === 0 ? 1 : 0))), bias: encodeWeights(Float32Array.of(-limit)) }],
    calibration: { slope: 0.1, intercept: 0 },
  };
}

export const row = { age: 50, city: 'paris', member: true, since: '2024-01-03' };

export class TestProject {
  readonly project: Project;
  readonly #clients: ProjectClient[] = [];

  private constructor(project: Project) {
    this.project = project;
  }

  /** With `versions` versions of the model `churn`; version n says yes above 30 + n years, the newest is the champion, which reads less where it is `narrow`. */
  static async create(versions = 2, narrow = false): Promise<TestProject> {
    const project = projectAt(await mkdtemp(path.join(os.tmpdir(), 'endpoints-')));
    await writeFile(project.file, 'project: churn\n');
    const folder = path.join(project.modelsFolder, 'churn', 'versions');
    await mkdir(folder, { recursive: true });
    for (let version = 1; version <= versions; version += 1) {
      const content = Buffer.from(JSON.stringify(modelOf(30 + version, narrow && version === versions)));
      const sha256 = await storeObject(project.objectsFolder, content);
      const file: VersionFile = {
        model: 'churn',
        version,
        ulid: ulid(),
        created: new Date().toISOString(),
        run_id: ulid(),
        task: 'classification',
        target: 'churn',
        trainer: 'linear',
        artifact: { sha256, bytes: content.length },
        data: { path: 'churn.csv', sha256: '0', rows: 1 },
        git: null,
        metrics: {},
        description: '',
        tags: {},
      };
      await writeFile(path.join(folder, `${file.ulid}.yaml`), stringify(file));
    }
    return new TestProject(project);
  }

  async client(): Promise<ProjectClient> {
    const made = await connect(this.project, runtime);
    this.#clients.push(made);
    return made;
  }

  /** Where the model file of an endpoint's version lies. */
  modelFile(deployed: Deployed): string {
    return objectPath(this.project.objectsFolder, deployed.endpoint.versions[0]?.sha256 ?? '');
  }

  async serverPid(): Promise<number> {
    return (JSON.parse(await readFile(path.join(this.project.stateFolder, 'server.json'), 'utf8')) as { pid: number }).pid;
  }

  async end(): Promise<void> {
    // Endpoints outlive their project server, so one is started to end them where a test ended it.
    const server = await this.client();
    const pid = await this.serverPid();
    await server.stop({ endpoints: true });
    while ((await processStart(pid)) !== null) {
      await pause(20);
    }
    this.#clients.forEach((client) => client.close());
    await rm(this.project.root, { recursive: true, force: true, maxRetries: 10 });
  }
}

export interface Answer {
  status: number;
  headers: http.IncomingHttpHeaders;
  text: string;
  json: Record<string, unknown>;
}

/** A request as any client makes it. An object as `body` is sent as JSON. */
export function ask(url: string, options: { method?: string; key?: string | null; headers?: Record<string, string>; body?: unknown } = {}): Promise<Answer> {
  const raw = options.body === undefined || typeof options.body === 'string' || Buffer.isBuffer(options.body) ? options.body : JSON.stringify(options.body);
  const headers = { ...(options.key ? { authorization: `Bearer ${options.key}` } : {}), ...(raw === undefined ? {} : { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(raw)) }), ...options.headers };
  return new Promise((resolve, reject) => {
    let answered = false;
    const request = http.request(url, { method: options.method ?? (raw === undefined ? 'GET' : 'POST'), headers }, (response) => {
      answered = true;
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => (text += part));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text, json: parsed(text) }));
      response.on('error', reject);
    });
    // Who answers before it has read everything may close the connection.
    request.on('error', (error) => (answered ? undefined : reject(error)));
    request.end(raw);
  });
}

function parsed(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return {};
  }
}
