// `only:` and `except:`. GitLab: lib/gitlab/ci/config/entry/policy.rb
import { compileDelimitedRegex, isDelimitedRegex } from '../../untrusted-regex.ts';
import type { Expression } from '../rules/expression.ts';
import { parseExpression } from '../rules/expression.ts';
import type { YamlMap, YamlValue } from '../yaml/yaml-value.ts';
import { isList, isMap } from '../yaml/yaml-value.ts';
import type { PolicyConfig } from './config.ts';
import type { Keywords, Place } from './findings.ts';
import { attribute, fail, isStringList, passes, readMap, readStringList } from './findings.ts';

const keywords: Keywords = { carriedOut: ['refs', 'variables', 'changes'], reported: ['kubernetes'] };

export function readPolicy(place: Place, value: YamlValue): PolicyConfig {
  if (isList(value)) return { refs: readRefs(place, 'config', value) };
  if (isMap(value)) return readPolicyMap(place, value);
  fail(place, 'has to be either an array of conditions or a hash');
  return {};
}

function readPolicyMap(place: Place, value: YamlMap): PolicyConfig {
  if (value.size === 0) fail(place, "config can't be blank");
  const map = readMap(place, value, keywords);
  if (map === null) return {};
  const refs = attribute(map, 'refs');
  const conditions = readStringList(place, map, 'variables');
  const changes = readStringList(place, map, 'changes');
  return {
    ...(refs === undefined ? {} : { refs: readRefs(place, 'refs', refs) }),
    ...(conditions === undefined ? {} : { variables: readConditions(place, conditions) }),
    ...(changes === undefined ? {} : { changes }),
  };
}

function readRefs(place: Place, attributeName: string, value: YamlValue): readonly string[] {
  if (
    isStringList(value) &&
    value.every((ref) => !isDelimitedRegex(ref) || compileDelimitedRegex(ref, place.regexBudget) !== null)
  ) {
    return value;
  }
  fail(place, `${attributeName} should be an array of strings or regular expressions using re2 syntax`);
  return [];
}

function readConditions(place: Place, texts: readonly string[]): readonly Expression[] {
  const expressions: Expression[] = [];
  passes(place, () => {
    for (const text of texts) {
      const expression = parseExpression(text, place.regexBudget);
      if (expression === null) fail(place, 'variables invalid expression syntax');
      else expressions.push(expression);
    }
  });
  return expressions;
}
