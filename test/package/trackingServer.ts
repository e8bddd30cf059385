// The packaged project server as tracking clients meet it: an address, a token, and a kill.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { freePort, root, run } from '../../scripts/lib/run.mjs';
import type { MetricHistory, RunSummary } from '../../src/contracts/runs.ts';

export const token = 'a token of this test';

export interface Answer {
  status: number;
  body: Record<string, unknown>;
}

export class TrackingServer {
  readonly folder: string;
  port = 0;
  #child: ChildProcess | null = null;

  constructor(folder = mkdtempSync(path.join(os.tmpdir(), 'tracking-'))) {
    this.folder = folder;
  }

  get uri(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  /** Resolves when it answers; on the same port as before, where it ran before. */
  async start(): Promise<void> {
    writeFileSync(path.join(this.folder, 'ml.yaml'), 'project: tracked\n');
    this.port ||= await freePort();
    const child = spawn(process.execPath, [path.join(root, 'dist', 'runtime', 'project-server.js'), '--project', this.folder, '--foreground', '--port', String(this.port)], {
      env: { ...process.env, ML_LIFECYCLE_TOKEN: token },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.#child = child;
    const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
    if (line !== JSON.stringify({ tracking_uri: this.uri })) {
      throw new Error(`The server said ${line}`);
    }
  }

  async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    if (this.#child !== null) {
      const ended = once(this.#child, 'exit');
      this.#child.kill(signal);
      await ended;
      this.#child = null;
    }
  }

  async dispose(): Promise<void> {
    await this.end('SIGTERM');
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 10 });
  }

  /** What a request of the protocol gets. @param target behind /api/2.0/mlflow/ */
  async ask(method: string, target: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer> {
    const response = await fetch(`${this.uri}/api/2.0/mlflow/${target}`, {
      method,
      headers: { authorization: `Bearer ${token}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  }

  /** Runs a copy of a script of test/clients/scripts as an experiment, from the command line; it must end well. */
  async job(python: string, script: string, args: string[] = [], options: string[] = []): Promise<{ run_id: string; metrics: Record<string, number>; params: Record<string, string> }> {
    const copy = path.join(this.folder, script);
    copyFileSync(path.join(root, 'test', 'clients', 'scripts', script), copy);
    const printed = await run(process.execPath, [path.join(root, 'dist', 'runtime', 'cli.js'), 'run', '--json', ...options, '--interpreter', python, copy, '--', ...args], { cwd: this.folder });
    const document = JSON.parse(printed.slice(printed.indexOf('{"run_id"'))) as { run_id: string; status: string; metrics: Record<string, number>; params: Record<string, string> };
    if (document.status !== 'finished') {
      throw new Error(printed);
    }
    return document;
  }

  /** What the Experiments view gets. */
  async runs(): Promise<RunSummary[]> {
    return (await this.own<{ runs: RunSummary[] }>('runs')).runs;
  }

  history(run_id: string): Promise<MetricHistory> {
    return this.own(`runs/${run_id}/history`);
  }

  /** Changes something over the server's own interface; gives the status. */
  async change(target: string, body: object): Promise<number> {
    return (await fetch(`${this.uri}/api/${target}`, { method: 'PATCH', headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' }, body: JSON.stringify(body) })).status;
  }

  /** Asks the server's own interface to do something. */
  async post<T>(target: string, body: object): Promise<T> {
    return (await (await fetch(`${this.uri}/api/${target}`, { method: 'POST', headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' }, body: JSON.stringify(body) })).json()) as T;
  }

  /** Asks the server's own interface. */
  async own<T>(target: string): Promise<T> {
    return (await (await fetch(`${this.uri}/api/${target}`, { headers: { authorization: `Bearer ${token}` } })).json()) as T;
  }

  /** Runs a script of test/clients/scripts with a client's Python; gives the JSON of its last line. */
  async client(python: string, script: string, args: string[] = [], env: Record<string, string> = {}): Promise<Record<string, unknown>> {
    const printed = await run(python, [path.join(root, 'test', 'clients', 'scripts', script), ...args], {
      cwd: this.folder,
      env: { ...process.env, MLFLOW_TRACKING_URI: this.uri, MLFLOW_TRACKING_TOKEN: token, MLFLOW_DISABLE_TELEMETRY: 'true', ...env },
    });
    return JSON.parse(printed.trimEnd().split('\n').findLast((line) => line.startsWith('{')) ?? '') as Record<string, unknown>;
  }
}
