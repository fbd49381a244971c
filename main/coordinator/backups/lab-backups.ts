// Joins the desk of backups with the rest of a laboratory.
import { gitlabService } from '../../apply/backup/gitlab.ts';
import { loadDump } from '../../apply/backup/load-dump.ts';
import type { LoadGround } from '../../apply/backup/load-dump.ts';
import { backupOrder } from '../../apply/backup/order.ts';
import { stageBackup } from '../../apply/backup/stage.ts';
import type { StartedGround } from '../../apply/backup/take-down.ts';
import type { Snapshot } from '../../contract/snapshot.ts';
import { AutoGitError } from '../../errors.ts';
import type { BackupRecord } from '../../model/backup/backup.ts';
import type { Coordinator } from '../coordinator.ts';
import type { SettingsAccess } from '../settings-access.ts';
import type { StackDesk } from '../stack/stack-desk.ts';
import { noBackups } from './backup-desk.ts';
import type { BackupDesk } from './backup-desk.ts';
import type { BackupAdapters, BackupGround } from './backup-ground.ts';
import { createBackupDesk } from './create-backup-desk.ts';
import { drillBackup } from './drill.ts';
import type { DrillTools } from './drill.ts';
import { createLabRestores } from './lab-restores.ts';
import { createSeats } from './seats.ts';
import type { SeatOptions } from './seats.ts';

export interface LabBackupsOptions extends Omit<SeatOptions, 'backup'> {
  /** Missing: this core makes no backups. */
  readonly backup?: BackupAdapters;
  readonly settings: SettingsAccess;
  readonly home: string;
  /** False: this core only looks. */
  readonly act: boolean;
}

/** What of the laboratory is there only once it is whole. */
interface LabNow {
  readonly coordinator: () => Coordinator;
  readonly desk: () => StackDesk;
  readonly snapshot: () => Snapshot;
}

/** The desk of a laboratory; one that answers `backup.unavailable` where the adapters are missing. */
export function createLabBackups(options: LabBackupsOptions, lab: LabNow): BackupDesk {
  const { backup, store, secrets, host, clock, log, settings, stack, home } = options;
  if (backup === undefined) return noBackups();
  const { restic, files, journal, words, machine, restoring } = backup;
  const adapters = { restic, files, journal, words, machine };
  const served = (): BackupRecord['gitlab'] => servedGitlab(options);
  const wake = (): void => lab.coordinator().wake();
  const seats = createSeats({ ...options, backup }, { ...lab, served });
  const ground: BackupGround = {
    ...adapters,
    ...{ store, secrets, host, clock, settings, home, log: log.topic('backups') },
    isOnlyLooking: !options.act,
    renderQr: stack.renderQr,
    wanted: () => settings.current().backups,
    stage: (stage) => stageBackup(seats.stage, stage),
    drill: (record, place, telling) =>
      restoring === undefined
        ? Promise.reject(noRestores())
        : drillBackup(record, place, {
            ...telling,
            tools: { ...adapters, clock, proofs: restoring.proofs, loadDump: loadWith(seats.started) },
          }),
    restoreEnd: () => restoring?.link.nextEnd() ?? Promise.reject(noRestores()),
    order: () => backupOrder(served(), stack.journal.standing()?.isUp === true),
    runningJobs: () => lab.snapshot().runners.filter(({ jobId }) => jobId !== null).length,
    gitlabKind: served,
    onChange: wake,
  };
  const restores = createLabRestores({
    ...{ backup, ground, store, put: seats.put, started: seats.started, journal: stack.journal, wake },
    ...{ templates: stack.templates, coordinator: lab.coordinator, snapshot: lab.snapshot },
    version: options.program?.version ?? 'unknown',
  });
  return createBackupDesk(restores === null ? ground : { ...ground, restores });
}

/** A backup of another machine's GitLab may be of an image that is not here. */
function loadWith(ground: StartedGround & LoadGround): NonNullable<DrillTools['loadDump']> {
  return async (folder, { stack }, signal) => {
    const image = stack?.images[gitlabService];
    if (image === undefined) return { why: 'the backup names no image of GitLab', findings: [] };
    return loadDump({ folder, image, engine: ground.engine, signal }, ground);
  };
}

function noRestores(): AutoGitError {
  return new AutoGitError({
    key: 'backup.unavailable',
    message: 'This core restores nothing: it runs without the parts that are needed for that.',
    next: 'Use the AutoGit that is installed here: autogit serve',
  });
}

/** Which GitLab a backup made now has in it. */
function servedGitlab({
  settings,
  stack,
}: Pick<LabBackupsOptions, 'settings' | 'stack'>): BackupRecord['gitlab'] {
  if (stack.journal.standing()?.isUp === true) return 'stack';
  switch (settings.current().gitlab.kind) {
    case 'none':
      return 'none';
    case 'sandbox':
      return 'sandbox';
    case 'server':
      return 'elsewhere';
  }
}
