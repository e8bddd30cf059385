import path from 'node:path';
import { invalid } from '../../../core/tracking/api.ts';
import { int64, text, type Reader } from './validate.ts';

// MLflow's limits: what is too long is cut where MLflow cuts it, and refused where it refuses.

const longestParam = 6000;
const longestTag = 8000;
const longestKey = 250;

export const longest = { batch: 1000, batchParams: 100, batchTags: 100, results: 50_000, registryResults: 1000, versionResults: 200_000, historyPage: 25_000 } as const;

/** How many characters a text has, as MLflow counts: one that takes two units is one. */
function lengthOf(value: string): number {
  return value.length - (value.match(/[\uD800-\uDBFF][\uDC00-\uDFFF]/g)?.length ?? 0);
}

/** The key of a metric, a parameter or a tag. */
export const key: Reader<string> = (value, place) => {
  const name = text(value, place);
  if (lengthOf(name) > longestKey) {
    throw invalid(`'${place}' exceeds the maximum length of ${longestKey} characters: "${name.slice(0, 40)}…" has ${name.length}.`);
  }
  if (!/^[/\p{L}\p{N}_.\- :]+$/u.test(name)) {
    throw invalid(`Invalid value "${name}" for parameter '${place}' supplied: Names may only contain alphanumerics, underscores (_), dashes (-), periods (.), spaces ( ), colon(:) and slashes (/).`);
  }
  const normal = path.posix.normalize(name).replace(/(?<=.)\/$/, '');
  if (normal !== name || normal === '.' || normal.startsWith('..') || normal.startsWith('/')) {
    throw invalid(`Invalid value "${name}" for parameter '${place}' supplied: Names may be treated as files in certain cases, and must not resolve to other names when treated as such. This name would resolve to ${normal}`);
  }
  return name;
};

export const paramValue: Reader<string> = (value, place) => cut(text(value, place), longestParam);
export const tagValue: Reader<string> = (value, place) => cut(text(value, place), longestTag);

function cut(value: string, length: number): string {
  return value.length <= length ? value : [...value].slice(0, length).join('');
}

/** A text that is refused where it is longer than `length`. */
export function upTo(length: number): Reader<string> {
  return (value, place) => {
    const given = text(value, place);
    if (lengthOf(given) > length) {
      throw invalid(`'${place}' exceeds the maximum length of ${length} characters.`);
    }
    return given;
  };
}

export const experimentName: Reader<string> = (value, place) => {
  const name = upTo(500)(value, place);
  if (name.trim() === '') {
    throw invalid(`Invalid experiment name: '${name}'. An experiment's name cannot be empty.`);
  }
  return name;
};

/** Where an experiment's artifacts shall lie. It becomes part of paths, so it must be plain. */
export const artifactLocation: Reader<string> = (value, place) => {
  const location = upTo(2048)(value, place);
  if (/[?#]|(^|[/\\])\.\.([/\\]|$)/.test(location.replaceAll(/%2e/gi, '.'))) {
    throw invalid(`Invalid artifact location: '${location}'. It cannot hold "..", "?" or "#".`);
  }
  return location;
};

export const modelName: Reader<string> = (value, place) => {
  const name = text(value, place);
  if (name.trim() === '') {
    throw invalid(`Missing value for required parameter '${place}'.`);
  }
  if (/[/:]/.test(name)) {
    throw invalid(`Invalid model name '${name}'. Names cannot contain '/' or ':'.`);
  }
  return name;
};

export const versionNumber: Reader<number> = (value, place) => {
  const given = typeof value === 'number' ? String(value) : text(value, place);
  if (!/^[-+]?\d{1,15}$/.test(given)) {
    throw invalid(`Parameter '${place}' must be an integer, got '${given}'.`);
  }
  return Number(given);
};

/** An alias as it may be asked for; some are reserved and cannot be set. */
export const aliasName: Reader<string> = (value, place) => {
  const name = upTo(255)(value, place);
  if (!/^[\p{L}\p{N}_-]+$/u.test(name)) {
    throw invalid(`Invalid alias name: '${name}'. Names may only contain alphanumerics, underscores (_), and dashes (-).`);
  }
  return name;
};

export const alias: Reader<string> = (value, place) => {
  const name = aliasName(value, place);
  if (name.toLowerCase() === 'latest') {
    throw invalid(`'latest' alias name (case insensitive) is reserved.`);
  }
  if (/^v\d+$/i.test(name)) {
    throw invalid(`Version alias name '${name}' is reserved.`);
  }
  return name;
};

/** How many results a page has. @param most more is refused. */
export function pageSize(most: number): Reader<number> {
  return (value, place) => {
    const size = int64(value, place);
    if (size < 1 || size > most) {
      throw invalid(`Invalid value ${size} for parameter '${place}' supplied: It must be at least 1 and at most ${most}.`);
    }
    return size;
  };
}
