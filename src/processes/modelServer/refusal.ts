import { UserError } from '../../contracts/errors.ts';

/** A request that is answered with another status than 400, in words for the client. */
export class Refusal extends Error {
  readonly status: number;

  constructor(status: number, message: string, options?: ErrorOptions) {
    super(message, options);
    this.status = status;
  }
}

/** MLflow's names of what went wrong. */
const codes: Record<number, string> = { 400: 'BAD_REQUEST', 401: 'UNAUTHENTICATED', 403: 'PERMISSION_DENIED', 404: 'NOT_FOUND', 413: 'REQUEST_TOO_LARGE', 415: 'UNSUPPORTED_MEDIA_TYPE', 503: 'TEMPORARILY_UNAVAILABLE' };

/** Status and words for anything thrown. A fault of ours says nothing of its insides. */
export function statusOf(error: Error & { statusCode?: number; code?: string }): { status: number; message: string } {
  if (error instanceof UserError) {
    return { status: 400, message: error.message };
  }
  if (error instanceof Refusal) {
    return { status: error.status, message: error.message };
  }
  if (error.code === 'FST_ERR_CTP_BODY_TOO_LARGE') {
    return { status: 413, message: 'The body is larger than 50 MB. Send fewer rows in a request.' };
  }
  const status = error.statusCode ?? 500;
  return status >= 500 ? { status, message: 'The endpoint failed at this request. Its log says why.' } : { status, message: error.message };
}

/** The body of an error as the protocol behind this address has it. `field` is added where one is known. */
export function errorBody(url: string, status: number, message: string, error: Error): object {
  const field = error instanceof UserError && error.place.field !== undefined ? { field: error.place.field } : {};
  return url.startsWith('/v2') ? { error: message, ...field } : { error_code: codes[status] ?? (status >= 500 ? 'INTERNAL_ERROR' : 'BAD_REQUEST'), message, ...field };
}
