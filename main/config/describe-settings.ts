// Every setting of a home with its value, its default, what it does and what a change of it leads to.
import { isDeepStrictEqual } from 'node:util';
import type { Settings } from '../model/settings.ts';
import { describeAllowed, valueAt, withValueAt } from './allowed.ts';
import { fallbackOf } from './change-setting.ts';
import { impactOf, type Impact } from './diff-settings.ts';
import { anyPool, settingPlaces, type SettingPlace } from './setting-places.ts';
import { settingLines } from './setting-lines.ts';

export interface DescribedSetting extends Omit<SettingPlace, 'fallback' | 'when'> {
  /** The first word of the path. */
  readonly group: string;
  /** What it takes, in words. */
  readonly allowed: string;
  /** Missing: it has to be given. */
  readonly default?: unknown;
  /** In force. Missing: it does not apply, or is one of every pool. */
  readonly value?: unknown;
  /** False while another setting makes it meaningless. */
  readonly applies: boolean;
  /** `gitlab.kind is server`; `null`: always. */
  readonly when: string | null;
  readonly isDefault: boolean;
  /** In the file, from 1; `null`: it is not there. */
  readonly line: number | null;
  readonly impact: Impact;
  /** What a change leads to, one sentence. */
  readonly effect: string;
}

/** In the order of the file. `text`: the file's. Those of pools are told once for all pools. */
export function describeSettings(settings: Settings, text: string | null): readonly DescribedSetting[] {
  const lineOf = settingLines(text ?? '');
  return settingPlaces.map((place) => describe(place, settings, lineOf));
}

function describe(
  place: SettingPlace,
  settings: Settings,
  lineOf: ReturnType<typeof settingLines>,
): DescribedSetting {
  const { kind, choices, minimum, maximum, nullable, unit, description, when } = place;
  const path = place.path.split('.');
  const isOfPools = path[1] === anyPool;
  const applies = when === null || isOfPools || isSo(when, settings);
  const value = isOfPools || !applies ? undefined : read(settings, path);
  const fallback = fallbackOf(place);
  return {
    ...{ path: place.path, kind, choices, minimum, maximum, nullable, unit, description },
    group: path[0] ?? '',
    allowed: allowedAt(place, settings),
    ...(fallback === undefined ? {} : { default: fallback }),
    ...(value === undefined ? {} : { value }),
    applies,
    when: when === null ? null : `${when.path} is ${when.is.join(' or ') || 'given'}`,
    isDefault: value === undefined || isDeepStrictEqual(value, fallback),
    line: isOfPools ? null : lineOf(path),
    ...impactOf(place.path === 'pools' ? `pools.${anyPool}` : place.path),
  };
}

function isSo({ path, is }: NonNullable<SettingPlace['when']>, settings: Settings): boolean {
  const value = read(settings, path.split('.')) ?? null;
  return is.length === 0 ? value !== null : is.some((one) => one === value);
}

function read(settings: Settings, path: readonly string[]): unknown {
  return path.reduce<unknown>(valueAt, settings);
}

/** In a home where it applies: what is allowed may hang on a kind. */
function allowedAt({ path, when, choices, kind }: SettingPlace, settings: Settings): string {
  if (kind === 'choice') return choices.join(' or ');
  return describeAllowed(stepsOf(path), sampleFor(when, settings)) ?? '';
}

function stepsOf(path: string): readonly (string | number)[] {
  return path.split('.').map((step) => (step === anyPool ? 0 : step));
}

/** Settings in which that is so, whatever else is wrong with them. */
function sampleFor(when: SettingPlace['when'], settings: Settings): unknown {
  if (when === null) return settings;
  const outer = settingPlaces.find(({ path }) => path === when.path)?.when ?? null;
  return withValueAt(sampleFor(outer, settings), stepsOf(when.path), when.is[0] ?? {});
}
