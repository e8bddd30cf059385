// What a program passes to a command, checked.
import * as vscode from 'vscode';
import * as z from 'zod/mini';
import { UserError } from '../../contracts/errors.ts';

/** Reads a program's argument, or throws a UserError that names the field. */
export function parseArgument<T extends z.core.$ZodType>(schema: T, target: unknown): z.core.output<T> {
  const result = z.safeParse(schema, target);
  if (result.success) {
    return result.data;
  }
  const issue = result.error.issues[0];
  const field = issue?.path.map(String).join('.') ?? '';
  throw new UserError(
    field === ''
      ? vscode.l10n.t('The argument of this command is wrong: {0}', issue?.message ?? '')
      : vscode.l10n.t('The argument "{0}" of this command is wrong: {1}', field, issue?.message ?? ''),
    { field },
  );
}
