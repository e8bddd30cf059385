import { UserError } from '../../contracts/errors.ts';

/** Why a request of a tracking client cannot be done, by the names that MLflow's protocol has for it. */
export type RefusalCode =
  | 'INVALID_PARAMETER_VALUE'
  | 'RESOURCE_DOES_NOT_EXIST'
  | 'RESOURCE_ALREADY_EXISTS'
  | 'ENDPOINT_NOT_FOUND'
  | 'UNAUTHENTICATED'
  | 'PERMISSION_DENIED'
  | 'NOT_IMPLEMENTED'
  | 'INSUFFICIENT_STORAGE';

/** What a tracking client asked and cannot have. Clients branch on `code`, and some on the beginning of the message. */
export class Refusal extends UserError {
  readonly code: RefusalCode;

  constructor(code: RefusalCode, message: string, options?: ErrorOptions) {
    super(message, {}, options);
    this.code = code;
  }
}

/** A value that cannot be: INVALID_PARAMETER_VALUE. */
export function invalid(message: string): Refusal {
  return new Refusal('INVALID_PARAMETER_VALUE', message);
}

/** Something that is not there: RESOURCE_DOES_NOT_EXIST. */
export function missing(message: string): Refusal {
  return new Refusal('RESOURCE_DOES_NOT_EXIST', message);
}
