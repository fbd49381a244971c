// `variables:` of the file, of jobs, rules and services. GitLab: lib/gitlab/ci/config/entry/variable.rb
import type { CiVariable } from '../pipeline-spec.ts';
import { fileVariable } from '../variables.ts';
import type { YamlMap, YamlValue } from '../yaml/yaml-value.ts';
import { isMap } from '../yaml/yaml-value.ts';
import type { Place } from './findings.ts';
import { attribute, fail, inside, isInteger, isString, readBoolean, readStringList } from './findings.ts';

/** Which data a variable may have besides its value, e.g. `description` at the top of the file. */
export type VariableData = 'value' | 'description' | 'expand' | 'options';

/** `allowed` empty: values must be plain. */
export function readVariables(
  place: Place,
  value: YamlValue,
  allowed: readonly VariableData[],
): readonly CiVariable[] {
  if (isMap(value))
    return [...value].flatMap(([key, item]) => readVariable(inside(place, key), key, item, allowed));
  fail(place, 'config should be a hash');
  return [];
}

/** Text of a value that GitLab calls alphanumeric, or `null`. */
export const alphanumeric = (value: YamlValue | undefined): string | null =>
  isString(value) || isInteger(value) ? String(value) : null;

function readVariable(
  place: Place,
  key: string,
  value: YamlValue,
  allowed: readonly VariableData[],
): readonly CiVariable[] {
  const text = alphanumeric(value);
  if (text !== null) return [fileVariable(key, text)];
  if (isMap(value)) return readVariableData(place, key, value, allowed);
  place.errors.push('variable definition must be either a string or a hash');
  return [];
}

function readVariableData(
  place: Place,
  key: string,
  data: YamlMap,
  allowed: readonly VariableData[],
): readonly CiVariable[] {
  const extra = [...data.keys()].filter((name) => !allowed.some((known) => known === name));
  if (allowed.length === 0) fail(place, 'config must be a string');
  else if (extra.length > 0) fail(place, `config uses invalid data keys: ${extra.join(', ')}`);
  const value = attribute(data, 'value');
  const description = attribute(data, 'description');
  if (value !== undefined && alphanumeric(value) === null)
    fail(place, 'config value must be an alphanumeric string');
  if (description !== undefined && alphanumeric(description) === null) {
    fail(place, 'config description must be an alphanumeric string');
  }
  const expands = readBoolean(place, data, 'expand');
  const options = readStringList(place, data, 'options');
  const text = alphanumeric(value) ?? '';
  if (options !== undefined && options.length > 0 && !options.includes(text)) {
    fail(place, 'config value must be present in options');
  }
  return [fileVariable(key, text, expands === false)];
}
