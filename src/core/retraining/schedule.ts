import { Cron } from 'croner';
import { UserError } from '../../contracts/errors.ts';

/**
 * When a cron pattern comes next after a moment, in this machine's time zone; null where it never does.
 * Both in milliseconds since 1970.
 *
 * @throws UserError where the pattern is none.
 */
export function nextRun(pattern: string, after: number): number | null {
  try {
    return new Cron(pattern, { paused: true }).nextRun(new Date(after))?.getTime() ?? null;
  } catch (error) {
    throw new UserError(`\`${pattern}\` is not a schedule: ${error instanceof Error ? error.message.replace(/^CronPattern: /, '') : String(error)} A schedule is a cron pattern such as \`0 3 * * 1\`.`, { field: 'schedule' });
  }
}

const units: Record<string, number> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Milliseconds of a duration such as `12h`, as ml.yaml has it. */
export function durationOf(text: string): number {
  return Number(text.slice(0, -1)) * (units[text.slice(-1)] ?? 0);
}
