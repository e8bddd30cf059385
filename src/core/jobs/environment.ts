// The variables that a person's script is given.
import path from 'node:path';
import { jobTag } from '../../contracts/runs.ts';

/** Variables of the editor that would change what a child does: it must run as from a plain terminal. */
const ofTheEditor = /^(VSCODE_|ELECTRON_|ML_LIFECYCLE_)|^NODE_OPTIONS$/;

/** Where MLflow clients log into the project. */
export interface TrackingAddress {
  /** `http://127.0.0.1:P` */
  uri: string;
  token: string;
}

const uriVariable = 'ML_LIFECYCLE_TRACKING_URI';
const tokenVariable = 'ML_LIFECYCLE_TRACKING_TOKEN';

/** The variables that hand the address to a job's runner. */
export function runnerEnvironment({ uri, token }: TrackingAddress): Record<string, string> {
  return { [uriVariable]: uri, [tokenVariable]: token };
}

/** What makes the MLflow client of any process log into the project. */
export function trackingVariables({ uri, token }: TrackingAddress): Record<string, string> {
  return {
    MLFLOW_TRACKING_URI: uri,
    MLFLOW_TRACKING_TOKEN: token,
    MLFLOW_DISABLE_TELEMETRY: 'true',
    // They are addresses of MLflow's own pages, which are not here.
    MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT: 'true',
  };
}

/**
 * The environment for a person's script: without the editor's own variables, unbuffered and in UTF-8 for Python, and
 * with the address of the project's tracking server, where the person has named no other.
 *
 * @param job_id the first run that an MLflow client in the script starts is this job's run.
 */
export function scriptEnvironment(from: NodeJS.ProcessEnv, job_id: string): NodeJS.ProcessEnv {
  const kept = plainEnvironment(from);
  const { [uriVariable]: uri, [tokenVariable]: token } = from;
  // Who started the server may have done so from a terminal with this project's own variables.
  const named = kept['MLFLOW_TRACKING_URI'] ?? '';
  const own = named.startsWith('http://127.0.0.1:') && token !== undefined && `${kept['MLFLOW_TRACKING_TOKEN']}/`.startsWith(`${token}/`);
  const tracked = uri !== undefined && token !== undefined && (named === '' || own);
  return {
    ...kept,
    PYTHONUNBUFFERED: '1',
    PYTHONIOENCODING: 'utf-8',
    // Without a window to draw in, plotting must not wait for one.
    ...(kept['MPLBACKEND'] === undefined ? { MPLBACKEND: 'Agg' } : {}),
    // MLFLOW_RUN_ID would do as well, until the script names an experiment: the client then refuses to go on.
    ...(tracked ? { ...trackingVariables({ uri, token: tokenOfJob(token, job_id) }), MLFLOW_RUN_CONTEXT: withJob(kept['MLFLOW_RUN_CONTEXT'], job_id) } : {}),
  };
}

/** The project's token with the job behind it: the server then knows whose script asks, and takes it as the token. */
function tokenOfJob(token: string, job_id: string): string {
  return `${token}/${job_id}`;
}

/** Variables without the editor's own, as from a plain terminal. */
export function plainEnvironment(from: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(from).filter(([key]) => !ofTheEditor.test(key)));
}

/** The tags that clients put on every run, with the job's among them. */
export function withJob(context: string | undefined, job_id: string): string {
  try {
    return JSON.stringify({ ...(JSON.parse(context ?? '{}') as object), [jobTag]: job_id });
  } catch {
    return JSON.stringify({ [jobTag]: job_id });
  }
}

/** What makes Python load our sitecustomize before a script, which turns autologging on. @param hook its folder. */
export function autologVariables(from: NodeJS.ProcessEnv, hook: string): Record<string, string> {
  const before = from['PYTHONPATH'];
  return { ML_LIFECYCLE_AUTOLOG: '1', PYTHONPATH: before ? [hook, before].join(path.delimiter) : hook };
}

/** Why autologging cannot work in a run with these arguments of the interpreter; null where it can. */
export function whyNoAutologging(script: string, interpreterArguments: readonly string[], hasMlflow: boolean): string | null {
  if (!/\.(py|ipynb)$/i.test(script)) {
    return 'it works in Python only';
  }
  const option = interpreterArguments.find((each) => /^-[A-Za-z]*[IES]/.test(each));
  if (option !== undefined) {
    return `Python runs with ${option}, which leaves out what is loaded before a script`;
  }
  return hasMlflow ? null : 'mlflow is not installed for this Python';
}
