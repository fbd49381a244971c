// The whole file: global keywords, defaults and jobs. GitLab: lib/gitlab/ci/config/entry/root.rb, jobs.rb
import type { YamlMap, YamlValue } from '../yaml/yaml-value.ts';
import { isMap } from '../yaml/yaml-value.ts';
import type { FileConfig, InheritableConfig, JobConfig } from './config.ts';
import type { Keywords, Place } from './findings.ts';
import {
  attribute,
  fail,
  flattenNested,
  inside,
  isString,
  noteUnsupported,
  passes,
  readMap,
} from './findings.ts';
import { inheritableKeywords, readInheritable } from './read-inheritable.ts';
import { isJob, readJob } from './read-job.ts';
import { flattenRules, readRules, workflowRules } from './read-rules.ts';
import { readVariables } from './read-variables.ts';

/** Keywords of old that stand for `default:`. */
const globalDefaults = ['before_script', 'image', 'services', 'after_script', 'cache'] as const;

/** Names that a job cannot have, whatever is in them. */
const reservedNames: ReadonlySet<string> = new Set([...globalDefaults, 'include', 'variables', 'stages']);

const defaultKeywords: Keywords = {
  carriedOut: inheritableKeywords,
  reported: ['hooks', 'id_tokens', 'identity'],
};

const workflowKeywords: Keywords = { carriedOut: ['rules', 'name'], reported: ['auto_cancel'] };

const edgeStages = ['.pre', '.post'];
const defaultStages = ['build', 'test', 'deploy'];
const maxWorkflowName = 255;

/** Findings go to the lists of `place`; without errors there the result is complete. */
export function readFile(place: Place, root: YamlMap, otherKeys: ReadonlySet<string>): FileConfig {
  const variables = attribute(root, 'variables');
  if (attribute(root, 'include') !== undefined) noteUnsupported(place, 'include');
  const defaults = readDefaults(place, root);
  return {
    stages: readStages(inside(place, 'stages'), attribute(root, 'stages')),
    variables:
      variables === undefined
        ? []
        : readVariables(inside(place, 'variables'), variables, ['value', 'description', 'expand', 'options']),
    workflow: readWorkflow(inside(place, 'workflow'), workflowValue(root)),
    jobs: readJobs(place, root, otherKeys, defaults),
  };
}

/** `default:` and `workflow:` are jobs when they look like one. */
const isGlobal = (root: YamlMap, key: string): boolean => root.has(key) && !isJob(root.get(key) ?? null);

const workflowValue = (root: YamlMap): YamlValue | undefined =>
  isGlobal(root, 'workflow') ? attribute(root, 'workflow') : undefined;

function readDefaults(place: Place, root: YamlMap): InheritableConfig {
  const own = isGlobal(root, 'default') ? attribute(root, 'default') : undefined;
  const defaultPlace = inside(place, 'default');
  const map = own === undefined ? new Map<string, YamlValue>() : readMap(defaultPlace, own, defaultKeywords);
  const globals = new Map(
    globalDefaults.flatMap((key) =>
      attribute(root, key) === undefined ? [] : [[key, root.get(key) ?? null] as const],
    ),
  );
  if (map === null) return {};
  for (const key of globals.keys()) {
    if (attribute(map, key) !== undefined)
      place.errors.push(`${key} is defined in top-level and \`default:\` entry`);
  }
  return { ...readInheritable(place, globals), ...readInheritable(defaultPlace, map) };
}

function readStages(place: Place, value: YamlValue | undefined): readonly string[] {
  const stages = value === undefined ? defaultStages : flattenNested(value, isString);
  if (stages === null) {
    fail(place, 'config should be an array of strings or a nested array of strings up to 10 levels deep');
  }
  const own = (stages ?? []).filter((stage) => !edgeStages.includes(stage));
  return ['.pre', ...new Set(own), '.post'];
}

function readWorkflow(place: Place, value: YamlValue | undefined): FileConfig['workflow'] {
  const map = value === undefined ? null : readMap(place, value, workflowKeywords);
  if (map === null) return {};
  const name = attribute(map, 'name');
  if (name !== undefined && !isString(name)) fail(place, 'name should be a string');
  if (isString(name) && name.length > maxWorkflowName) {
    fail(place, `name is too long (maximum is ${String(maxWorkflowName)} characters)`);
  }
  const rulesValue = attribute(map, 'rules');
  const rules = rulesValue === undefined ? null : flattenRules(rulesValue);
  const rulesPlace = inside(place, 'rules');
  if (rulesValue !== undefined && rules === null) fail(rulesPlace, 'config should be an array of hashes');
  return {
    ...(isString(name) ? { name } : {}),
    ...(rules === null ? {} : { rules: readRules(rulesPlace, rules, workflowRules) }),
  };
}

function readJobs(
  place: Place,
  root: YamlMap,
  otherKeys: ReadonlySet<string>,
  defaults: InheritableConfig,
): readonly JobConfig[] {
  const jobsPlace = inside(place, 'jobs', null);
  const entries = [...root].filter(([name, value]) => isJobEntry(name, value));
  const valid = passes(jobsPlace, () => {
    for (const [name, value] of entries) if (!isJob(value)) fail(jobsPlace, unmatched(name));
    if (!entries.some(([, value]) => isJob(value)))
      fail(jobsPlace, 'config should contain at least one visible job');
  });
  if (!valid) return [];
  return entries.flatMap(([name, value]) => {
    const jobPlace = inside(jobsPlace, name);
    if (otherKeys.has(name)) fail(jobPlace, 'name should be a symbol');
    return isMap(value) ? (readJob(jobPlace, name, value, defaults) ?? []) : [];
  });
}

/** Everything that is neither hidden nor a global keyword; GitLab knows no other unknown keys up here. */
function isJobEntry(name: string, value: YamlValue): boolean {
  if (name.startsWith('.') || reservedNames.has(name)) return false;
  return (name !== 'default' && name !== 'workflow') || isJob(value);
}

/** Message of jobs.rb, whose names of only letters are printed with underscores for spaces. */
function unmatched(name: string): string {
  const shown = /^[a-z\s_]+$/i.test(name) ? name.replace(/\s/g, '_') : name;
  return `${shown} config should implement the script:, run:, or trigger: keyword`;
}

/** The header of a file with inputs: known, not carried out. */
export function noteHeader(place: Place, header: ReadonlyMap<string, unknown>): void {
  for (const key of header.keys()) noteUnsupported(place, key);
}
