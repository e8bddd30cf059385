import { UserError } from '../../contracts/errors.ts';

/** A script that ended with an error; the exit state is kept beside the sentence. */
export class ScriptFailure extends UserError {
  readonly exitCode: number | null;

  constructor(message: string, exitCode: number | null, file: string, line: number | null) {
    super(message, { file, ...(line === null ? {} : { line }) });
    this.exitCode = exitCode;
  }
}
