// `rules:` of jobs and of the workflow. GitLab: lib/gitlab/ci/config/entry/rules/
import { parseDuration } from '../duration.ts';
import type { Expression } from '../rules/expression.ts';
import { parseExpression } from '../rules/expression.ts';
import type { YamlMap, YamlValue } from '../yaml/yaml-value.ts';
import { isList, isMap } from '../yaml/yaml-value.ts';
import type { ChangesConfig, RuleConfig } from './config.ts';
import type { Keywords, Place } from './findings.ts';
import {
  attribute,
  checkKeys,
  fail,
  flattenNested,
  inside,
  isString,
  isStringList,
  passes,
  readBoolean,
  readMap,
  readString,
} from './findings.ts';
import { readNeeds } from './read-needs.ts';
import { readVariables } from './read-variables.ts';

const jobRuleKeywords: Keywords = {
  carriedOut: [
    'if',
    'changes',
    'exists',
    'when',
    'start_in',
    'allow_failure',
    'variables',
    'needs',
    'interruptible',
  ],
  reported: [],
};

const workflowRuleKeywords: Keywords = {
  carriedOut: ['if', 'changes', 'exists', 'when', 'start_in', 'allow_failure', 'variables', 'needs'],
  reported: ['auto_cancel'],
};

const jobTimes = ['on_success', 'on_failure', 'always', 'never', 'manual', 'delayed'] as const;
const workflowTimes = ['always', 'never'] as const;

export const maxStartIn = 7 * 24 * 60 * 60;
const maxPatterns = 50;

/** What differs between rules of a job and of the workflow. */
interface RuleKind {
  readonly keywords: Keywords;
  readonly times: readonly (typeof jobTimes)[number][];
}

export const jobRules: RuleKind = { keywords: jobRuleKeywords, times: jobTimes };
export const workflowRules: RuleKind = { keywords: workflowRuleKeywords, times: workflowTimes };

/** Mappings in a list, possibly in lists of their own; `null`: neither. */
export const flattenRules = (value: YamlValue): readonly YamlMap[] | null => flattenNested(value, isMap);

export function readRules(place: Place, rules: readonly YamlMap[], kind: RuleKind): readonly RuleConfig[] {
  return rules.flatMap((rule) => readRule(inside(place, 'rule', null), rule, kind) ?? []);
}

function readRule(place: Place, map: YamlMap, kind: RuleKind): RuleConfig | null {
  const when = kind.times.find((time) => time === attribute(map, 'when'));
  const delayed = attribute(map, 'when') === 'delayed';
  const valid = passes(place, () => {
    if (map.size === 0) fail(place, "config can't be blank");
    if (!delayed && map.has('start_in')) fail(place, 'config contains disallowed keys: start_in');
    if (when === undefined && attribute(map, 'when') !== undefined) {
      fail(place, `when unknown value: ${shown(attribute(map, 'when'))}`);
    }
    checkKeys(place, map, kind.keywords);
  });
  const startIn = delayed ? readStartIn(place, attribute(map, 'start_in')) : null;
  const condition = readCondition(place, attribute(map, 'if'));
  const allowFailure = readBoolean(place, map, 'allow_failure');
  const interruptible = readBoolean(place, map, 'interruptible');
  if (!valid) return null;
  return {
    ...(condition === undefined ? {} : { condition }),
    ...(when === undefined ? {} : { when }),
    ...(startIn === null ? {} : { startInSeconds: startIn }),
    ...(allowFailure === undefined ? {} : { allowFailure }),
    ...(interruptible === undefined ? {} : { interruptible }),
    ...readPathClauses(place, map),
    ...readResults(place, map),
  };
}

const shown = (value: YamlValue | undefined): string =>
  typeof value === 'object' ? JSON.stringify(value) : String(value);

/** A duration of up to a week, in seconds; `null` after errors. */
export function readStartIn(place: Place, value: YamlValue | undefined): number | null {
  const seconds = isString(value) ? parseDuration(value) : null;
  if (value === undefined) fail(place, "start in can't be blank");
  if (seconds === null) fail(place, 'start in should be a duration');
  if (seconds === null || seconds > maxStartIn) fail(place, 'start in should not exceed the limit');
  return seconds;
}

function readCondition(place: Place, value: YamlValue | undefined): Expression | undefined {
  if (value === undefined) return undefined;
  const expression = isString(value) ? parseExpression(value, place.regexBudget) : null;
  if (expression === null) fail(place, 'if invalid expression syntax');
  return expression ?? undefined;
}

function readPathClauses(place: Place, map: YamlMap): Pick<RuleConfig, 'changes' | 'exists'> {
  const changes = attribute(map, 'changes');
  const exists = attribute(map, 'exists');
  return {
    ...(changes === undefined ? {} : { changes: readChanges(inside(place, 'changes'), changes) }),
    ...(exists === undefined ? {} : { exists: readExists(inside(place, 'exists'), exists) }),
  };
}

function readResults(place: Place, map: YamlMap): Pick<RuleConfig, 'variables' | 'needs'> {
  const variables = attribute(map, 'variables');
  const needs = attribute(map, 'needs');
  return {
    variables: variables === undefined ? [] : readVariables(inside(place, 'variables'), variables, []),
    ...(needs === undefined ? {} : { needs: readNeeds(inside(place, 'needs'), needs) }),
  };
}

function readChanges(place: Place, value: YamlValue): ChangesConfig {
  if (isList(value)) return { paths: readPatterns(place, 'config', value), compareTo: null };
  const nothing = { paths: [], compareTo: null };
  if (!isMap(value)) {
    fail(place, 'config should be an array or a hash');
    return nothing;
  }
  const map = readMap(place, value, { carriedOut: ['paths', 'compare_to'], reported: [] });
  if (map === null) return nothing;
  const paths = attribute(map, 'paths');
  if (paths === undefined) fail(place, 'config missing required keys: paths');
  return {
    paths: paths === undefined ? [] : readPatterns(place, 'paths', paths),
    compareTo: readString(place, map, 'compare_to') ?? null,
  };
}

function readExists(place: Place, value: YamlValue): readonly string[] {
  if (isString(value)) return [value];
  if (isList(value)) return readPatterns(place, 'config', value);
  if (!isMap(value)) {
    fail(place, 'should be a string, an array of strings, or a hash');
    return [];
  }
  const map = readMap(place, value, { carriedOut: ['paths'], reported: ['project', 'ref'] });
  const paths = map === null ? undefined : attribute(map, 'paths');
  if (map !== null && paths === undefined) fail(place, 'config missing required keys: paths');
  return paths === undefined ? [] : readPatterns(place, 'paths', paths);
}

function readPatterns(place: Place, attributeName: string, value: YamlValue): readonly string[] {
  if (!isStringList(value)) {
    fail(place, `${attributeName} should be an array of strings`);
    return [];
  }
  if (value.length > maxPatterns)
    fail(place, `${attributeName} has too many entries (maximum ${String(maxPatterns)})`);
  return value;
}
