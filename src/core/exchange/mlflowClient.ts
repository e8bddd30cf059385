// A client of MLflow's REST API: one server, how a person signs in there, and what its failures mean.
import { createReadStream } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as pause } from 'node:timers/promises';
import * as z from 'zod/mini';
import { UserError } from '../../contracts/errors.ts';
import type { Credentials } from '../../contracts/exchange.ts';
import { answers } from './mlflowWire.ts';

/** The server does not answer, or not in time: nothing is wrong with what was asked. */
export class RemoteUnreachable extends UserError {}
/** The server wants other credentials. A `status` of 403: these have no right to what was asked. */
export class SignInNeeded extends UserError {
  readonly status: number;

  constructor(message: string, status: number) {
    super(message);
    this.status = status;
  }
}
/** The server answered, and says no. `code` is MLflow's name of the reason, `said` its own words. */
export class RemoteRefusal extends UserError {
  readonly code: string;
  readonly status: number;
  readonly said: string;

  constructor(message: string, code: string, status: number, said = message) {
    super(message);
    this.code = code;
    this.status = status;
    this.said = said;
  }
}

export interface ClientOptions {
  credentials?: Credentials | undefined;
  /** How long an answer may take to begin and to end, in milliseconds. */
  timeout?: number;
  /** How long to wait before asking again, in milliseconds; what may not be repeated is asked once. */
  pauses?: readonly number[];
  signal?: AbortSignal;
}

type Query = Record<string, string | number | undefined>;

/** Statuses of a server that is busy or starting: asking again may help. */
const passing = new Set([408, 429, 500, 502, 503, 504]);
/** A transfer of a file that stands still for so long has failed. In milliseconds. */
const longestSilence = 60_000;

/**
 * Splits an address into what it names and the credentials in it, which are shown and stored nowhere.
 *
 * @throws UserError for what is no http or https address.
 */
export function readAddress(address: string): { uri: string; host: string; credentials: Credentials } {
  let url: URL;
  try {
    url = new URL(address.trim());
  } catch {
    throw new UserError(`"${withoutSecret(address)}" is no address. Write it as https://mlflow.example.org or http://127.0.0.1:5000.`, { field: 'uri' });
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw new UserError(`A tracking server is reached over http or https, not "${url.protocol}". Write its address as https://mlflow.example.org.`, { field: 'uri' });
  }
  const { username, password } = url;
  return {
    uri: `${url.protocol}//${url.host}${url.pathname.replace(/\/+$/, '')}`,
    host: url.host,
    credentials: username === '' ? {} : { username: decodeURIComponent(username), password: decodeURIComponent(password) },
  };
}

function withoutSecret(address: string): string {
  return address.replace(/\/\/[^/@]*@/, '//…@').slice(0, 200);
}

export class MlflowClient {
  readonly uri: string;
  readonly host: string;
  readonly #options: ClientOptions;
  readonly #authorization: string | null;

  /** @throws UserError for what is no address. */
  constructor(address: string, options: ClientOptions = {}) {
    const { uri, host, credentials } = readAddress(address);
    this.uri = uri;
    this.host = host;
    this.#options = options;
    this.#authorization = authorizationOf({ ...credentials, ...options.credentials });
  }

  get<S extends z.ZodMiniType>(schema: S, path: string, query: Query = {}): Promise<z.infer<S>> {
    const text = new URLSearchParams(Object.entries(query).flatMap(([key, value]): [string, string][] => (value === undefined || value === '' ? [] : [[key, String(value)]]))).toString();
    return this.#call(schema, 'GET', text === '' ? path : `${path}?${text}`, undefined, true);
  }

  /** @param repeatable whether asking twice does no more than asking once. */
  post<S extends z.ZodMiniType>(schema: S, path: string, body: object, repeatable = true): Promise<z.infer<S>> {
    return this.#call(schema, 'POST', path, body, repeatable);
  }

  send<S extends z.ZodMiniType>(schema: S, method: 'PATCH' | 'DELETE', path: string, body: object): Promise<z.infer<S>> {
    return this.#call(schema, method, path, body, true);
  }

  /** What a folder of the server's own artifact store holds; paths are names in it. */
  list(artifact: string): Promise<z.infer<typeof answers.files>> {
    return this.#call(answers.files, 'GET', `mlflow-artifacts/artifacts?path=${encodeURIComponent(artifact)}`, undefined, true);
  }

  /** The content of an artifact of the server's own store. @param artifact `1/<run>/artifacts/model/MLmodel`. */
  async download(artifact: string): Promise<Readable> {
    const response = await this.#fetch('GET', `mlflow-artifacts/artifacts/${encoded(artifact)}`, undefined);
    if (!response.ok || response.body === null) {
      throw await this.#failure(response);
    }
    return Readable.fromWeb(response.body);
  }

  /** Sends a file as a stream, with its length, as servers behind proxies want it. */
  async upload(artifact: string, file: string, bytes: number): Promise<void> {
    const target = new URL(this.#address(`mlflow-artifacts/artifacts/${encoded(artifact)}`));
    const { promise, resolve, reject } = Promise.withResolvers<http.IncomingMessage>();
    const request = (target.protocol === 'https:' ? https : http).request(target, {
      method: 'PUT',
      headers: { ...this.#headers(), 'content-type': 'application/octet-stream', 'content-length': bytes },
      timeout: longestSilence,
      ...(this.#options.signal === undefined ? {} : { signal: this.#options.signal }),
    });
    request.on('timeout', () => request.destroy(new Error('it took too long')));
    request.on('response', resolve);
    request.on('error', reject);
    try {
      // A server may answer before it has read everything; its answer says why.
      const [response] = await Promise.all([promise, pipeline(createReadStream(file, bytes === 0 ? {} : { end: bytes - 1 }), request).catch(() => promise.then(() => undefined))]);
      const content = Buffer.concat((await response.toArray()) as Buffer[]).toString('utf8');
      if ((response.statusCode ?? 500) >= 300) {
        throw this.#said(response.statusCode ?? 500, content, response.headers.location ?? null);
      }
    } catch (error) {
      throw error instanceof UserError ? error : this.#unreachable(error);
    }
  }

  #headers(): Record<string, string> {
    return this.#authorization === null ? {} : { authorization: this.#authorization };
  }

  #address(path: string): string {
    return `${this.uri}/api/2.0/${path}`;
  }

  async #call<S extends z.ZodMiniType>(schema: S, method: string, path: string, body: object | undefined, repeatable: boolean): Promise<z.infer<S>> {
    const pauses = repeatable ? (this.#options.pauses ?? [500, 2000]) : [];
    for (let attempt = 0; ; attempt += 1) {
      try {
        const response = await this.#fetch(method, path.startsWith('mlflow-artifacts/') ? path : `mlflow/${path}`, body);
        if (!response.ok) {
          throw await this.#failure(response);
        }
        return this.#parsed(schema, await this.#textOf(response));
      } catch (error) {
        const wait = pauses[attempt];
        if (wait === undefined || !(error instanceof RemoteUnreachable)) {
          throw error;
        }
        await pause(wait, undefined, this.#options.signal === undefined ? {} : { signal: this.#options.signal });
      }
    }
  }

  async #fetch(method: string, path: string, body: object | undefined): Promise<Response> {
    const { signal } = this.#options;
    // A download goes on for as long as it moves; everything else is short.
    const limit = path.startsWith('mlflow-artifacts/artifacts/') ? [] : [AbortSignal.timeout(this.#options.timeout ?? 30_000)];
    try {
      return await fetch(this.#address(path), {
        method,
        redirect: 'manual',
        headers: { ...this.#headers(), accept: 'application/json', ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
        signal: AbortSignal.any([...limit, ...(signal === undefined ? [] : [signal])]),
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
    } catch (error) {
      signal?.throwIfAborted();
      throw this.#unreachable(error);
    }
  }

  async #textOf(response: Response): Promise<string> {
    try {
      return await response.text();
    } catch (error) {
      this.#options.signal?.throwIfAborted();
      throw this.#unreachable(error);
    }
  }

  #parsed<S extends z.ZodMiniType>(schema: S, content: string): z.infer<S> {
    let json: unknown;
    try {
      json = content === '' ? {} : JSON.parse(content);
    } catch {
      throw new UserError(`${this.host} answered, but not as an MLflow server does. Check the address; it may need a path, such as https://${this.host}/mlflow.`, { field: 'uri' });
    }
    const parsed = schema.safeParse(json);
    if (!parsed.success) {
      const [issue] = parsed.error.issues;
      throw new UserError(`${this.host} answered in a form that is not MLflow's: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}.`, { field: 'uri' });
    }
    return parsed.data;
  }

  async #failure(response: Response): Promise<UserError> {
    return this.#said(response.status, await this.#textOf(response), response.headers.get('location'));
  }

  #said(status: number, content: string, location: string | null): UserError {
    if (status >= 300 && status < 400) {
      const place = location !== null && URL.canParse(location, this.uri) ? new URL(location, this.uri).host : 'another page';
      return new SignInNeeded(`${this.host} sends on to ${place} instead of answering, as a page for signing in does. Use the address of the API itself, with a token.`, 401);
    }
    const { error_code, message } = refusalIn(content);
    if (status === 401 || status === 403) {
      return new SignInNeeded(`${this.host} refuses access (${status}${message === null ? '' : `: ${message}`}). ${this.#authorization === null ? 'Sign in with a token, or a user and a password.' : 'The token or password is wrong or has no right to this.'}`, status);
    }
    if (passing.has(status)) {
      return new RemoteUnreachable(`${this.host} cannot answer now (${status}${message === null ? '' : `: ${message}`}). Try again later.`);
    }
    const stranger = `${this.host} answered ${status}, and not as an MLflow server does. Check the address; it may need a path, such as https://${this.host}/mlflow.`;
    return new RemoteRefusal(error_code === null ? stranger : `${this.host} refuses: ${message ?? error_code}`, error_code ?? 'ENDPOINT_NOT_FOUND', status, message ?? stranger);
  }

  #unreachable(error: unknown): RemoteUnreachable {
    const { cause, name } = error as Error & { cause?: NodeJS.ErrnoException };
    const code = cause?.code ?? (error as NodeJS.ErrnoException).code;
    const untrusted = /CERT|SELF_SIGNED|ALTNAME|UNABLE_TO/.test(code ?? '');
    if (untrusted) {
      return new RemoteUnreachable(`The certificate of ${this.host} is not trusted here (${code}). Let NODE_EXTRA_CA_CERTS name the certificate of its authority.`, {}, { cause: error });
    }
    const reason = name === 'TimeoutError' ? 'no answer in time' : (code ?? cause?.message ?? (error as Error).message);
    return new RemoteUnreachable(`${this.host} cannot be reached (${reason}). Check the address and the network.`, {}, { cause: error });
  }
}

function authorizationOf({ token, username, password }: Credentials): string | null {
  if (username !== undefined && username !== '') {
    return `Basic ${Buffer.from(`${username}:${password ?? ''}`).toString('base64')}`;
  }
  return token === undefined || token === '' ? null : `Bearer ${token}`;
}

function encoded(artifact: string): string {
  return artifact.split('/').map(encodeURIComponent).join('/');
}

const RefusalBody = z.object({ error_code: z.string(), message: z.optional(z.string()) });

function refusalIn(content: string): { error_code: string | null; message: string | null } {
  try {
    const body = RefusalBody.safeParse(JSON.parse(content));
    return body.success ? { error_code: body.data.error_code, message: body.data.message?.slice(0, 500) ?? null } : { error_code: null, message: null };
  } catch {
    return { error_code: null, message: null };
  }
}
