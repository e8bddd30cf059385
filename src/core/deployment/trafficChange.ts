import type { EndpointConfig, ServedVersion, TrafficRequest } from '../../contracts/endpoints.ts';
import { UserError } from '../../contracts/errors.ts';

export type ConfiguredVersion = EndpointConfig['versions'][number];

/**
 * What an endpoint serves once a version is added: alone by default; with `weight` beside the others, which share the
 * rest as before; as a shadow, with which nothing changes for clients.
 */
export function withVersion(current: readonly ConfiguredVersion[], added: Omit<ConfiguredVersion, 'weight' | 'shadow'>, { weight, shadow = false }: { weight?: number | undefined; shadow?: boolean | undefined }): ConfiguredVersion[] {
  const others = current.filter((version) => version.ulid !== added.ulid);
  const answering = others.filter((version) => !version.shadow && version.weight > 0);
  if (shadow) {
    if (answering.length === 0) {
      throw new UserError('A shadow gets copies of what other versions answer, and no other version answers here. Deploy it without shadow.', { field: 'shadow' });
    }
    return [...spread(others, 100), { ...added, weight: 0, shadow: true }];
  }
  if (weight === undefined || weight === 100 || answering.length === 0) {
    return [{ ...added, weight: 100, shadow: false }];
  }
  return [...spread(others, 100 - weight), { ...added, weight, shadow: false }];
}

/** The same versions, those that answer sharing `total` percent as before, in whole percents. */
function spread(versions: readonly ConfiguredVersion[], total: number): ConfiguredVersion[] {
  const sum = versions.reduce((all, version) => all + (version.shadow ? 0 : version.weight), 0);
  let given = 0;
  let seen = 0;
  return versions.map((version) => {
    if (version.shadow || version.weight === 0) {
      return version;
    }
    // Rounding the running total leaves no percent over.
    seen += version.weight;
    const weight = Math.round((seen / sum) * total) - given;
    given += weight;
    return { ...version, weight };
  });
}

/** What an endpoint serves after a request for other weights. @throws UserError that names the version or the sum. */
export function withTraffic(current: readonly ConfiguredVersion[], { versions }: TrafficRequest): ConfiguredVersion[] {
  const next = versions.map(({ version: name, weight, shadow = false }) => {
    const found = current.find((version) => version.ulid === name || String(version.version) === name.replace(/^v(?=\d)/, ''));
    if (found === undefined) {
      throw new UserError(`This endpoint serves no version "${name}". It serves ${current.map(nameOf).join(', ')}; deploy another one beside them first.`, { field: 'versions' });
    }
    if (shadow && weight > 0) {
      throw new UserError(`Version ${nameOf(found)} cannot be a shadow and answer ${weight} % of the requests. Give it the weight 0.`, { field: 'versions' });
    }
    return { ...found, weight, shadow };
  });
  const twice = next.find((version, index) => next.findIndex((each) => each.ulid === version.ulid) !== index);
  if (twice !== undefined) {
    throw new UserError(`Version ${nameOf(twice)} is named twice.`, { field: 'versions' });
  }
  const sum = next.reduce((all, version) => all + version.weight, 0);
  if (sum !== 100) {
    throw new UserError(`The weights of the versions that answer must add up to 100, not ${sum}.`, { field: 'versions' });
  }
  // The order stays, so that routing keys move as little as can be.
  const order = (version: ConfiguredVersion): number => current.findIndex((each) => each.ulid === version.ulid);
  return next.sort((a, b) => order(a) - order(b));
}

export function nameOf(version: Pick<ServedVersion, 'ulid' | 'version'>): string {
  return version.version === null ? version.ulid : String(version.version);
}

/** Without what is of no concern outside of the configuration. */
export function servedOf({ file: _, ...version }: ConfiguredVersion): ServedVersion {
  return version;
}
