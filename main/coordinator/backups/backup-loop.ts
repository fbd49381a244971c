// The loop that begins what is due: it sleeps until then, and looks for disks that are plugged in.
import type { BackupRun } from '../../model/backup/backup.ts';
import { ended, planDue, settled } from '../../plan/backups/due.ts';
import type { DueRun } from '../../plan/backups/due.ts';
import { clockDoubtOf } from '../../plan/backups/issues.ts';
import { zoneOf } from './backup-ground.ts';
import type { BackupGround } from './backup-ground.ts';
import type { MemoryKeeper } from './backup-memory.ts';
import { lookAtTarget } from './backup-places.ts';
import type { BackupRuns } from './backup-runs.ts';
import { changeRule, keyOf, rulesNow } from './backup-schedule.ts';

const minute = 60_000;
const day = 24 * 60 * minute;
/** Longest sleep: a machine that was suspended meanwhile, or other settings, are noticed then. */
const mostSleepMs = minute;

export interface LoopParts {
  readonly runs: BackupRuns;
  readonly memory: MemoryKeeper;
  /** Begins a run of the schedule. */
  readonly begin: (due: DueRun) => void;
}

export interface BackupLoop {
  start(): void;
  stop(): Promise<void>;
  /** Looks at once: settings or disks have changed. */
  wake(): void;
  /** Why what is due does not begin yet; `null`: nothing waits. */
  waiting(): string | null;
}

/** Nothing is begun before `start`. */
export function createBackupLoop(ground: BackupGround, parts: LoopParts): BackupLoop {
  const { clock, log } = ground;
  const stopping = new AbortController();
  let sleep = new AbortController();
  let looping: Promise<void> = Promise.resolve();
  let waits: { readonly key: string; readonly why: string; readonly since: number } | null = null;
  const disks = createDisks(ground);
  const space = createSpaceLook(ground);

  const pass = async (): Promise<number> => {
    const { runs, memory, begin } = parts;
    const plugged = await disks.look();
    const { rules } = rulesNow(ground, memory, (target) => disks.isThere(target));
    const { waitForJobs, jitterMinutes } = ground.wanted();
    const plan = planDue({
      ...{ now: clock.now(), zone: zoneOf(ground.wanted()), instance: ground.store.instance },
      ...{ jitterMinutes, rules, waitForJobs, isBusy: runs.isBusy() || runs.isHeld() },
      runningJobs: ground.runningJobs(),
      waitingSince: waits === null ? {} : { [waits.key]: waits.since },
      clockDoubt: doubtNow(ground),
      pluggedIn: plugged,
    });
    for (const { key, dueAt } of plan.skip) changeRule(key, (rule) => settled(rule, dueAt), memory);
    const { waiting } = plan;
    waits =
      waiting === null ? null : { ...waiting, since: waits?.key === waiting.key ? waits.since : clock.now() };
    if (plan.begin !== null) {
      const { key, dueAt, cause } = plan.begin;
      // Settled before it begins: a kill in its middle does not begin it twice.
      if (key !== null && dueAt !== null) changeRule(key, (rule) => settled(rule, dueAt), memory);
      if (cause === 'plugged-in') disks.taken();
      begin(plan.begin);
    } else if (!runs.isBusy()) await space.look(stopping.signal);
    return plan.wakeAt;
  };

  const loop = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      let wakeAt = clock.now() + minute;
      try {
        wakeAt = await pass();
      } catch (error) {
        log.warn('what is due of backups could not be looked at', { error });
      }
      const signal = AbortSignal.any([stopping.signal, sleep.signal]);
      await clock.sleep(Math.min(mostSleepMs, Math.max(1_000, wakeAt - clock.now())), signal);
      if (sleep.signal.aborted) sleep = new AbortController();
    }
  };

  return {
    start: () => {
      looping = loop();
    },
    stop: async () => {
      stopping.abort(new Error('the core stops'));
      await looping;
    },
    wake: () => sleep.abort(),
    waiting: () => waits?.why ?? null,
  };
}

function doubtNow({ clock, journal }: BackupGround): string | null {
  return clockDoubtOf({ now: clock.now(), aheadMs: clock.aheadMs?.() ?? 0, records: journal.records() });
}

interface Disks {
  /** Targets whose disk has just been plugged in and that ask for a backup then. Never rejects. */
  look(): Promise<readonly string[]>;
  /** What was plugged in is backed up to. */
  taken(): void;
  /** Whether a target can be there: a disk that is not plugged in is not. */
  isThere(target: string): boolean;
}

/** Only asked for where a target lies on a disk that comes and goes. */
function createDisks({ wanted, restic, log }: BackupGround): Disks {
  let there: ReadonlySet<string> | null = null;
  let fresh: readonly string[] = [];
  return {
    look: async () => {
      const coming = wanted().targets.flatMap((target) => (target.kind === 'usb' ? [target] : []));
      if (coming.length === 0) return [];
      try {
        const labels = Object.keys(await restic.disks());
        const before = there;
        there = new Set(labels);
        const plugged = coming.filter(
          // At a start nobody has plugged anything in.
          ({ label, onPlugIn }) =>
            onPlugIn && labels.includes(label) && before !== null && !before.has(label),
        );
        const gone = new Set(coming.filter(({ label }) => !labels.includes(label)).map(({ name }) => name));
        fresh = [...new Set([...fresh, ...plugged.map(({ name }) => name)])].filter(
          (name) => !gone.has(name),
        );
      } catch (error) {
        log.debug('disks could not be listed', { error });
      }
      return fresh;
    },
    taken: () => {
      fresh = [];
    },
    isThere: (name) => {
      const target = wanted().targets.find((one) => one.name === name);
      return target?.kind !== 'usb' || there === null || there.has(target.label);
    },
  };
}

/** Looks at one place a day, so that one that is full or gone is known before the night. */
function createSpaceLook(ground: BackupGround): { look(signal: AbortSignal): Promise<void> } {
  return {
    look: async (signal) => {
      const now = ground.clock.now();
      const states = ground.journal.targets();
      const old = ground.wanted().targets.find(({ name }) => {
        const at = states.find((state) => state.name === name)?.at ?? null;
        return at === null || now - at > day;
      });
      if (old !== undefined) await lookAtTarget(old, ground, signal);
    },
  };
}

/** Remembers how a run of the schedule ended, for the next try. */
export function rememberEnd(run: BackupRun, memory: MemoryKeeper, at: number): void {
  const { verb, schedule, cause, outcome, failures } = run;
  if (cause !== 'schedule' && cause !== 'missed') return;
  // What a person has cancelled waits for its next time.
  const failed = outcome === 'failed' || outcome === 'interrupted' ? targetsOf(failures) : null;
  changeRule(keyOf(verb, schedule), (rule) => ended(rule, failed, at), memory);
}

/** Empty: all of them. */
function targetsOf(failures: BackupRun['failures']): readonly string[] {
  return failures.some(({ target }) => target === '') ? [] : failures.map(({ target }) => target);
}
