import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { EndpointConfig, endpointFiles } from '../../contracts/endpoints.ts';
import { UserError } from '../../contracts/errors.ts';
import { loadPinned, type PinnedModel } from '../../core/serving/api.ts';

/** What a worker serves. */
export interface Loaded {
  config: EndpointConfig;
  /** In the order of the configuration; shadows that could not be loaded are left out. */
  pinned: PinnedModel[];
  /** Why a shadow is not served. */
  problems: string[];
}

/** @throws UserError where endpoint.json is missing or damaged. */
export async function readConfig(folder: string): Promise<EndpointConfig> {
  const file = path.join(folder, endpointFiles.config);
  try {
    return EndpointConfig.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch (error) {
    throw new UserError(`${file} cannot be read. Deploy the model again.`, { file }, { cause: error });
  }
}

/** Loads every version. @throws UserError where one that answers cannot be served; a shadow that cannot is only reported. */
export async function loadEndpoint(folder: string): Promise<Loaded> {
  const config = await readConfig(folder);
  const pinned: PinnedModel[] = [];
  const problems: string[] = [];
  for (const version of config.versions) {
    try {
      pinned.push(await loadPinned(version));
    } catch (error) {
      if (!version.shadow && version.weight > 0) {
        throw error;
      }
      problems.push((error as Error).message);
    }
  }
  return { config, pinned, problems };
}
