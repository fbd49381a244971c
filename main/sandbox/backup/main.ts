// `gitlab-backup` as it runs in the sandbox's container, with the arguments and the words of GitLab's own.
//
//   gitlab-backup create SKIP=tar STRATEGY=copy      a copy of the state, in the backup folder
//   gitlab-backup restore force=yes                  takes its place when the sandbox starts again
//
// Environment: AUTOGIT_SANDBOX_STATE (folder, required), AUTOGIT_SANDBOX_BACKUPS (default: `backup` in it).
import { join } from 'node:path';
import { BackupError } from './ask-server.ts';
import { createBackup } from './create.ts';
import { putAside } from './take-up.ts';

async function main(): Promise<void> {
  const [verb, ...rest] = process.argv.slice(2);
  const settings = { ...process.env, ...Object.fromEntries(rest.map(readSetting)) };
  const stateDir = settings['AUTOGIT_SANDBOX_STATE'] ?? '';
  if (stateDir === '') throw new BackupError('AUTOGIT_SANDBOX_STATE is not set');
  const backupDir = settings['AUTOGIT_SANDBOX_BACKUPS'] ?? join(stateDir, 'backup');
  const say = (line: string): void => void process.stdout.write(`${new Date().toISOString()} -- ${line}\n`);
  if (verb === 'create') {
    if (!isSkipped('tar', settings['SKIP'])) throw new BackupError('Only SKIP=tar is known here.');
    await createBackup({ stateDir, backupDir, now: () => new Date(), say });
  } else if (verb === 'restore') {
    if ((settings['BACKUP'] ?? '') !== '')
      throw new BackupError('No archive has this name: leave BACKUP out.');
    if (settings['force'] !== 'yes') throw new BackupError('This replaces everything: say force=yes.');
    await putAside({ stateDir, backupDir, say });
  } else throw new BackupError('Usage: gitlab-backup create|restore NAME=VALUE …');
}

function readSetting(text: string): readonly [string, string] {
  const [, name, value] = /^([A-Za-z_]+)=(.*)$/s.exec(text) ?? [];
  if (name === undefined || value === undefined) throw new BackupError(`${text} is no NAME=VALUE`);
  return [name, value];
}

function isSkipped(what: string, list: string | undefined): boolean {
  return (list ?? '').split(',').includes(what);
}

main().catch((error: unknown) => {
  const isKnown = error instanceof BackupError;
  process.stderr.write(`${isKnown ? error.message : error instanceof Error ? error.stack : String(error)}\n`);
  process.exitCode = 1;
});
