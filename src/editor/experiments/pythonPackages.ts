import { distributionOf } from '../../core/python/api.ts';

/** The package that a failed run's error says is missing, or null. */
export function missingPackage(error: string): string | null {
  const module = /No module named '([A-Za-z_][A-Za-z0-9_]*)/.exec(error)?.[1];
  return module === undefined ? null : distributionOf(module);
}
