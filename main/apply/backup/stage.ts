// Gathers all that a backup is made of in one folder, part by part in the order of `backupOrder`, and seals it.
import type { BackupManifest, BackupPart } from '../../model/backup/manifest.ts';
import { manifestVersion } from '../../model/backup/manifest.ts';
import { dumpFailed } from './context.ts';
import type { DumpContext, DumpedPart, StackSeat, StageGround, Tell } from './context.ts';
import { dumpGitlab } from './gitlab.ts';
import { dumpHome } from './home.ts';
import { partsOf } from './order.ts';
import { dumpSandbox } from './sandbox.ts';
import { dumpServices } from './services.ts';

export interface StageOptions {
  /** The backup's own name, a UUID. */
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly tell: Tell;
  readonly signal: AbortSignal;
}

export interface Staged {
  /** Absolute: `<home>/backups/stage`. */
  readonly folder: string;
  readonly manifest: BackupManifest;
  /** Of the manifest. */
  readonly sha256: string;
}

const dumps: {
  readonly [P in BackupPart]: (ground: StageGround, context: DumpContext) => Promise<DumpedPart>;
} = { home: dumpHome, sandbox: dumpSandbox, gitlab: dumpGitlab, services: dumpServices };

/**
 * Rejects with `backup.dump-failed`, which names the part, `backup.no-space`, `backup.no-access`, `backup.gitlab-not-running`,
 * `backup.name-unfit`, and the signal's reason. What is left of a broken off one is removed by the next.
 */
export async function stageBackup(ground: StageGround, options: StageOptions): Promise<Staged> {
  const { id, at, tell, signal } = options;
  const { files } = ground;
  const folder = await files.fresh('stage');
  const served = ground.served();
  const stack = served === 'sandbox' ? null : await ground.stack();
  const dumped: DumpedPart[] = [];
  for (const part of partsOf(served, stack !== null)) {
    signal.throwIfAborted();
    try {
      const context = { folder: await files.fresh(`stage/${part}`), tell, signal };
      dumped.push(await dumps[part](ground, context));
    } catch (error) {
      signal.throwIfAborted();
      throw dumpFailed(part, error);
    }
  }
  tell({ message: 'Reading back every file, for the list of digests' });
  const { machine, instance, autogit } = ground;
  const sealed = await files.seal(
    folder,
    ({ byPart, files: count, bytes, filesSha256 }) => ({
      ...{ version: manifestVersion, id, at, autogit, instance, machine, gitlab: served },
      stack: stack === null ? null : stackOf(stack),
      parts: dumped.map((part) => ({ ...part, ...(byPart[part.part] ?? { files: 0, bytes: 0 }) })),
      ...{ filesSha256, files: count, bytes },
    }),
    signal,
  );
  return { folder, ...sealed };
}

function stackOf({ lab, data, images }: StackSeat): NonNullable<BackupManifest['stack']> {
  return { lab, data, images };
}
