// What the environment signs in with at a tracking server, by the variables that MLflow has for it.
import type { Credentials } from '../../contracts/exchange.ts';

/**
 * None where the variables are meant for another server: a terminal may hold the token of a project's own.
 *
 * @param named true: MLFLOW_TRACKING_URI must name that server; false: it may also be unset.
 */
export function environmentCredentials(environment: NodeJS.ProcessEnv, address: string, named: boolean): Credentials | undefined {
  const { MLFLOW_TRACKING_URI: uri = '', MLFLOW_TRACKING_TOKEN: token, MLFLOW_TRACKING_USERNAME: username, MLFLOW_TRACKING_PASSWORD: password } = environment;
  if ((uri === '' ? named : !sameServer(uri, address)) || (token === undefined && username === undefined)) {
    return undefined;
  }
  return { ...(token === undefined ? {} : { token }), ...(username === undefined ? {} : { username }), ...(password === undefined ? {} : { password }) };
}

function sameServer(a: string, b: string): boolean {
  return URL.canParse(a) && URL.canParse(b) && new URL(a).origin === new URL(b).origin;
}
