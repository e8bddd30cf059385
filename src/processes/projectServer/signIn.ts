// Who asks: the token in a header `Authorization`, and the job whose script sends it.

/** The token of a bearer, or the password of any user; empty where the header has neither. */
export function tokenIn(authorization: string): string {
  const space = authorization.indexOf(' ');
  const value = authorization.slice(space + 1);
  switch (authorization.slice(0, Math.max(0, space)).toLowerCase()) {
    case 'bearer':
      return value;
    case 'basic': {
      const pair = Buffer.from(value, 'base64').toString('utf8');
      return pair.slice(pair.indexOf(':') + 1);
    }
    default:
      return '';
  }
}

/** What `tokenOfJob` put together. A token that is no job's is cut as well, where it has a slash: try it whole first. */
export function partsOfToken(given: string): { token: string; job_id: string } {
  const slash = given.lastIndexOf('/');
  return slash === -1 ? { token: given, job_id: '' } : { token: given.slice(0, slash), job_id: given.slice(slash + 1) };
}
