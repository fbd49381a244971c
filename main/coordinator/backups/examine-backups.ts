// The doctor's look at backups: places are looked at anew, and everything else is what the desk knows.
import { backupChecks, checkBackups } from '../../checks/backups/backup-findings.ts';
import type { Finding } from '../../checks/hardware/check.ts';
import { problemOf } from '../../errors.ts';
import type { BackupDesk } from './backup-desk.ts';
import type { BackupParts, EngineWords } from './backup-parts.ts';
import { lookAtTarget, stateOf } from './backup-places.ts';
import { newestOf } from './create-backup-desk.ts';

/** What was found in one area. */
export interface Examined {
  readonly findings: readonly Finding[];
  /** How many checks were asked. */
  readonly checks: number;
  /** What could not be looked at, and why. */
  readonly unknown: readonly string[];
}

/** For one place to answer: who asks the doctor waits. Milliseconds. */
const patienceMs = 15_000;

/** Never rejects. */
export async function examineBackups(
  desk: Pick<BackupDesk, 'parts' | 'issues'>,
  lookMs = patienceMs,
): Promise<Examined> {
  try {
    return await examine(desk, lookMs);
  } catch (error) {
    return { findings: [], checks: 0, unknown: [`Backups: ${problemOf(error).message}`] };
  }
}

async function examine(desk: Pick<BackupDesk, 'parts' | 'issues'>, lookMs: number): Promise<Examined> {
  const parts = desk.parts();
  const { ground } = parts;
  const engine = await parts.engine();
  const { problem } = engine;
  const unknown = problem === null ? await lookAnew(parts, engine, lookMs) : [];
  const { targets } = ground.wanted();
  const { lastBackupAt, lastProvenAt } = newestOf(ground);
  const findings = checkBackups({
    ...{ issues: desk.issues(), targets, engineProblem: problem, lastBackupAt, lastProvenAt },
    states: targets.map(({ name }) => stateOf(name, ground)),
  });
  return { findings, checks: backupChecks.length, unknown };
}

/** What could not be looked at. A run that goes on asks the same places itself, and an image of restic is not fetched for this. */
async function lookAnew(
  { ground, runs }: BackupParts,
  { version, words }: EngineWords,
  lookMs: number,
): Promise<readonly string[]> {
  const { targets } = ground.wanted();
  if (targets.length === 0 || runs.isBusy()) return [];
  if (version === null) return [`Places of backups, as they are now: ${words}`];
  const silent = await Promise.all(
    targets.map(async (target) => {
      const signal = AbortSignal.timeout(lookMs);
      try {
        await lookAtTarget(target, ground, signal);
        return [];
      } catch (error) {
        if (!signal.aborted) throw error;
        return [`Place ${target.name}: it did not answer within ${lookMs / 1_000} s`];
      }
    }),
  );
  return silent.flat();
}
