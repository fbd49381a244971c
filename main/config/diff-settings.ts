// What a change of the settings would cost, told before it is made.
import { isDeepStrictEqual } from 'node:util';
import type { Settings } from '../model/settings.ts';
import { valueAt } from './allowed.ts';

/**
 * `none`: taken up at once; `restart`: runners are replaced, idle ones first and those with a job after it;
 * `data-loss`: something that AutoGit knows is forgotten. No running job ends.
 */
export type Impact = 'none' | 'restart' | 'data-loss';

export interface SettingsChange {
  /** `log.level`; pools by their name: `pools.gpu.max`, or `pools.gpu` for a whole one. */
  readonly path: string;
  readonly impact: Impact;
  /** What happens, one sentence. */
  readonly effect: string;
}

interface Rule extends Omit<SettingsChange, 'path'> {
  readonly pattern: RegExp;
}

/** The first that matches counts. */
const rules: readonly Rule[] = [
  {
    pattern: /^gitlab\.(kind|url)$/,
    impact: 'data-loss',
    effect:
      'Jobs and runner entries of the former GitLab are forgotten: their numbers mean other jobs in another GitLab.',
  },
  {
    pattern: /^gitlab\.stack\.connect$/,
    impact: 'none',
    effect: 'AutoGit connects to GitLab anew.',
  },
  {
    pattern: /^gitlab\.trustInJobs$/,
    impact: 'restart',
    effect: 'Runners are replaced as they become idle; jobs that run keep what they have.',
  },
  { pattern: /^gitlab\./, impact: 'restart', effect: 'Runners are replaced as they become idle.' },
  {
    pattern: /^engine\.host$/,
    impact: 'none',
    effect: 'AutoGit moves to the other container engine at once; what runs on the former one stays there.',
  },
  {
    pattern: /^pools\.[^.]+$/,
    impact: 'none',
    effect: 'Runners of a pool that is gone leave after their job.',
  },
  {
    pattern:
      /^pools\.[^.]+\.(executor|image|cpus|memoryMiB|idleTime|jobsPerRunner|diskMiB|pids|shmMiB|arch|cache|runnerImage|mounts|devices|capabilities|(scope|env|gpu)(\..+)?)$/,
    impact: 'restart',
    effect: 'Idle runners are replaced, busy ones after their job.',
  },
  { pattern: /^pools\./, impact: 'none', effect: 'Taken up at once.' },
  {
    pattern: /^gpus\./,
    impact: 'none',
    effect: 'Taken up at once: a runner without a job leaves a GPU that is kept, one with a job goes on.',
  },
  {
    pattern: /^emulation\./,
    impact: 'none',
    effect: 'Emulators are registered or removed by a privileged container; running jobs keep theirs.',
  },
  { pattern: /^proofs$/, impact: 'none', effect: 'Taken up at once; what was proven stays known.' },
  {
    pattern: /^notices\./,
    impact: 'none',
    effect: 'Taken up at once; what was told before stays in the history.',
  },
  {
    pattern: /^backups\.targets$/,
    impact: 'none',
    effect: 'The next backup goes there; what is kept at a place that is gone stays there.',
  },
  {
    pattern: /^backups\.keep\./,
    impact: 'none',
    effect: 'Counts the next time that room is made: autogit backup prune --dry-run shows what would go.',
  },
  { pattern: /^backups\./, impact: 'none', effect: 'Taken up at once; a run that goes on ends as it began.' },
  { pattern: /^updates\./, impact: 'none', effect: 'Taken up with the next look for updates.' },
  { pattern: /^log\./, impact: 'none', effect: 'Taken up at once.' },
  { pattern: /^version$/, impact: 'none', effect: 'The file is written in the newer form.' },
];

/** Every changed setting, in the order of the settings. */
export function diffSettings(before: Settings, after: Settings): readonly SettingsChange[] {
  return changedPaths(byName(before), byName(after), '').map((path) => ({ path, ...impactOf(path) }));
}

/** A list of pools says nothing about which is which; a map by their names does. */
function byName(settings: Settings): object {
  return { ...settings, pools: Object.fromEntries(settings.pools.map((pool) => [pool.name, pool])) };
}

function changedPaths(before: object, after: object, prefix: string): readonly string[] {
  const fields = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...fields].flatMap((field) => {
    const [old, now] = [valueAt(before, field), valueAt(after, field)];
    const path = prefix + field;
    if (isDeepStrictEqual(old, now)) return [];
    return isGroup(old) && isGroup(now) ? changedPaths(old, now, `${path}.`) : [path];
  });
}

function isGroup(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What a change of one setting costs. Throws for a path that no rule is for. */
export function impactOf(path: string): Omit<SettingsChange, 'path'> {
  const rule = rules.find(({ pattern }) => pattern.test(path));
  if (rule === undefined) throw new Error(`No impact is known for a change of ${path}`);
  return { impact: rule.impact, effect: rule.effect };
}
