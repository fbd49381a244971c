// What requests about backups work with, and how they begin runs.
import type { BackupCause, BackupFailure, BackupRecord, BackupRun } from '../../model/backup/backup.ts';
import type { BackupTarget } from '../../model/backup/target.ts';
import type { BackupGround } from './backup-ground.ts';
import type { BackupLoop } from './backup-loop.ts';
import type { MemoryKeeper } from './backup-memory.ts';
import type { BackupRuns, EndedRun } from './backup-runs.ts';
import { createWork, drillWork, pruneWork, verifyWork } from './backup-work.ts';

export interface BackupParts {
  readonly ground: BackupGround;
  readonly runs: BackupRuns;
  readonly memory: MemoryKeeper;
  readonly loop: Pick<BackupLoop, 'wake' | 'waiting'>;
  /** How restic is run here, asked anew after a while. Never rejects. */
  readonly engine: () => Promise<EngineWords>;
}

export interface EngineWords {
  /** `null`: there is none, or nobody has run its image yet. */
  readonly version: string | null;
  readonly runs: 'program' | 'image' | null;
  readonly words: string;
  /** Why there is none. */
  readonly problem: BackupFailure | null;
}

export interface Begun {
  readonly id: number;
  readonly ended: Promise<EndedRun>;
}

interface Why {
  readonly cause: BackupCause;
  readonly schedule: string | null;
}

export const byPerson: Why = { cause: 'person', schedule: null };

type Runner = Pick<BackupParts, 'ground' | 'runs'>;

function wish(verb: BackupRun['verb'], targets: readonly BackupTarget[], why: Why) {
  return { verb, ...why, targets: targets.map(({ name }) => name) };
}

/** Each throws `backup.busy`. */
export function beginCreate(targets: readonly BackupTarget[], why: Why, { ground, runs }: Runner): Begun {
  return runs.begin(wish('create', targets, why), createWork(targets, ground));
}

export function beginVerify(
  targets: readonly BackupTarget[],
  all: boolean,
  why: Why,
  { ground, runs }: Runner,
): Begun {
  return runs.begin(wish('verify', targets, why), verifyWork(targets, all, ground));
}

export function beginPrune(targets: readonly BackupTarget[], why: Why, { ground, runs }: Runner): Begun {
  return runs.begin(wish('prune', targets, why), pruneWork(targets, ground));
}

export function beginDrill(
  record: BackupRecord,
  target: BackupTarget,
  why: Why,
  { ground, runs }: Runner,
): Begun {
  const whole = { ...wish('drill', [target], why), backup: record.id };
  return runs.begin(whole, drillWork(record, target, ground));
}

/** What a drill of the schedule proves: the newest backup, at the place where none was proven for longest. */
export function drillChoice(
  targets: readonly BackupTarget[],
  { journal, store }: Pick<BackupGround, 'journal' | 'store'>,
): { readonly record: BackupRecord; readonly target: BackupTarget } | null {
  const own = journal.records().filter(({ instance }) => instance === store.instance);
  const choices = targets.flatMap((target) => {
    const at = own.filter((record) => record.target === target.name);
    const record = at.reduce<BackupRecord | null>(
      (best, one) => (best === null || one.at > best.at ? one : best),
      null,
    );
    const proven = Math.max(0, ...at.map(({ provenAt }) => provenAt ?? 0));
    return record === null ? [] : [{ record, target, proven }];
  });
  return choices.toSorted((a, b) => a.proven - b.proven)[0] ?? null;
}
