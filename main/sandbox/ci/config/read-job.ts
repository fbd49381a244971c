// One visible job. GitLab: lib/gitlab/ci/config/entry/job.rb, processable.rb
import type { JobSpec } from '../pipeline-spec.ts';
import { compileDelimitedRegex } from '../../untrusted-regex.ts';
import type { YamlMap, YamlValue } from '../yaml/yaml-value.ts';
import { isList, isMap } from '../yaml/yaml-value.ts';
import type { InheritableConfig, JobConfig } from './config.ts';
import type { Keywords, Place } from './findings.ts';
import {
  attribute,
  checkKeys,
  fail,
  inside,
  isString,
  passes,
  readChoice,
  readStringList,
  readStringOrList,
} from './findings.ts';
import { inheritableKeywords, isExitCodes, readInheritable, readScript } from './read-inheritable.ts';
import { readNeeds } from './read-needs.ts';
import { readParallel } from './read-parallel.ts';
import { readPolicy } from './read-policy.ts';
import { flattenRules, jobRules, readRules, readStartIn } from './read-rules.ts';
import { readVariables } from './read-variables.ts';

const keywords: Keywords = {
  carriedOut: [
    ...inheritableKeywords,
    'script',
    'stage',
    'extends',
    'variables',
    'rules',
    'only',
    'except',
    'when',
    'start_in',
    'allow_failure',
    'needs',
    'dependencies',
    'parallel',
    'coverage',
    'environment',
  ],
  reported: [
    'dast_configuration',
    'hooks',
    'id_tokens',
    'identity',
    'inherit',
    'inputs',
    'manual_confirmation',
    'pages',
    'publish',
    'release',
    'resource_group',
    'run',
    'secrets',
    'trigger',
  ],
};

const environmentKeywords: Keywords = {
  carriedOut: ['name'],
  reported: ['url', 'on_stop', 'action', 'auto_stop_in', 'kubernetes', 'deployment_tier'],
};

const jobTimes = ['on_success', 'on_failure', 'always', 'manual', 'delayed'] as const;

const maxNameLength = 255;

/** Whether a mapping is a job: it has a script, steps to run or a pipeline to trigger. */
export const isJob = (value: YamlValue): value is YamlMap =>
  isMap(value) && ['script', 'run', 'trigger', 'needs'].some((key) => value.has(key));

/** What the job says, with `defaults` for what it leaves out; `null` after errors in the job's own keywords. */
export function readJob(
  place: Place,
  name: string,
  map: YamlMap,
  defaults: InheritableConfig,
): JobConfig | null {
  const rules = attribute(map, 'rules') === undefined ? null : flattenRules(map.get('rules') ?? null);
  const own = passes(place, () => {
    checkName(place, name);
    checkKeys(place, map, keywords);
    checkKinds(place, map);
    checkRulesForm(place, map, rules);
  });
  const timing = readTiming(place, map);
  const dependencies = readStringList(place, map, 'dependencies');
  const allowFailure = readAllowFailure(place, attribute(map, 'allow_failure'));
  readStringOrList(place, map, 'extends');
  if (!own) return null;
  const job: JobConfig = {
    name,
    stage: readStage(inside(place, 'stage'), attribute(map, 'stage')),
    script: map.has('script') ? readScript(inside(place, 'script'), map.get('script') ?? null) : [],
    inherited: { ...defaults, ...readInheritable(place, map) },
    ...timing,
    ...(dependencies === undefined ? {} : { dependencies }),
    ...(allowFailure === undefined ? {} : { allowFailure }),
    ...(rules === null ? {} : { rules: readRules(inside(place, 'rules'), rules, jobRules) }),
    ...readPolicies(place, map),
    ...readGraph(place, map),
    ...readLabels(place, map),
    notCarriedOut: !map.has('script'),
  };
  checkDependencies(place, job);
  return job;
}

function checkName(place: Place, name: string): void {
  if (name === '') place.errors.push("jobs:job name can't be blank");
  if (name.length > maxNameLength)
    fail(place, `name is too long (maximum is ${String(maxNameLength)} characters)`);
}

function checkKinds(place: Place, map: YamlMap): void {
  for (const pair of [
    ['script', 'trigger'],
    ['run', 'trigger'],
    ['script', 'run'],
  ]) {
    if (pair.every((key) => map.has(key)))
      fail(place, `config these keys cannot be used together: ${pair.join(', ')}`);
  }
  const script = attribute(map, 'script');
  const blank = script === undefined || script === '' || (isList(script) && script.length === 0);
  if (blank && !map.has('run') && !map.has('trigger')) {
    if (map.has('script')) fail(place, "script can't be blank");
    else fail(place, 'config should contain either a trigger or a status mirror / needs:pipeline');
  }
}

function checkRulesForm(place: Place, map: YamlMap, rules: readonly YamlMap[] | null): void {
  const value = attribute(map, 'rules');
  if (value === undefined) return;
  if (rules === null) fail(place, 'rules should be an array containing hashes and arrays of hashes');
  const refused = ['only', 'except', 'start_in'].filter((key) => attribute(map, key) !== undefined);
  if (refused.length > 0) fail(place, `config key may not be used with \`rules\`: ${refused.join(', ')}`);
}

function readTiming(place: Place, map: YamlMap): Pick<JobConfig, 'when' | 'startInSeconds'> {
  const when = readChoice(place, map, 'when', jobTimes);
  const startIn = attribute(map, 'start_in');
  if (when !== 'delayed') {
    if (startIn !== undefined) fail(place, 'start in must be blank');
    return when === undefined ? {} : { when };
  }
  if (attribute(map, 'rules') !== undefined) return { when };
  const seconds = readStartIn(place, startIn);
  return seconds === null ? { when } : { when, startInSeconds: seconds };
}

function readAllowFailure(place: Place, value: YamlValue | undefined): JobSpec['allowFailure'] | undefined {
  if (value === undefined || typeof value === 'boolean') return value;
  if (!isMap(value)) {
    fail(place, 'allow failure should be a hash or a boolean value');
    return undefined;
  }
  const own = inside(place, 'allow_failure');
  checkKeys(own, value, { carriedOut: ['exit_codes'], reported: [] });
  const codes = attribute(value, 'exit_codes');
  if (codes === undefined) return false;
  if (isExitCodes(codes)) return typeof codes === 'number' ? [codes] : codes;
  fail(own, 'exit codes should be an array of integers or an integer');
  return undefined;
}

function readStage(place: Place, value: YamlValue | undefined): string {
  if (value === undefined || isString(value)) return value ?? 'test';
  fail(place, 'config should be a string');
  return 'test';
}

function readPolicies(place: Place, map: YamlMap): Pick<JobConfig, 'only' | 'except'> {
  const only = attribute(map, 'only');
  const except = attribute(map, 'except');
  return {
    ...(only === undefined ? {} : { only: readPolicy(inside(place, 'only'), only) }),
    ...(except === undefined ? {} : { except: readPolicy(inside(place, 'except'), except) }),
  };
}

function readGraph(place: Place, map: YamlMap): Pick<JobConfig, 'needs' | 'parallel' | 'variables'> {
  const needs = attribute(map, 'needs');
  const parallelValue = attribute(map, 'parallel');
  const parallel =
    parallelValue === undefined ? null : readParallel(inside(place, 'parallel'), parallelValue);
  const variables = attribute(map, 'variables');
  return {
    variables:
      variables === undefined
        ? []
        : readVariables(inside(place, 'variables'), variables, ['value', 'expand']),
    ...(needs === undefined ? {} : { needs: readNeeds(inside(place, 'needs'), needs) }),
    ...(parallel === null ? {} : { parallel }),
  };
}

function readLabels(place: Place, map: YamlMap): Pick<JobConfig, 'coverage' | 'environment'> {
  const coverage = readCoverage(inside(place, 'coverage'), attribute(map, 'coverage'));
  const environment = readEnvironment(inside(place, 'environment'), attribute(map, 'environment'));
  return {
    ...(coverage === undefined ? {} : { coverage }),
    ...(environment === undefined ? {} : { environment }),
  };
}

/** The expression without its slashes, as runners and the API get it. */
function readCoverage(place: Place, value: YamlValue | undefined): string | undefined {
  if (value === undefined) return undefined;
  if (isString(value) && compileDelimitedRegex(value, place.regexBudget) !== null) {
    return value.endsWith('/') ? value.slice(1, -1) : value;
  }
  fail(place, 'config must be a regular expression with re2 syntax');
  return undefined;
}

function readEnvironment(place: Place, value: YamlValue | undefined): string | undefined {
  if (value === undefined) return undefined;
  if (!isMap(value) && !isString(value)) {
    fail(place, 'config should be a hash or a string');
    return undefined;
  }
  if (isMap(value)) checkKeys(place, value, environmentKeywords);
  const name = isMap(value) ? attribute(value, 'name') : value;
  if (name === undefined || name === '') fail(place, "name can't be blank");
  else if (isString(name) && /^[\w ./${}-]+$/.test(name)) return name;
  else {
    const allowed = "can contain only letters, digits, '-', '_', '/', '$', '{', '}', '.', and spaces";
    fail(place, `name ${allowed}, but it cannot start or end with '/'`);
  }
  return undefined;
}

function checkDependencies(place: Place, job: JobConfig): void {
  const needs = job.needs;
  if (needs === undefined || needs.length === 0) return;
  const missing = (job.dependencies ?? []).filter((name) => !needs.some((need) => need.job === name));
  if (missing.length > 0) fail(place, `dependencies the ${missing.join(', ')} should be part of needs`);
}
