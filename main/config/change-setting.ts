// One setting changed by its path: found, read as its kind, put in its place, checked with all the others.
import { parse, stringify } from 'yaml';
import { AutoGitError } from '../errors.ts';
import { nearest } from '../model/nearest.ts';
import { defaultSettings, type Settings } from '../model/settings.ts';
import { renderPath, type SettingsPath, valueAt, withValueAt } from './allowed.ts';
import { parseSettings } from './parse-settings.ts';
import { anyPool, settingPlaces, type SettingPlace } from './setting-places.ts';

/** A setting of a home: a pool's one has the pool's name in its path. */
export interface FoundSetting {
  readonly place: SettingPlace;
  /** Where it stands in the settings. */
  readonly at: SettingsPath;
}

/** Raises `settings.unknown`, and `pool.unknown` for a pool that is not there. */
export function findSetting(path: string, settings: Settings): FoundSetting {
  const [first = '', name = '', ...rest] = path.split('.');
  if (first !== 'pools') {
    const place = settingPlaces.find((one) => one.path === path);
    if (place === undefined) throw unknownSetting(path);
    return { place, at: path.split('.') };
  }
  const place = settingPlaces.find((one) => one.path === ['pools', anyPool, ...rest].join('.'));
  if (place === undefined || rest.length === 0) throw unknownSetting(path);
  const index = settings.pools.findIndex((pool) => pool.name === name);
  if (index < 0) throw unknownPool(name, settings);
  return { place, at: ['pools', index, ...rest] };
}

/** Raises as `findSetting`, and `settings.no-default`, `settings.invalid`. `value`: `null` for the default. */
export function withSetting(settings: Settings, path: string, value: unknown): Settings {
  const { place, at } = findSetting(path, settings);
  const next = value === null ? defaultOf(path, place) : readValue(place, value);
  const text = stringify(withValueAt(settings, at, next), { lineWidth: 0 });
  const { settings: after, problems } = parseSettings(text);
  if (problems.length === 0) return after;
  const own = problems.find((problem) => problem.path.startsWith(renderPath(at))) ?? problems[0];
  throw new AutoGitError({
    key: 'settings.invalid',
    message: `The settings would not be valid: ${(own?.message ?? '').replace(/^line \d+: /, '')}.`,
    next: 'Nothing was changed. See what each setting takes with: autogit settings list',
    fields: { path },
  });
}

/** What a setting of some home is when nobody says otherwise; `undefined`: it has to be given. */
export function fallbackOf({ path, fallback }: SettingPlace): unknown {
  if (path.startsWith('pools')) return fallback;
  return path.split('.').reduce<unknown>(valueAt, defaultSettings) ?? fallback;
}

function defaultOf(path: string, place: SettingPlace): unknown {
  const fallback = fallbackOf(place);
  if (fallback !== undefined) return fallback;
  throw new AutoGitError({
    key: 'settings.no-default',
    message: `${path} has no default: it has to be given as long as it is needed.`,
    next: 'Nothing was changed. Give another value.',
    fields: { path },
  });
}

/** A command line has only texts: `true`, `5` and `[a, b]` are read as the file would have them. */
function readValue({ kind }: SettingPlace, value: unknown): unknown {
  if (typeof value !== 'string' || kind === 'text' || kind === 'choice') return value;
  const read = readYaml(value);
  if (kind === 'list' && !Array.isArray(read)) return value.split(',').map((item) => item.trim());
  return read;
}

function readYaml(text: string): unknown {
  try {
    const read: unknown = parse(text, { maxAliasCount: 0 });
    return read;
  } catch {
    return text;
  }
}

function unknownSetting(path: string): AutoGitError {
  if (path === 'pools' || /^pools\.[^.]+(?:\.name)?$/.test(path)) {
    return new AutoGitError({
      key: 'settings.unknown',
      message: `${path} is not changed in one piece: pools come and go one at a time.`,
      next: 'See autogit pool add --help and autogit pool remove --help.',
      fields: { path },
    });
  }
  const names = settingPlaces.map((place) => place.path);
  const meant = nearest(path, names);
  return new AutoGitError({
    key: 'settings.unknown',
    message: `There is no setting ${JSON.stringify(path)}.`,
    next: meant === null ? 'See all of them with: autogit settings list' : `Did you mean ${meant}?`,
    fields: { path },
  });
}

function unknownPool(name: string, { pools }: Settings): AutoGitError {
  const names = pools.map((pool) => pool.name);
  const meant = nearest(name, names);
  return new AutoGitError({
    key: 'pool.unknown',
    message: `There is no pool ${JSON.stringify(name)}.`,
    next: meant === null ? `There are: ${names.join(', ') || 'none'}.` : `Did you mean ${meant}?`,
  });
}
