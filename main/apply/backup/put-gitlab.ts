// The way back of a real GitLab: the stack of the backup as it was, its secrets before its first start, then its own restore.
import { AutoGitError } from '../../errors.ts';
import type { BackupManifest } from '../../model/backup/manifest.ts';
import { containersOf, lastWords } from './context.ts';
import type { PutGround, StackSeat, Tell } from './context.ts';
import { emptyFolders } from './empty-folders.ts';
import {
  gitlabFolders,
  gitlabPaths,
  gitlabService,
  plain,
  removeLeftovers,
  runningGitlab,
} from './gitlab.ts';
import type { GitlabAt } from './gitlab.ts';
import { withHelper } from './helper.ts';

/** GitLab's first start takes minutes, on slow disks a quarter of an hour. Milliseconds. */
const readyMs = 30 * 60_000;
const restoreMs = 12 * 60 * 60_000;
const checkMs = 20 * 60_000;
const commandMs = 5 * 60_000;
const lookMs = 3_000;
/** Of the image's own check of health, which works also on engines that run no checks. */
const healthCheck = ['/opt/gitlab/bin/gitlab-healthcheck', '--fail', '--max-time', '10'];

/**
 * Puts `gitlab/` of a backup back into the stack whose restored files lie in the home: what its GitLab had is emptied first. Done again
 * it does the same again. Rejects with `backup.restore-failed`, `backup.gitlab-not-running`, and the errors of Compose and engine.
 */
export async function putGitlab(
  ground: PutGround,
  folder: string,
  manifest: NonNullable<BackupManifest['stack']>,
  tell: Tell,
  signal: AbortSignal,
): Promise<void> {
  const seat = await ground.stack(manifest);
  await pullImages(seat, ground, tell, signal);
  tell({ message: 'Taking down what runs of this stack' });
  await ground.compose.down(seat.project, { volumes: false }, signal);
  await makeFolders(seat, ground);
  await putConfig(seat, `${folder}/gitlab/config`, ground, signal);
  tell({ message: `Starting GitLab as it was, with its own keys` });
  await ground.compose.up(seat.project, ({ id, text }) => tell({ message: `${id}: ${text}` }), signal);
  const at = await awaitGitlab(seat, ground, tell, signal);
  await restore(at, `${folder}/gitlab/backup`, tell);
  tell({ message: 'Starting GitLab again with what was restored' });
  await ground.compose.restart(seat.project, [gitlabService], signal);
  const again = await awaitGitlab(seat, ground, tell, signal);
  await check(again, ground, tell);
  await removeLeftovers(again);
}

/** The very images of the backup: another version of GitLab refuses it. */
async function pullImages(
  { images }: StackSeat,
  { images: store }: PutGround,
  tell: Tell,
  signal: AbortSignal,
): Promise<void> {
  for (const reference of new Set(Object.values(images))) {
    if (await store.has(reference)) continue;
    tell({ message: `Pulling ${reference}` });
    await store.pull(
      reference,
      ({ current, total }) => tell({ bytes: total === 0 ? null : { done: current, total } }),
      signal,
    );
  }
  tell({ bytes: null });
}

/** The outer ones first: each gets its own owner and mode. */
async function makeFolders({ data, folders }: StackSeat, { folder }: PutGround): Promise<void> {
  const paths = [...new Set([data, ...folders])];
  for (const path of paths.toSorted((a, b) => a.length - b.length || (a < b ? -1 : 1)))
    await folder.makeData(path, { mode: 0o755 });
}

/** Another version may have left its database there, and other keys could read nothing of the backup. */
async function putConfig(
  seat: StackSeat,
  source: string,
  ground: PutGround,
  signal: AbortSignal,
): Promise<void> {
  const { data, engine, images } = seat;
  const image = images[gitlabService];
  if (image === undefined) throw noGitlab();
  await emptyFolders(gitlabFolders(data), { image, engine, signal }, ground);
  const target = '/autogit-config';
  const mounts = [{ source: `${data}/gitlab/config`, target, readOnly: false }];
  await withHelper({ image, mounts }, engine, ground, (helper) =>
    containersOf(engine, ground).put(helper, source, target, { uid: 0, gid: 0 }, signal),
  );
}

/** Rejects with `backup.gitlab-not-running`. */
async function awaitGitlab(
  seat: StackSeat,
  ground: PutGround,
  tell: Tell,
  signal: AbortSignal,
): Promise<GitlabAt> {
  const { clock } = ground;
  const containers = containersOf(seat.engine, ground);
  const deadline = clock.monotonic() + readyMs;
  for (;;) {
    signal.throwIfAborted();
    const container = await runningGitlab(seat, ground);
    if (container !== null && (await isReady({ containers, container, signal }, ground)))
      return { containers, container, signal };
    if (clock.monotonic() >= deadline) throw notUp();
    tell({ message: 'Waiting for GitLab, which takes minutes to start' });
    await clock.sleep(lookMs, signal);
  }
}

/** A container that ends meanwhile, or restarts, is one that is not ready. */
async function isReady({ containers, container, signal }: GitlabAt, { log }: PutGround): Promise<boolean> {
  try {
    const { code } = await containers.exec(container, healthCheck, { deadlineMs: 60_000 }, signal);
    return code === 0;
  } catch (error) {
    signal.throwIfAborted();
    log.debug('GitLab cannot be asked yet', { error });
    return false;
  }
}

/** https://docs.gitlab.com/administration/backup_restore/restore_gitlab/#restore-for-docker-image-and-gitlab-helm-chart-installations */
async function restore(at: GitlabAt, source: string, tell: Tell): Promise<void> {
  const { containers, container, signal } = at;
  const run = async (command: readonly string[], deadlineMs: number): Promise<string> => {
    const env = { ...plain, GITLAB_ASSUME_YES: '1' };
    const { code, output } = await containers.exec(container, command, { env, deadlineMs }, signal);
    if (code !== 0) throw restoreFailed(command.slice(0, 2).join(' '), output);
    return output;
  };
  tell({ message: 'Stopping what writes to the database of GitLab' });
  for (const service of ['puma', 'sidekiq']) await run(['gitlab-ctl', 'stop', service], commandMs);
  await removeLeftovers(at);
  tell({ message: "Putting GitLab's backup into its place" });
  const owner = {
    uid: Number(await run(['id', '-u', 'git'], commandMs)),
    gid: Number(await run(['id', '-g', 'git'], commandMs)),
  };
  await containers.put(container, source, gitlabPaths.backups, owner, signal);
  tell({ message: 'GitLab restores its database, repositories and files' });
  // Without BACKUP it takes the one that is no archive.
  await run(['gitlab-backup', 'restore', 'force=yes'], restoreMs);
}

/** Both tell what does not fit; GitLab serves all the same. */
async function check(
  { containers, container, signal }: GitlabAt,
  { log }: PutGround,
  tell: Tell,
): Promise<void> {
  tell({ message: 'GitLab checks itself, and whether its secrets fit' });
  for (const task of ['gitlab:check', 'gitlab:doctor:secrets']) {
    const command = ['gitlab-rake', task, 'SANITIZE=true'];
    const { code, output } = await containers.exec(container, command, { deadlineMs: checkMs }, signal);
    if (code !== 0) throw restoreFailed(command.slice(0, 2).join(' '), output);
    log.info(`${task} after a restore`, { said: lastWords(output) });
    // It ends well all the same. Such rows were there before: the keys are those of the backup.
    const rows = Number(/Total: (\d+) row\(s\) affected/.exec(output)?.[1] ?? 0);
    if (rows > 0) log.warn('GitLab cannot read all that its database has encrypted', { rows });
  }
}

function restoreFailed(command: string, output: string): AutoGitError {
  return new AutoGitError({
    key: 'backup.restore-failed',
    message: `GitLab could not be restored: ${command} said: ${lastWords(output)}`,
    next: 'Look at what GitLab says: autogit stack log gitlab. The restore can be begun again: autogit backup restore',
    fields: { command },
  });
}

function notUp(): AutoGitError {
  return new AutoGitError({
    key: 'backup.gitlab-not-running',
    message: `GitLab has not come up within ${readyMs / 60_000} minutes, so nothing could be restored into it.`,
    next: 'Look at what it says: autogit stack log gitlab. Then begin the restore again: autogit backup restore',
    retry: true,
  });
}

function noGitlab(): AutoGitError {
  return new AutoGitError({
    key: 'backup.gitlab-not-running',
    message: 'The stack of this backup has no GitLab, so nothing can be restored into it.',
    next: 'Choose another backup, or restore only its other parts: autogit backup restore --parts home,services',
  });
}
