// Keywords that `default:` and jobs share. GitLab: lib/gitlab/ci/config/entry/default.rb
import { parseDuration } from '../duration.ts';
import type { RetrySpec } from '../pipeline-spec.ts';
import { failureReasons } from '../failure-reasons.ts';
import type { YamlMap, YamlValue } from '../yaml/yaml-value.ts';
import { isList, isMap } from '../yaml/yaml-value.ts';
import type { InheritableConfig } from './config.ts';
import type { Keywords, Place } from './findings.ts';
import {
  attribute,
  checkKeys,
  fail,
  flattenNested,
  inside,
  isInteger,
  isString,
  isStringList,
  passes,
  readStringOrList,
} from './findings.ts';
import { readArtifacts } from './read-artifacts.ts';
import { readCaches } from './read-cache.ts';
import { readImage, readServices } from './read-image.ts';

export const inheritableKeywords = [
  'before_script',
  'after_script',
  'image',
  'services',
  'cache',
  'artifacts',
  'retry',
  'tags',
  'timeout',
  'interruptible',
] as const;

type InheritableKeyword = (typeof inheritableKeywords)[number];

/** `Project::MAX_BUILD_TIMEOUT`, a month in seconds. */
const maxTimeout = 2_629_746;
const maxTags = 50;

type Reader = (place: Place, value: YamlValue) => InheritableConfig;

const readers: Readonly<Record<InheritableKeyword, Reader>> = {
  before_script: (place, value) => ({ beforeScript: readScript(place, value) }),
  after_script: (place, value) => ({ afterScript: readScript(place, value) }),
  image: (place, value) => {
    const image = readImage(place, value);
    return image === null ? {} : { image };
  },
  services: (place, value) => ({ services: readServices(place, value) }),
  cache: (place, value) => ({ cache: readCaches(place, value) }),
  artifacts: (place, value) => ({ artifacts: readArtifacts(place, value) }),
  retry: (place, value) => ({ retry: readRetry(place, value) }),
  tags: (place, value) => ({ tags: readTags(place, value) }),
  timeout: (place, value) => {
    const timeoutSeconds = readTimeout(place, value);
    return timeoutSeconds === null ? {} : { timeoutSeconds };
  },
  interruptible: (place, value) => {
    if (typeof value === 'boolean') return { interruptible: value };
    fail(place, 'config should be a boolean value');
    return {};
  },
};

/** What a mapping says itself; a keyword without a value says nothing. */
export function readInheritable(place: Place, map: YamlMap): InheritableConfig {
  return inheritableKeywords.reduce<InheritableConfig>((config, keyword) => {
    const value = attribute(map, keyword);
    return value === undefined ? config : { ...config, ...readers[keyword](inside(place, keyword), value) };
  }, {});
}

/** Lines of a script; lists in lists, as anchors and `!reference` make them, are flattened. */
export function readScript(place: Place, value: YamlValue): readonly string[] {
  const lines = isString(value) ? [value] : flattenNested(value, isString);
  if (lines === null)
    fail(place, 'config should be a string or a nested array of strings up to 10 levels deep');
  return lines ?? [];
}

function readTags(place: Place, value: YamlValue): readonly string[] {
  if (!isStringList(value)) {
    fail(place, 'config should be an array of strings');
    return [];
  }
  if (value.length >= maxTags) fail(place, `config must be less than the limit of ${String(maxTags)} tags`);
  return value;
}

function readTimeout(place: Place, value: YamlValue): number | null {
  const seconds = isString(value) ? parseDuration(value) : null;
  if (seconds === null) fail(place, 'config should be a duration');
  if (seconds === null || seconds > maxTimeout) fail(place, 'config should not exceed the limit');
  return seconds;
}

const retryKeywords: Keywords = { carriedOut: ['max', 'when'], reported: ['exit_codes'] };

/** GitLab: lib/gitlab/ci/config/entry/retry.rb */
const retryReasons: ReadonlySet<string> = new Set(['always', ...failureReasons]);

/** Messages say "retry" wherever the keyword stands. */
function readRetry(outer: Place, value: YamlValue): RetrySpec {
  const place = { ...outer, location: 'retry' };
  if (isInteger(value)) return { max: readMax(place, 'config', value), when: ['always'] };
  if (!isMap(value)) {
    fail(place, 'config has to be either an integer or a hash');
    return noRetry;
  }
  const valid = passes(place, () => {
    checkKeys(place, value, retryKeywords);
  });
  if (!valid) return noRetry;
  checkExitCodes(place, attribute(value, 'exit_codes'));
  const max = attribute(value, 'max');
  return { max: max === undefined ? 0 : readMax(place, 'max', max), when: readReasons(place, value) };
}

export const noRetry: RetrySpec = { max: 0, when: ['always'] };

function readMax(place: Place, attributeName: string, value: YamlValue): RetrySpec['max'] {
  if (value === 0 || value === 1 || value === 2) return value;
  if (typeof value !== 'number') fail(place, `${attributeName} is not a number`);
  else if (!Number.isInteger(value)) fail(place, `${attributeName} must be an integer`);
  else if (value < 0) fail(place, `${attributeName} must be greater than or equal to 0`);
  else fail(place, `${attributeName} must be less than or equal to 2`);
  return 0;
}

function readReasons(place: Place, map: YamlMap): readonly string[] {
  const reasons = readStringOrList(place, map, 'when');
  const unknown = (reasons ?? []).filter((reason) => !retryReasons.has(reason));
  if (unknown.length > 0 && isString(attribute(map, 'when'))) fail(place, 'when is not included in the list');
  else if (unknown.length > 0) fail(place, `when contains unknown values: ${unknown.join(', ')}`);
  return reasons ?? ['always'];
}

function checkExitCodes(place: Place, value: YamlValue | undefined): void {
  if (value === undefined || isExitCodes(value)) return;
  fail(place, 'exit codes should be an array of integers or an integer');
}

/** An integer or a list of them. */
export const isExitCodes = (value: YamlValue): value is number | readonly number[] =>
  isInteger(value) || (isList(value) && value.every((code) => isInteger(code)));
