// What the requests about pools do: they change the settings file, and the next plan does the rest.
import type { Output, ParsedInput } from '../contract/contract.ts';
import { diffSettings } from '../config/diff-settings.ts';
import { AutoGitError } from '../errors.ts';
import { mismatchesOf } from '../model/matching.ts';
import { nearest } from '../model/nearest.ts';
import { poolSchema } from '../model/pool.ts';
import type { Settings } from '../model/settings.ts';
import { requireSettings } from './effect.ts';
import { forgetPoolFailures } from './recover-requests.ts';
import { toOutcome } from './outcome.ts';
import { preview, previewOf } from './preview.ts';
import type { RequestContext } from './requests.ts';
import type { SettingsEdit } from './settings-access.ts';
import { renderJob } from './snapshot.ts';

type SettingsPool = Settings['pools'][number];
type PoolOutcome = Output<'pool.set'>;

/** Throws `pool.unknown`. */
export function requirePool(name: string, { pools }: Pick<Settings, 'pools'>): SettingsPool {
  const pool = pools.find((one) => one.name === name);
  if (pool !== undefined) return pool;
  const names = pools.map((one) => one.name);
  const meant = nearest(name, names);
  throw new AutoGitError({
    key: 'pool.unknown',
    message: `There is no pool ${JSON.stringify(name)}.`,
    next: meant === null ? `There are: ${names.join(', ') || 'none'}.` : `Did you mean ${meant}?`,
  });
}

/** `pool.show`. */
export async function showPool(
  { name }: ParsedInput<'pool.show'>,
  context: RequestContext,
): Promise<Output<'pool.show'>> {
  const settings = requirePool(name, context.settings.current());
  const { pools, runners } = context.live.current();
  const status = pools.find((pool) => pool.name === name);
  if (status === undefined) throw notSeenYet(name);
  const waiting = context.store.openJobs().filter(({ status: at }) => at === 'pending');
  return {
    status,
    settings,
    runners: runners.filter(({ pool }) => pool === name),
    jobs: waiting
      .filter((job) => mismatchesOf(job, settings).length === 0)
      .map((job) => renderJob(job, context.runnerOf)),
  };
}

function notSeenYet(name: string): AutoGitError {
  return new AutoGitError({
    key: 'pool.unknown',
    message: `Pool "${name}" has only just come into the settings.`,
    next: 'Ask again in a moment.',
    retry: true,
  });
}

type PoolFields = Omit<ParsedInput<'pool.set'>, 'dryRun' | 'name'>;

/** `group:lab/web` as the settings have it. */
function scopeOf(text: string): object {
  const [kind = '', path] = text.split(':');
  return path === undefined ? { kind } : { kind, path };
}

/** The fields that were given, as the settings have them. */
function givenOf({ scope, env, gpu, ...fields }: PoolFields): object {
  const given = Object.entries(fields).filter(([, value]) => value !== undefined);
  return {
    ...Object.fromEntries(given),
    ...(scope === undefined ? {} : { scope: scopeOf(scope) }),
    ...(env === undefined ? {} : { env: envOf(env) }),
    ...(gpu === undefined ? {} : { gpu: gpu === null ? null : gpuOf(gpu) }),
  };
}

/** `2`, or `count=2,vendor=nvidia` as the settings have it. */
function gpuOf(text: string): object {
  const parts = /^\d+$/.test(text) ? [`count=${text}`] : text.split(',');
  return Object.fromEntries(
    parts.map((part) => {
      const [name = '', value = ''] = part.split('=');
      return [name, /^\d+$/.test(value) ? Number(value) : value];
    }),
  );
}

/** `NAME=value` of a command line, as the settings have them. */
function envOf(texts: readonly string[]): object {
  return Object.fromEntries(
    texts.map((text) => [text.split('=', 1).join(), text.slice(text.indexOf('=') + 1)]),
  );
}

/** Throws `settings.invalid` for values that do not fit together. */
function toPool(fields: object): SettingsPool {
  const parsed = poolSchema.safeParse(fields);
  if (parsed.success) return parsed.data;
  const wrong = parsed.error.issues.map(({ path, message }) => [...path, message].map(String).join(': '));
  throw new AutoGitError({
    key: 'settings.invalid',
    message: `The pool would not be valid: ${wrong.slice(0, 3).join('; ')}.`,
    next: 'Nothing was changed. Give values that fit together.',
  });
}

/** `pool.add`. Rejects with `pool.exists`. */
export async function addPool(
  { dryRun, name, ...fields }: ParsedInput<'pool.add'>,
  context: RequestContext,
): Promise<PoolOutcome> {
  const words = { done: `Pool "${name}" is there.`, would: `Pool "${name}" would be added.` };
  return changeSettings(context, dryRun, words, (present) => {
    if (present.pools.some((pool) => pool.name === name)) {
      throw new AutoGitError({
        key: 'pool.exists',
        message: `There is a pool "${name}" already.`,
        next: `Change it with autogit pool set ${name}, or choose another name.`,
      });
    }
    return { ...present, pools: [...present.pools, toPool({ name, ...givenOf(fields) })] };
  });
}

/** `pool.set`. */
export async function setPool(
  { dryRun, name, ...fields }: ParsedInput<'pool.set'>,
  context: RequestContext,
): Promise<PoolOutcome> {
  const words = { done: `Pool "${name}" has changed.`, would: `Pool "${name}" would change.` };
  return changeSettings(context, dryRun, words, editOf(name, givenOf(fields)));
}

/** The settings with other ones of a pool; nothing is written. Throws `pool.unknown`, `settings.invalid`. */
export function withPool(name: string, fields: PoolFields, present: Settings): Settings {
  return editOf(name, givenOf(fields))(present);
}

/** Changes one pool and leaves the others. */
function editOf(name: string, fields: object): SettingsEdit {
  return (present) => {
    requirePool(name, present);
    const pools = present.pools.map((pool) => (pool.name === name ? toPool({ ...pool, ...fields }) : pool));
    return { ...present, pools };
  };
}

/** `pool.pause`. */
export async function pausePool(
  { dryRun, name }: ParsedInput<'pool.pause'>,
  context: RequestContext,
): Promise<PoolOutcome> {
  const after = 'takes no job until it is resumed; its runners with a job finish it';
  const words = {
    done: `Pool "${name}" ${after}.`,
    would: `Pool "${name}" would be paused: it ${after}.`,
    next: `Let it go on with: autogit pool resume ${name}`,
  };
  return changeSettings(context, dryRun, words, editOf(name, { paused: true }));
}

function settingsOf(name: string, { settings }: RequestContext): SettingsPool | undefined {
  return settings.current().pools.find((pool) => pool.name === name);
}

/** `pool.resume`: also of one that stopped because its runners failed. */
export async function resumePool(
  { dryRun, name }: ParsedInput<'pool.resume'>,
  context: RequestContext,
): Promise<PoolOutcome> {
  if (!dryRun && settingsOf(name, context) !== undefined) forgetPoolFailures(name, context);
  const words = { done: `Pool "${name}" takes jobs again.`, would: `Pool "${name}" would take jobs again.` };
  return changeSettings(context, dryRun, words, editOf(name, { paused: false }));
}

/** `pool.remove`. */
export async function removePool(
  { dryRun, name }: ParsedInput<'pool.remove'>,
  context: RequestContext,
): Promise<PoolOutcome> {
  const own = context.live.current().runners.filter(({ pool }) => pool === name);
  const busy = own.filter(({ jobId }) => jobId !== null).length;
  const runners =
    own.length === 0
      ? ''
      : busy === 0
        ? ' Its runners leave.'
        : ` ${busy === 1 ? '1 of its runners finishes its job' : `${busy} of its runners finish their jobs`} first.`;
  const words = {
    done: `Pool "${name}" is gone from the settings.${runners}`,
    would: `Pool "${name}" would be removed.${runners}`,
  };
  return changeSettings(context, dryRun, words, (present) => {
    requirePool(name, present);
    return { ...present, pools: present.pools.filter((pool) => pool.name !== name) };
  });
}

/** Edits the settings, whole or not at all, and says what that changes. */
export async function changeSettings(
  context: RequestContext,
  dryRun: boolean,
  words: { readonly done: string; readonly would: string; readonly next?: string },
  edit: SettingsEdit,
): Promise<PoolOutcome> {
  requireSettings(context);
  const { settings, coordinator, store } = context;
  const { before, after } = await settings.edit(edit, { dryRun });
  const changes = diffSettings(before, after).map((one) => ({ ...one }));
  if (changes.length === 0) {
    return { ...toOutcome([], dryRun, 'That is so already: there is nothing to change.'), changes };
  }
  if (dryRun) {
    const open = store.openRequests().map(({ kind }) => kind);
    return { ...previewOf(preview(context, after, open)), message: words.would, changes };
  }
  coordinator.reconsider();
  const next = after.pools.length === 0 ? 'No pool is left, so no job can run: autogit pool add' : words.next;
  return { ...toOutcome([], false, words.done, next ?? null), changes };
}
