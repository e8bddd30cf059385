import * as z from 'zod/mini';
import { UserError } from './userError.ts';

export { UserError };

/** Where a problem lies, as far as it is known. Lines and columns count from 1. */
export const Place = z.object({
  file: z.optional(z.string()),
  line: z.optional(z.number()),
  column: z.optional(z.number()),
  field: z.optional(z.string()),
});
export type Place = z.infer<typeof Place>;

/** A failure as it crosses a process boundary. */
export const Failure = z.object({
  /** What happened and what to do, in plain words. */
  message: z.string(),
  /** True when a person caused it or can mend it; false for a fault of ours. */
  user: z.boolean(),
  place: z.optional(Place),
  /** A stack trace or a tool's own words, for the output channel. */
  detail: z.optional(z.string()),
});
export type Failure = z.infer<typeof Failure>;

/** Turns anything thrown into a Failure that can be sent to another process. */
export function toFailure(error: unknown): Failure {
  if (error instanceof UserError) {
    return { message: error.message, user: true, place: error.place };
  }
  if (error instanceof Error) {
    return { message: error.message, user: false, ...(error.stack ? { detail: error.stack } : {}) };
  }
  return { message: String(error), user: false };
}

/** The error that a Failure from another process stands for. */
export function fromFailure(failure: Failure): Error {
  if (failure.user) {
    return new UserError(failure.message, failure.place);
  }
  const error = new Error(failure.message);
  if (failure.detail) {
    error.stack = failure.detail;
  }
  return error;
}
