import { existsSync } from 'node:fs';
import { UserError } from '../../contracts/errors.ts';
import type { StudySpec } from '../../contracts/tuning.ts';
import { checkSpace } from './space.ts';
import { gridSize } from './suggest.ts';

/** The study as it will go: a grid has as many trials as combinations. @throws UserError naming the field that must be mended. */
export function checkStudy(spec: StudySpec): StudySpec {
  const { script } = spec.job;
  if (/\.ipynb$/i.test(script)) {
    throw new UserError('A notebook takes no arguments, so it cannot be tuned. Put its code into a script that takes options, for example with argparse.', { file: script, field: 'script' });
  }
  if (!existsSync(script)) {
    throw new UserError(`There is no script ${script}.`, { file: script, field: 'script' });
  }
  checkSpace(spec.space, spec.job.arguments);
  const combinations = spec.sampler === 'grid' ? gridSize(spec.space) : null;
  if (combinations === null && spec.trials === null && spec.seconds === null) {
    throw new UserError('Say how many trials, or for how long.', { field: 'trials' });
  }
  return combinations === null ? spec : { ...spec, trials: Math.min(spec.trials ?? combinations, combinations) };
}
