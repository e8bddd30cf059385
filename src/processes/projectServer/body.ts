import type * as z from 'zod/mini';
import { UserError } from '../../contracts/errors.ts';

/** The body as `schema` has it. @throws UserError that names the field. */
export function read<S extends z.ZodMiniType>(schema: S, body: unknown): z.infer<S> {
  const parsed = schema.safeParse(body);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const field = issue?.path.join('.') ?? '';
    throw new UserError(`${field === '' ? 'The request' : field}: ${issue?.message ?? 'is not valid'}.`, { field });
  }
  return parsed.data;
}
