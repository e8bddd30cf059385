import { jobTag } from '../tracking/api.ts';

/** Variables of the editor that would change what a child does: it must run as from a plain terminal. */
const ofTheEditor = /^(VSCODE_|ELECTRON_|ML_LIFECYCLE_)|^NODE_OPTIONS$/;

/** Where a job's script finds the project's tracking server; the runner gets it in its own environment. */
export interface TrackingAddress {
  uri: string;
  token: string;
}

const uriVariable = 'ML_LIFECYCLE_TRACKING_URI';
const tokenVariable = 'ML_LIFECYCLE_TRACKING_TOKEN';

/** The variables that hand the address to a job's runner. */
export function runnerEnvironment({ uri, token }: TrackingAddress): NodeJS.ProcessEnv {
  return { [uriVariable]: uri, [tokenVariable]: token };
}

/**
 * The environment for a person's script: without the editor's own variables, unbuffered and in UTF-8 for Python, and
 * with the address of the project's tracking server, where the person has named no other.
 *
 * @param job_id the first run that an MLflow client in the script starts is this job's run.
 */
export function scriptEnvironment(from: NodeJS.ProcessEnv, job_id: string): NodeJS.ProcessEnv {
  const kept = Object.fromEntries(Object.entries(from).filter(([key]) => !ofTheEditor.test(key)));
  const { [uriVariable]: uri, [tokenVariable]: token } = from;
  const tracked = uri !== undefined && token !== undefined && !kept['MLFLOW_TRACKING_URI'];
  return {
    ...kept,
    PYTHONUNBUFFERED: '1',
    PYTHONIOENCODING: 'utf-8',
    // Without a window to draw in, plotting must not wait for one.
    ...(kept['MPLBACKEND'] === undefined ? { MPLBACKEND: 'Agg' } : {}),
    // MLFLOW_RUN_ID would do as well, until the script names an experiment: the client then refuses to go on.
    ...(tracked ? { MLFLOW_TRACKING_URI: uri, MLFLOW_TRACKING_TOKEN: token, MLFLOW_RUN_CONTEXT: withJob(kept['MLFLOW_RUN_CONTEXT'], job_id) } : {}),
  };
}

/** The tags that clients put on every run, with the job's among them. */
function withJob(context: string | undefined, job_id: string): string {
  try {
    return JSON.stringify({ ...(JSON.parse(context ?? '{}') as object), [jobTag]: job_id });
  } catch {
    return JSON.stringify({ [jobTag]: job_id });
  }
}
