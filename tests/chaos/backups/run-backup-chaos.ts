// One run of chaos on backups, from an empty home to its report.
import { openBackupGround } from './ground.ts';
import type { BackupGroundOptions } from './ground.ts';
import type { Faulty } from './judge.ts';
import { raiseBackupStorm } from './storm.ts';
import type { BackupStormOptions } from './storm.ts';

export interface BackupChaosOptions extends BackupGroundOptions, Omit<BackupStormOptions, 'ground'> {}

export interface BackupChaosReport extends Faulty {
  readonly seed: number;
  /** By what was done and who was killed. */
  readonly kills: Readonly<Record<string, number>>;
  /** How the restores have ended. */
  readonly restores: Readonly<Record<string, number>>;
  /** From the start of a core until all was in order. Milliseconds. */
  readonly settledMs: { readonly count: number; readonly median: number; readonly max: number };
  readonly durationMs: number;
}

/** Leaves nothing on the machine. Rejects when AutoGit could not be run at all, or never came to an end. */
export async function runBackupChaos(options: BackupChaosOptions): Promise<BackupChaosReport> {
  const startedAt = performance.now();
  const ground = await openBackupGround(options);
  try {
    const { settledMs, ...after } = await raiseBackupStorm({ ...options, ground });
    const sorted = settledMs.map(Math.round).toSorted((a, b) => a - b);
    return {
      ...{ seed: options.seed, ...after },
      settledMs: {
        count: sorted.length,
        median: sorted[Math.floor(sorted.length / 2)] ?? 0,
        max: sorted.at(-1) ?? 0,
      },
      durationMs: Math.round(performance.now() - startedAt),
    };
  } finally {
    await ground.clean();
  }
}
