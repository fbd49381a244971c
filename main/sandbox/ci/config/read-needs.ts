// `needs:` of jobs and rules. GitLab: lib/gitlab/ci/config/entry/need.rb, needs.rb
import type { YamlMap, YamlValue } from '../yaml/yaml-value.ts';
import { isList, isMap } from '../yaml/yaml-value.ts';
import type { NeedConfig, ParallelConfig } from './config.ts';
import type { Keywords, Place } from './findings.ts';
import {
  attribute,
  checkKeys,
  fail,
  flattenNested,
  inside,
  isString,
  passes,
  readBoolean,
} from './findings.ts';
import { readParallel } from './read-parallel.ts';

const keywords: Keywords = { carriedOut: ['job', 'artifacts', 'optional', 'parallel'], reported: [] };

/** Needs of other pipelines are reported, not carried out. */
const otherPipelineKeywords: Keywords = {
  carriedOut: ['job', 'artifacts', 'optional', 'parallel'],
  reported: ['pipeline', 'project', 'ref'],
};

export function readNeeds(place: Place, value: YamlValue): readonly NeedConfig[] {
  if (!isMap(value) && !isList(value)) {
    fail(place, 'config can only be a hash or an array');
    return [];
  }
  const isNeed = (item: YamlValue): item is Exclude<YamlValue, readonly YamlValue[]> => !isList(item);
  const items = isMap(value) ? [value] : (flattenNested(value, isNeed) ?? []);
  return items.flatMap((item) => readNeed(inside(place, 'need', null), item) ?? []);
}

function readNeed(place: Place, value: YamlValue): NeedConfig | null {
  if (isString(value) && value !== '') return { job: value, artifacts: true, optional: false };
  if (value === '') fail(place, "config can't be blank");
  else if (!isMap(value)) fail(place, 'has an unsupported type');
  else if (['pipeline', 'project', 'ref'].some((key) => value.has(key)))
    checkKeys(place, value, otherPipelineKeywords);
  else if (value.has('job')) return readNeedMap(place, value);
  else fail(place, 'has an unsupported type');
  return null;
}

function readNeedMap(place: Place, map: YamlMap): NeedConfig | null {
  const job = attribute(map, 'job');
  const valid = passes(place, () => {
    checkKeys(place, map, keywords);
    if (!isString(job)) fail(place, 'job should be a string');
    if (job === undefined || job === '') fail(place, "job can't be blank");
  });
  const artifacts = readBoolean(place, map, 'artifacts') ?? true;
  const optional = readBoolean(place, map, 'optional') ?? false;
  const parallel = readNeedParallel(place, attribute(map, 'parallel'));
  return valid && isString(job)
    ? { job, artifacts, optional, ...(parallel === null ? {} : { parallel }) }
    : null;
}

function readNeedParallel(place: Place, value: YamlValue | undefined): ParallelConfig | null {
  if (value === undefined) return null;
  const parallel = readParallel(inside(place, 'parallel'), value);
  if (parallel?.kind === 'number') fail(inside(place, 'parallel'), 'config cannot use "parallel: <number>".');
  return parallel;
}
