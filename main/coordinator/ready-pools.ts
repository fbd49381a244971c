// Ready-made pools: written once into the settings of a new home, and shown and added again on request.
import type { Output, ParsedInput } from '../contract/contract.ts';
import { diffSettings } from '../config/diff-settings.ts';
import { canonical } from '../model/hash.ts';
import type { Architecture } from '../model/pool-container.ts';
import { defaultSettings } from '../model/settings.ts';
import type { Settings } from '../model/settings.ts';
import type { Observed } from '../model/world.ts';
import { freshValue, lastValue } from '../plan/freshness.ts';
import { archOf, comparePools, readyPools } from '../plan/ready-pools.ts';
import type { ComparedPool, MachineFacts } from '../plan/ready-pools.ts';
import type { Clock, Store } from '../ports.ts';
import { requireSettings } from './effect.ts';
import { toOutcome } from './outcome.ts';
import { preview } from './preview.ts';
import type { RequestContext } from './requests.ts';
import type { SettingsAccess } from './settings-access.ts';

/** Finds the processors that the machine emulates. Never rejects. */
export type FindEmulated = () => Promise<readonly Architecture[]>;

/** That new pools were written, or are never to be, in this home. */
const note = 'ready-pools';

/** What is known of the machine; `null` while its engine, or its cards, have not been looked at. */
function factsOf({ nodes }: Observed, emulated: readonly Architecture[]): MachineFacts | null {
  const [node] = nodes;
  const info = node === undefined ? undefined : freshValue(node.engine)?.info;
  if (node === undefined || info === undefined) return null;
  if (info.isHere && node.gpus.state === 'never') return null;
  return {
    cpus: info.cpus,
    memoryMiB: Math.floor(info.memoryBytes / 1024 ** 2),
    arch: archOf(info.architecture),
    // What this machine emulates says nothing of an engine on another one.
    emulated: info.isHere ? emulated : [],
    gpus: lastValue(node.gpus)?.inventory ?? [],
  };
}

/** A home in which nothing has happened yet and nobody has touched the pools. */
function isUntouched({ pools }: Settings, store: Store): boolean {
  return (
    canonical(pools) === canonical(defaultSettings.pools) &&
    store.entries().length === 0 &&
    store.runnerTotals().created === 0
  );
}

export interface FirstPoolsOptions {
  readonly settings: SettingsAccess;
  readonly store: Store;
  readonly clock: Pick<Clock, 'now'>;
  readonly findEmulated: FindEmulated;
}

/**
 * Gives a new home the pools that fit its machine, as soon as that is known. Once in the life of a home, and never in
 * one whose pools somebody has written. Resolves with true when the settings have changed.
 */
export async function writeFirstPools(
  observed: Observed,
  { settings, store, clock, findEmulated }: FirstPoolsOptions,
): Promise<boolean> {
  if (store.noteOf(note) !== null || settings.isFallback()) return false;
  if (!isUntouched(settings.current(), store)) {
    store.setNote(note, clock.now());
    return false;
  }
  if (factsOf(observed, []) === null) return false;
  const facts = factsOf(observed, await findEmulated());
  if (facts === null) return false;
  const pools = readyPools(facts).map(({ pool }) => pool);
  await settings.edit((present) => (isUntouched(present, store) ? { ...present, pools } : present), {
    dryRun: false,
  });
  // That it is done is noted by the next pass, which sees it: a command may be writing older settings just now.
  return true;
}

type ReadyOutcome = Output<'pool.ready'>;

/** `pool.ready`. Adds the pools that are missing where it is asked for, and changes none that is there. */
export async function showReadyPools(
  { apply, dryRun }: ParsedInput<'pool.ready'>,
  context: RequestContext,
): Promise<ReadyOutcome> {
  const { coordinator, settings, store } = context;
  const facts = factsOf(coordinator.look().observed, await context.findEmulated());
  if (facts === null) {
    const message = 'The machine has not been looked at yet: no container engine answers.';
    return { ...toOutcome([], dryRun, message, 'See why: autogit status'), pools: [], changes: [] };
  }
  const ready = readyPools(facts);
  const compared = comparePools(ready, settings.current().pools);
  const missing = compared.filter(({ state }) => state === 'missing');
  if (!apply || missing.length === 0) {
    const next = missing.length === 0 ? null : 'Add those that are missing: autogit pool ready --apply';
    return {
      ...toOutcome([], dryRun, sentenceFor(compared), next),
      pools: compared.map(viewOf),
      changes: [],
    };
  }
  requireSettings(context);
  const { before, after } = await settings.edit(
    (present) => ({
      ...present,
      pools: [
        ...present.pools,
        ...ready
          .map(({ pool }) => pool)
          .filter(({ name }) => present.pools.every((one) => one.name !== name)),
      ],
    }),
    { dryRun },
  );
  const changes = diffSettings(before, after).map((one) => ({ ...one }));
  const names = missing.map(({ pool }) => pool.name).join(', ');
  if (dryRun) {
    const actions = preview(
      context,
      after,
      store.openRequests().map(({ kind }) => kind),
    );
    const pools = compared.map(viewOf);
    return { ...toOutcome(actions, true, `Would be added: ${names}.`), pools, changes };
  }
  coordinator.reconsider();
  const pools = comparePools(ready, after.pools).map(viewOf);
  return { ...toOutcome([], false, `Added: ${names}.`), pools, changes };
}

function sentenceFor(compared: readonly ComparedPool[]): string {
  const missing = compared.filter(({ state }) => state === 'missing').length;
  if (missing === 0) return 'Every ready-made pool of this machine is there.';
  return `${missing} of the ${compared.length} ready-made pools of this machine ${missing === 1 ? 'is' : 'are'} not there.`;
}

function viewOf({ pool, purpose, state }: ComparedPool): ReadyOutcome['pools'][number] {
  const { name, tags, runUntagged, cpus, memoryMiB, max } = pool;
  return { name, state, purpose, tags: [...tags], runUntagged, cpus, memoryMiB, max };
}
