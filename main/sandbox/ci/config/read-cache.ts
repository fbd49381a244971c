// `cache:`, one or up to four of them. GitLab: lib/gitlab/ci/config/entry/cache.rb, caches.rb, key.rb
import type { YamlMap, YamlValue } from '../yaml/yaml-value.ts';
import { isList, isMap } from '../yaml/yaml-value.ts';
import type { CacheConfig, CacheKeyFiles } from './config.ts';
import type { Keywords, Place } from './findings.ts';
import {
  attribute,
  checkKeys,
  fail,
  inside,
  isString,
  isStringList,
  passes,
  readChoice,
  readMap,
} from './findings.ts';
import { uploadTimes } from './read-artifacts.ts';

const maxCaches = 4;
const maxFallbackKeys = 5;

const keywords: Keywords = {
  carriedOut: ['key', 'untracked', 'paths', 'policy', 'when', 'fallback_keys'],
  reported: ['unprotect'],
};

const keyKeywords: Keywords = { carriedOut: ['files', 'prefix'], reported: ['files_commits'] };

export const cachePolicies = ['pull-push', 'push', 'pull'] as const;

export function readCaches(place: Place, value: YamlValue): readonly CacheConfig[] {
  if (isMap(value)) return readCache(place, value);
  if (!isList(value)) {
    fail(place, 'config can only be a hash or an array');
    return [];
  }
  if (value.length > maxCaches) fail(place, `config no more than ${String(maxCaches)} caches can be created`);
  return value.flatMap((item) => readCache(inside(place, 'cache', null), item));
}

function readCache(place: Place, value: YamlValue): readonly CacheConfig[] {
  const map = readMap(place, value, keywords);
  // An empty mapping says "no cache" where there is a default one.
  if (map === null || map.size === 0) return [];
  return [
    {
      key: readKey(inside(place, 'key'), attribute(map, 'key')),
      untracked: readUntracked(inside(place, 'untracked'), attribute(map, 'untracked')),
      paths: readStrings(inside(place, 'paths'), map, 'paths'),
      policy: readPolicy(place, map),
      when: readChoice(place, map, 'when', uploadTimes) ?? 'on_success',
      fallbackKeys: readFallbackKeys(place, map),
    },
  ];
}

function readKey(place: Place, value: YamlValue | undefined): string | CacheKeyFiles {
  if (value === undefined) return 'default';
  if (isString(value)) {
    checkKeyText(place, value);
    return value;
  }
  if (isMap(value)) return readKeyFiles(place, value);
  fail(place, 'should be a hash, a string or a symbol');
  return 'default';
}

function checkKeyText(place: Place, key: string): void {
  if (/\/|%2f/i.test(key)) fail(place, 'config cannot contain the "/" character');
  else if (/^(?:\.|%2e){1,2}$/i.test(key)) fail(place, 'config cannot be "." or ".."');
}

function readKeyFiles(place: Place, map: YamlMap): CacheKeyFiles {
  const nothing = { files: [], prefix: null };
  const valid = passes(place, () => {
    checkKeys(place, map, keyKeywords);
    if (map.has('files') === map.has('files_commits')) {
      fail(place, 'config must use exactly one of these keys: files, files_commits');
    }
  });
  if (!valid) return nothing;
  const prefix = attribute(map, 'prefix');
  if (prefix !== undefined && !isString(prefix))
    fail(inside(place, 'prefix'), 'config should be a string or symbol');
  const key = map.has('files') ? 'files' : 'files_commits';
  const files = attribute(map, key);
  if (!isStringList(files)) fail(inside(place, key), 'config should be an array of strings');
  else if (files.length === 0) fail(inside(place, key), 'config requires at least 1 item');
  else return { files, prefix: isString(prefix) ? prefix : null };
  return nothing;
}

function readUntracked(place: Place, value: YamlValue | undefined): boolean {
  if (value === undefined || typeof value === 'boolean') return value ?? false;
  fail(place, 'config should be a boolean value');
  return false;
}

function readStrings(place: Place, map: YamlMap, key: string): readonly string[] {
  const value = attribute(map, key);
  if (value === undefined || isStringList(value)) return value ?? [];
  fail(place, 'config should be an array of strings');
  return [];
}

/** A policy may be a variable; it is expanded when the job is made. */
function readPolicy(place: Place, map: YamlMap): string {
  const value = attribute(map, 'policy');
  if (value === undefined) return 'pull-push';
  if (isString(value) && (value.includes('$') || cachePolicies.some((policy) => policy === value)))
    return value;
  if (!isString(value)) fail(place, 'policy should be a string');
  fail(place, `policy should be a variable or one of: ${cachePolicies.join(', ')}`);
  return 'pull-push';
}

function readFallbackKeys(place: Place, map: YamlMap): readonly string[] {
  const value = attribute(map, 'fallback_keys');
  if (value === undefined) return [];
  if (!isStringList(value)) {
    fail(place, 'fallback keys should be an array of strings');
    return [];
  }
  if (value.length > maxFallbackKeys)
    fail(place, `fallback keys no more than ${String(maxFallbackKeys)} keys can be defined`);
  return value;
}
