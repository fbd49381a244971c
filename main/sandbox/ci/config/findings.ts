// Reading keywords: what is wrong in GitLab's words, and what GitLab knows but the sandbox does not carry out.
import type { RegexBudget } from '../../untrusted-regex.ts';
import type { YamlMap, YamlValue } from '../yaml/yaml-value.ts';
import { isList, isMap } from '../yaml/yaml-value.ts';

/** Where a value stands, and where findings about it go. */
export interface Place {
  /** As GitLab's messages name it, e.g. `jobs:build:artifacts`. */
  readonly location: string;
  /** As `unsupported` names it, e.g. `build.artifacts`. */
  readonly path: string;
  readonly errors: string[];
  readonly unsupported: Set<string>;
  /** For the expressions of the file. */
  readonly regexBudget: RegexBudget;
}

/** A place inside another one; `path` is left out when `unsupported` shall not name this step. */
export function inside(place: Place, key: string, path: string | null = key): Place {
  return {
    ...place,
    location: place.location === '' ? key : `${place.location}:${key}`,
    path: path === null ? place.path : place.path === '' ? path : `${place.path}.${path}`,
  };
}

/** GitLab shows messages about keywords in lower case (lib/gitlab/config/entry/validator.rb). */
export function fail(place: Place, text: string): void {
  place.errors.push(`${place.location} ${text}`.toLowerCase());
}

export function noteUnsupported(place: Place, key: string): void {
  place.unsupported.add(place.path === '' ? key : `${place.path}.${key}`);
}

/** Runs a check and tells whether it found no error. */
export function passes(place: Place, check: () => void): boolean {
  const before = place.errors.length;
  check();
  return place.errors.length === before;
}

/** Keywords of one place: those carried out, and those only reported. */
export interface Keywords {
  readonly carriedOut: readonly string[];
  readonly reported: readonly string[];
}

/** Checks the keys of a mapping; keywords that are only reported are noted when they have a value. */
export function checkKeys(place: Place, map: YamlMap, keywords: Keywords): void {
  const known = new Set([...keywords.carriedOut, ...keywords.reported]);
  const unknown = [...map.keys()].filter((key) => !known.has(key));
  if (unknown.length > 0) fail(place, `config contains unknown keys: ${unknown.join(', ')}`);
  for (const key of keywords.reported) if ((map.get(key) ?? null) !== null) noteUnsupported(place, key);
}

/** The mapping, or `null` after saying that it is none. */
export function readMap(place: Place, value: YamlValue, keywords: Keywords): YamlMap | null {
  if (!isMap(value)) {
    fail(place, 'config should be a hash');
    return null;
  }
  return passes(place, () => {
    checkKeys(place, value, keywords);
  })
    ? value
    : null;
}

/** `expire_in` is "expire in" in messages. */
const words = (key: string): string => key.replaceAll('_', ' ');

/** The value of a key; an empty one counts as absent. */
export function attribute(map: YamlMap, key: string): YamlValue | undefined {
  return map.get(key) ?? undefined;
}

/** A reader of one type: `accepts` narrows, `message` is GitLab's complaint. */
function typed<Value extends YamlValue>(
  accepts: (value: YamlValue) => value is Value,
  message: string,
): (place: Place, map: YamlMap, key: string) => Value | undefined {
  return (place, map, key) => {
    const value = attribute(map, key);
    if (value === undefined || accepts(value)) return value;
    fail(place, `${words(key)} ${message}`);
    return undefined;
  };
}

export const isString = (value: YamlValue | undefined): value is string => typeof value === 'string';

export const isInteger = (value: YamlValue | undefined): value is number => Number.isInteger(value);

const isBoolean = (value: YamlValue): value is boolean => typeof value === 'boolean';

export const isStringList = (value: YamlValue | undefined): value is readonly string[] =>
  isList(value) && value.every(isString);

export const readString = typed(isString, 'should be a string');
export const readBoolean = typed(isBoolean, 'should be a boolean value');
export const readStringList = typed(isStringList, 'should be an array of strings');

/** A string or a list of them, as a list. */
export function readStringOrList(place: Place, map: YamlMap, key: string): readonly string[] | undefined {
  const value = attribute(map, key);
  if (value === undefined || isStringList(value)) return value;
  if (isString(value)) return [value];
  fail(place, `${words(key)} should be an array of strings or a string`);
  return undefined;
}

/** One of `choices`. */
export function readChoice<Choice extends string>(
  place: Place,
  map: YamlMap,
  key: string,
  choices: readonly Choice[],
): Choice | undefined {
  const value = attribute(map, key);
  const choice = choices.find((candidate) => candidate === value);
  if (choice !== undefined || value === undefined) return choice;
  if (!isString(value)) fail(place, `${words(key)} should be a string`);
  fail(place, `${words(key)} should be one of: ${choices.join(', ')}`);
  return undefined;
}

/** Lists inside lists are flattened, as `!reference` makes them; `null`: not such a list, or nested too deeply. */
export function flattenNested<Item extends YamlValue>(
  value: YamlValue,
  accepts: (item: YamlValue) => item is Item,
  depth = 10,
): readonly Item[] | null {
  if (!isList(value) || depth < 0) return null;
  const items: Item[] = [];
  for (const item of value) {
    if (accepts(item)) items.push(item);
    else {
      const nested = flattenNested(item, accepts, depth - 1);
      if (nested === null) return null;
      for (const inner of nested) items.push(inner);
    }
  }
  return items;
}
