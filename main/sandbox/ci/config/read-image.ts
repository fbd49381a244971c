// `image:` and `services:`. GitLab: lib/gitlab/ci/config/entry/image.rb, service.rb
import type { ImageSpec, ServiceSpec } from '../pipeline-spec.ts';
import type { YamlMap, YamlValue } from '../yaml/yaml-value.ts';
import { isList, isMap } from '../yaml/yaml-value.ts';
import type { Keywords, Place } from './findings.ts';
import {
  attribute,
  checkKeys,
  fail,
  inside,
  isString,
  isStringList,
  passes,
  readString,
  readStringList,
  readStringOrList,
} from './findings.ts';
import { readVariables } from './read-variables.ts';

const imageKeywords: Keywords = {
  carriedOut: ['name', 'entrypoint', 'pull_policy', 'docker'],
  reported: ['ports', 'kubernetes'],
};

const serviceKeywords: Keywords = {
  carriedOut: [...imageKeywords.carriedOut, 'alias', 'command', 'variables'],
  reported: imageKeywords.reported,
};

const pullPolicies = ['always', 'never', 'if-not-present'];

/** @returns `null` after errors. */
export function readImage(place: Place, value: YamlValue): ImageSpec | null {
  const map = imageMap(place, value, imageKeywords);
  return map === null ? null : readImageParts(place, map);
}

/** A list, each item as an image with what only services have. */
export function readServices(place: Place, value: YamlValue): readonly ServiceSpec[] {
  if (!isList(value)) {
    fail(place, 'config should be a array');
    return [];
  }
  return value.flatMap((item) => readService(inside(place, 'service', null), item) ?? []);
}

function readService(place: Place, value: YamlValue): ServiceSpec | null {
  const map = imageMap(place, value, serviceKeywords);
  if (map === null) return null;
  const image = readImageParts(place, map);
  const command = readCommand(place, map);
  const alias = readString(place, map, 'alias');
  const variables = attribute(map, 'variables');
  if (image === null) return null;
  return {
    ...image,
    ...(alias === undefined ? {} : { alias }),
    ...(command === undefined ? {} : { command }),
    ...(variables === undefined
      ? {}
      : { variables: readVariables(inside(place, 'variables'), variables, []) }),
  };
}

const readCommand = (place: Place, map: YamlMap): readonly string[] | undefined =>
  isString(attribute(map, 'command'))
    ? readStringOrList(place, map, 'command')
    : readStringList(place, map, 'command');

/** A name alone is the same as a mapping with only a name. */
function imageMap(place: Place, value: YamlValue, keywords: Keywords): YamlMap | null {
  const map = isString(value) ? new Map([['name', value]]) : value;
  if (!isMap(map)) {
    fail(place, 'config should be a hash or a string');
    return null;
  }
  const name = map.get('name') ?? null;
  const valid = passes(place, () => {
    checkKeys(place, map, keywords);
    if (name !== null && !isString(name)) fail(place, 'name should be a string');
    if (name === null || name === '') fail(place, "name can't be blank");
  });
  return valid ? map : null;
}

function readImageParts(place: Place, map: YamlMap): ImageSpec | null {
  const name = attribute(map, 'name');
  const entrypoint = readEntrypoint(place, map);
  const pullPolicy = readPullPolicy(place, map);
  const docker = readDocker(place, attribute(map, 'docker'));
  if (!isString(name)) return null;
  return {
    name,
    ...(entrypoint === undefined ? {} : { entrypoint }),
    ...(pullPolicy === undefined ? {} : { pullPolicy }),
    ...docker,
  };
}

const readEntrypoint = (place: Place, map: YamlMap): readonly string[] | undefined =>
  isString(attribute(map, 'entrypoint'))
    ? readStringOrList(place, map, 'entrypoint')
    : readStringList(place, map, 'entrypoint');

function readPullPolicy(place: Place, map: YamlMap): readonly string[] | undefined {
  const value = attribute(map, 'pull_policy');
  const policyPlace = inside(place, 'pull_policy');
  if (value === undefined) return undefined;
  if (isString(value)) {
    if (!pullPolicies.includes(value)) fail(policyPlace, 'config is not included in the list');
    return [value];
  }
  if (!isStringList(value)) {
    fail(policyPlace, 'config should be an array of strings or a string');
    return undefined;
  }
  const unknown = value.filter((policy) => !pullPolicies.includes(policy));
  if (unknown.length > 0) fail(policyPlace, `config contains unknown values: ${unknown.join(', ')}`);
  if (value.length === 0) fail(policyPlace, "config can't be blank");
  return value;
}

function readDocker(place: Place, value: YamlValue | undefined): { platform?: string; user?: string } {
  if (value === undefined) return {};
  if (!isMap(value)) {
    fail(place, "executor opts '/docker' must be a valid 'object'");
    return {};
  }
  const options: { platform?: string; user?: string } = {};
  for (const [key, option] of value) {
    // GitLab accepts numbers here: `user: 1000`.
    const text = typeof option === 'number' ? String(option) : option;
    if (key !== 'platform' && key !== 'user')
      fail(place, `executor opts property '/docker/${key}' is invalid: error_type=schema`);
    else if (!isString(text) || text === '')
      fail(place, `executor opts '/docker/${key}' must be a valid 'string'`);
    else options[key] = text;
  }
  return options;
}
