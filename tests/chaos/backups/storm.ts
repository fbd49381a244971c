// Backups, prunes and restores are begun and killed at drawn moments; each time the next core must bring all in order.
import { access } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { kill } from '../lab.ts';
import type { Running } from '../lab.ts';
import { createRandom } from '../moments.ts';
import { waitFor } from '../wait-for.ts';
import type { BackupGround } from './ground.ts';
import { judgeAll, judgeRound, noFaults } from './judge.ts';
import type { Begun, Deed, Faulty } from './judge.ts';

/** Of ten deeds. */
const turns: readonly Deed[] = [
  ...(['create', 'restore', 'prune', 'restore-to', 'create'] as const),
  ...(['restore', 'prune', 'create', 'restore', 'drill'] as const),
];
const victims = ['the core', 'the core and restic', 'the core', 'restic', 'the core'] as const;
type Victim = (typeof victims)[number];

export interface BackupStormOptions {
  readonly ground: BackupGround;
  readonly seed: number;
  readonly kills: number;
  readonly say: (line: string) => void;
  /** Ends the storm after the kill under way. */
  readonly signal: AbortSignal;
}

export interface AfterBackupStorm extends Faulty {
  /** By what was done and who was killed. */
  readonly kills: Readonly<Record<string, number>>;
  /** How the restores have ended. */
  readonly restores: Readonly<Record<string, number>>;
  /** From the start of a core until all was in order. Milliseconds. */
  readonly settledMs: readonly number[];
}

interface Storm extends BackupStormOptions {
  readonly random: () => number;
  readonly counts: Map<string, number>;
  readonly settledMs: number[];
  /** How long a deed takes, as far as it was seen. Milliseconds. */
  readonly lasts: Map<Deed, number>;
}

const settleLimit = { timeout: 240_000, interval: 100 } as const;
/** Share of the cores that come after a kill that are killed as well. */
const again = 0.6;
/** Most that such a one is given. Milliseconds. */
const lifeMs = 8_000;

/** Kills so often, judges each time, and at the end restores every backup that is listed. */
export async function raiseBackupStorm(options: BackupStormOptions): Promise<AfterBackupStorm> {
  const { ground, say, kills, signal } = options;
  const storm: Storm = {
    ...options,
    ...{ random: createRandom(options.seed), counts: new Map(), settledMs: [], lasts: new Map() },
  };
  const faulty = noFaults();
  const restores = new Map<string, number>();
  let core = await firstCore(ground);
  for (let round = 0; totalOf(storm) < kills && !signal.aborted; round += 1) {
    const begun = await begin(turns[round % turns.length] ?? 'create', round, ground);
    core = await strike(core, begun, storm);
    const known = faulty.details.length;
    const end = await judgeRound(ground, begun, faulty);
    if (end !== null) count(restores, end);
    for (const line of faulty.details.slice(known)) say(line);
    if (round % 5 === 4) say(`${totalOf(storm)} of ${kills} kills, ${faulty.details.length} faults`);
  }
  await judgeAll(ground, faulty);
  await core.stop();
  return {
    ...faulty,
    ...{ kills: Object.fromEntries(storm.counts), restores: Object.fromEntries(restores) },
    settledMs: storm.settledMs,
  };
}

function totalOf({ counts }: Storm): number {
  return [...counts.values()].reduce((sum, one) => sum + one, 0);
}

function count(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}

/** With a target and a first backup, so that there is something to restore from the start. */
async function firstCore(ground: BackupGround): Promise<Running> {
  const core = ground.serve();
  await ground.untilThere(core);
  await ground.door().call('backup.add-target', {
    target: { name: 'nas', kind: 'folder', path: ground.repository },
  });
  await ground.change();
  await ground.door().call('backup.create', {});
  return core;
}

async function begin(deed: Deed, round: number, ground: BackupGround): Promise<Begun> {
  const door = ground.door();
  await ground.change();
  const before = (await ground.seen(ground.paths.root)).generation;
  const known = { deed, round, before };
  switch (deed) {
    case 'create':
      return {
        ...known,
        backup: null,
        to: null,
        run: (await door.call('backup.create', { wait: false })).run,
      };
    case 'prune':
      return {
        ...known,
        backup: null,
        to: null,
        run: (await door.call('backup.prune', { wait: false })).run,
      };
    case 'drill': {
      const { run } = await door.call('backup.drill', { wait: false });
      return { ...known, backup: null, to: null, run };
    }
    case 'restore':
    case 'restore-to': {
      // A home that was just restored knows of none before it has asked.
      const backups = await waitFor(async () => {
        const found = (await door.call('backup.list', { fresh: true })).backups;
        if (found.length === 0) throw new Error('no backup is listed');
        return found;
      }, settleLimit);
      const backup = backups[round % backups.length]?.id ?? 'newest';
      const to = deed === 'restore' ? null : path.join(ground.looks, String(round));
      const wish = { backup, ...(to === null ? {} : { to }) };
      const { hash } = await door.call('backup.plan-restore', wish);
      const { run } = await door.call('backup.restore', { ...wish, plan: hash, wait: false });
      return { ...known, backup, to, run };
    }
  }
}

/** Kills at a moment of the deed, and perhaps the next core as well; resolves once all has come to an end. */
async function strike(core: Running, begun: Begun, storm: Storm): Promise<Running> {
  const { ground, random, lasts, counts } = storm;
  const victim = victims[Math.floor(random() * victims.length)] ?? 'the core';
  const last = lasts.get(begun.deed) ?? 4_000;
  const startedAt = performance.now();
  await sleep(random() * last);
  const isOver = await ground
    .door()
    .call('backup.show', {})
    .then(
      ({ progress }) => progress === null || progress.outcome !== null,
      () => false,
    );
  const hit = await killOf(victim, core, ground);
  count(counts, isOver ? `after a ${begun.deed}` : `${hit} at a ${begun.deed}`);
  const spent = performance.now() - startedAt;
  lasts.set(begun.deed, isOver ? Math.max(spent * 0.8, 500) : Math.max(spent, last * 1.03));
  if (hit === 'restic') {
    await untilSettled(ground);
    return core;
  }
  await core.done;
  while (random() < again && totalOf(storm) < storm.kills) {
    const next = ground.serve();
    await Promise.race([sleep(random() * lifeMs), next.done]);
    await killOf(random() < 0.5 ? 'the core' : 'the core and restic', next, ground);
    await next.done;
    count(counts, 'a core that comes back');
  }
  const servedAt = performance.now();
  const next = ground.serve();
  await ground.untilThere(next);
  await untilSettled(ground);
  storm.settledMs.push(performance.now() - servedAt);
  return next;
}

/** Who was hit: where no restic runs, it is the core. */
async function killOf(victim: Victim, core: Running, ground: BackupGround): Promise<Victim> {
  const restics = victim === 'the core' ? [] : await ground.resticsOf(core);
  const hit = restics.length === 0 ? 'the core' : victim;
  if (hit !== 'restic') kill(core.pid);
  for (const pid of restics) kill(pid);
  return hit;
}

/** Waits until nothing goes on and nothing is open. Rejects with what is. */
async function untilSettled(ground: BackupGround): Promise<void> {
  await waitFor(async () => {
    for (const name of ['restore.json', 'swap.json']) {
      const isThere = await access(path.join(ground.paths.root, 'backups', name)).then(
        () => true,
        () => false,
      );
      if (isThere) throw new Error(`${name} is open`);
    }
    const { progress, runs } = await ground.door().call('backup.show', {});
    if (progress !== null && progress.outcome === null) throw new Error(`goes on: ${progress.message}`);
    const open = runs.find(({ endedAt }) => endedAt === null);
    if (open !== undefined) throw new Error(`run ${open.id} (${open.verb}) has no end`);
  }, settleLimit);
}
