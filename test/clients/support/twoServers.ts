// The same calls to MLflow's own server and to ours, and their answers in terms that can be compared.
import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { pythonOf } from '../../../scripts/lib/python.mjs';
import { freePort } from '../../../scripts/lib/run.mjs';
import { token, TrackingServer } from '../../package/trackingServer.ts';
import type { Question } from './searches.ts';

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

export interface Call {
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE' | 'PUT';
  /** Behind /api/2.0/ where it does not begin with a slash. `{name}` stands for what was saved under that name. */
  path: string;
  query?: readonly (readonly [string, string])[];
  /** JSON; a text is sent as it is. */
  body?: Json;
  /** Names for values of the answer, by the way to them: `{ a: 'run.info.run_id' }`. */
  save?: Record<string, string>;
}

export interface Answer {
  status: number;
  body: Json;
}

export interface Pair {
  ours: Answer;
  theirs: Answer;
}

/** What each server makes up for itself. */
const ofItself = new Set(['creation_time', 'last_update_time', 'creation_timestamp', 'last_updated_timestamp', 'creation_timestamp_ms', 'last_updated_timestamp_ms', 'next_page_token', 'sqlstate', 'error_class', 'workspace', 'message']);

class Server {
  readonly #address: string;
  readonly #names = new Map<string, string>();

  constructor(address: string) {
    this.#address = address;
  }

  async ask({ method, path: target, query, body, save = {} }: Call): Promise<Answer> {
    const place = this.#filled(target);
    const search = query === undefined ? '' : `?${new URLSearchParams(query.map(([key, value]): [string, string] => [key, this.#filled(value)])).toString()}`;
    const sent = body === undefined ? {} : { body: typeof body === 'string' ? body : this.#filled(JSON.stringify(body)), headers: { 'content-type': 'application/json' } };
    const response = await fetch(`${this.#address}${place.startsWith('/') ? place : `/api/2.0/${place}`}${search}`, {
      method,
      ...sent,
      headers: { authorization: `Bearer ${token}`, ...sent.headers },
    });
    const text = await response.text();
    const answer = parsed(text);
    for (const [name, way] of Object.entries(save)) {
      const value = at(answer, way);
      assert.equal(typeof value, 'string', `${method} ${target} has no ${way}: ${text}`);
      this.#names.set(name, value as string);
    }
    return { status: response.status, body: answer };
  }

  /** Every page of a search: what identifies each that it finds, or the code of the refusal. */
  async pages({ path: target, method, filter, order_by, max_results, more }: Question): Promise<string[] | string> {
    const found: string[] = [];
    for (let page_token = ''; ; ) {
      const fields = { filter, order_by, max_results, ...more, ...(page_token === '' ? {} : { page_token }) };
      const query = Object.entries(fields).flatMap(([key, value]): [string, string][] => (Array.isArray(value) ? value : [value]).map((each) => [key, String(each)]));
      const { status, body } = await this.ask(method === 'GET' ? { method, path: target, query } : { method, path: target, body: fields });
      if (typeof body !== 'object' || body === null || Array.isArray(body) || status !== 200) {
        return `${status} ${String((body as Record<string, Json> | null)?.['error_code'] ?? body)}`;
      }
      const [rows = []] = Object.values(body).filter((value) => Array.isArray(value));
      const plain = this.plain(rows) as Record<string, Json>[];
      found.push(...plain.map((row) => String(at(row, 'info.run_id') ?? at(row, 'info.name') ?? `${String(row['name'])} ${String(row['version'] ?? '')}`)));
      const next = body['next_page_token'];
      if (typeof next !== 'string') {
        return found;
      }
      page_token = next;
    }
  }

  /** The answer without what this server made up, ids by the names they were saved under. */
  plain(value: Json, key = ''): Json {
    if (Array.isArray(value)) {
      const items = value.map((item) => this.plain(item, key));
      return ['metrics', 'params', 'tags', 'aliases'].includes(key) ? items.sort((a, b) => (ordered(a) < ordered(b) ? -1 : 1)) : items;
    }
    if (typeof value === 'object' && value !== null) {
      return Object.fromEntries(
        Object.entries(value)
          .filter(([name, each]) => !ofItself.has(name) && !clientsSeeNothing(name, each, value))
          .map(([name, each]) => [name, this.plain(each, name)]),
      );
    }
    if (typeof value === 'string') {
      const named = [...this.#names].reduce((text, [name, id]) => (id.length > 20 ? text.replaceAll(id, `{${name}}`) : text), value);
      return named.replaceAll(/[0-9a-f]{32}/g, '{id}');
    }
    // What MLflow's tables make of infinities.
    return typeof value === 'number' && Math.abs(value) === Number.MAX_VALUE ? (value > 0 ? 'Infinity' : '-Infinity') : value;
  }

  #filled(text: string): string {
    return [...this.#names].reduce((filled, [name, id]) => filled.replaceAll(`{${name}}`, id), text);
  }
}

/** JSON where it is; MLflow writes a bare NaN in places, which is none. */
function parsed(text: string): Json {
  try {
    return text === '' ? {} : (JSON.parse(text.replaceAll(/:\s*NaN\b/g, ':"NaN"')) as Json);
  } catch {
    return text;
  }
}

/** What differs without a difference to a client, or on purpose. */
function clientsSeeNothing(name: string, value: Json, owner: Record<string, Json>): boolean {
  return (
    // Clients take an empty text, an empty object and nothing for the same.
    value === '' ||
    (name === 'outputs' && JSON.stringify(value) === '{}') ||
    // MLflow leaves the aliases of a version out of some answers.
    (name === 'aliases' && 'current_stage' in owner) ||
    // JSON in a text, which MLflow writes anew.
    (name === 'value' && owner['key'] === 'mlflow.log-model.history') ||
    // A run that goes on has no end here; MLflow keeps the one before.
    (name === 'end_time' && owner['status'] === 'RUNNING')
  );
}

/** JSON with its keys in one order. */
function ordered(value: Json): string {
  return JSON.stringify(typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.fromEntries(Object.entries(value).sort()) : value);
}

function at(value: Json, way: string): Json | undefined {
  return way.split('.').reduce<Json | undefined>((part, key) => (typeof part === 'object' && part !== null && !Array.isArray(part) ? part[key] : undefined), value);
}

/** MLflow's own server on SQLite, with its artifacts behind it, beside ours; both empty. */
export class TwoServers {
  readonly #own = new TrackingServer();
  readonly #folder = mkdtempSync(path.join(os.tmpdir(), 'mlflow-'));
  #child: ChildProcess | null = null;
  #ours: Server | null = null;
  #theirs: Server | null = null;

  /** @throws ScriptError with the reason where MLflow cannot be installed. */
  async start(environment: 'mlflow-3' | 'mlflow-2'): Promise<void> {
    const python = await pythonOf(environment);
    await this.#own.start();
    const port = await freePort();
    const child = spawn(python, ['-m', 'mlflow', 'server', '--host', '127.0.0.1', '--port', String(port), '--workers', '1', '--backend-store-uri', `sqlite:///${path.join(this.#folder, 'mlflow.db')}`, '--artifacts-destination', path.join(this.#folder, 'artifacts')], {
      cwd: this.#folder,
      env: { ...process.env, MLFLOW_DISABLE_TELEMETRY: 'true' },
      stdio: 'ignore',
      detached: process.platform !== 'win32',
    });
    this.#child = child;
    const address = `http://127.0.0.1:${port}`;
    while (!(await fetch(`${address}/health`).then(({ ok }) => ok, () => false))) {
      assert.equal(child.exitCode, null, 'mlflow server ended');
      await pause(100);
    }
    this.#ours = new Server(this.#own.uri);
    this.#theirs = new Server(address);
  }

  async dispose(): Promise<void> {
    await this.#own.dispose();
    if (this.#child?.pid !== undefined && this.#child.exitCode === null) {
      const ended = once(this.#child, 'exit');
      // It starts workers of its own.
      process.kill(process.platform === 'win32' ? this.#child.pid : -this.#child.pid, 'SIGTERM');
      await ended;
    }
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 10 });
  }

  /** Asks ours. */
  async ask(call: Call): Promise<Answer> {
    assert.ok(this.#ours !== null);
    return this.#ours.ask(call);
  }

  /** Asks both; the answers without what each made up. */
  async plain(call: Call): Promise<Pair> {
    assert.ok(this.#ours !== null && this.#theirs !== null);
    const [ours, theirs] = [await this.#ours.ask(call), await this.#theirs.ask(call)];
    return { ours: { status: ours.status, body: this.#ours.plain(ours.body) }, theirs: { status: theirs.status, body: this.#theirs.plain(theirs.body) } };
  }

  /** What both find, page by page: names and ids in their order, or why it was refused. */
  async pages(question: Question): Promise<{ ours: string[] | string; theirs: string[] | string }> {
    assert.ok(this.#ours !== null && this.#theirs !== null);
    return { ours: await this.#ours.pages(question), theirs: await this.#theirs.pages(question) };
  }
}
