// A problem that a person can mend. Apart from the schemas of errors.ts, which the start of the editor does not need.

/** Where a problem lies, as far as it is known. Lines and columns count from 1. */
export interface Place {
  file?: string | undefined;
  line?: number | undefined;
  column?: number | undefined;
  field?: string | undefined;
}

/** A problem that a person caused or can mend. Its message stands by itself: what, where, what to do. */
export class UserError extends Error {
  override readonly name = 'UserError';
  readonly place: Place;

  constructor(message: string, place: Place = {}, options?: ErrorOptions) {
    super(message, options);
    this.place = place;
  }
}
