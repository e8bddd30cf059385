// The variables that a person's script is given.
import path from 'node:path';

/** Variables of the editor that would change what a child does: it must run as from a plain terminal. */
const ofTheEditor = /^(VSCODE_|ELECTRON_|ML_LIFECYCLE_)|^NODE_OPTIONS$/;

/** Whether the project server answers MLflow's REST API. What needs it is offered only then. */
export const speaksMlflow: boolean = false;

/** Where the mlflow client logs to. */
export interface TrackingServer {
  /** `http://127.0.0.1:P` */
  uri: string;
  token: string;
}

/** The environment for a person's script: without the editor's own variables, unbuffered and in UTF-8 for Python. */
export function scriptEnvironment(from: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const kept = Object.fromEntries(Object.entries(from).filter(([key]) => !ofTheEditor.test(key)));
  return {
    ...kept,
    PYTHONUNBUFFERED: '1',
    PYTHONIOENCODING: 'utf-8',
    // Without a window to draw in, plotting must not wait for one.
    ...(kept['MPLBACKEND'] === undefined ? { MPLBACKEND: 'Agg' } : {}),
  };
}

/** What makes the mlflow client of any process log into the project. */
export function trackingVariables({ uri, token }: TrackingServer): Record<string, string> {
  return {
    MLFLOW_TRACKING_URI: uri,
    MLFLOW_TRACKING_TOKEN: token,
    // A server that is being started again answers after a moment.
    MLFLOW_HTTP_REQUEST_MAX_RETRIES: '3',
    MLFLOW_DISABLE_TELEMETRY: 'true',
    MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT: 'true',
  };
}

/** As trackingVariables, for one run: what its script logs belongs to it. */
export function runTrackingVariables(server: TrackingServer, run: { run_id: string; experiment: string }): Record<string, string> {
  return { ...trackingVariables(server), MLFLOW_RUN_ID: run.run_id, MLFLOW_EXPERIMENT_NAME: run.experiment };
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
