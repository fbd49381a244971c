// A real GitLab of the stack in a backup: its own backup and its secrets, and the way back by its own tools.
import type { ContainerFiles } from '../../backup-ports.ts';
import { AutoGitError } from '../../errors.ts';
import { backupRefused, containersOf, steppingBack } from './context.ts';
import type { DumpContext, DumpedPart, PartGround, StackSeat, StageGround } from './context.ts';
import { informationName, readInformation } from './information.ts';
import { needRoom } from './room.ts';

/** Name of GitLab's service in compose.yaml. */
export const gitlabService = 'gitlab';
/** Where GitLab keeps its backups, its settings and its data: https://docs.gitlab.com/install/docker/configuration/ */
export const gitlabPaths = {
  backups: '/var/opt/gitlab/backups',
  config: '/etc/gitlab',
  data: '/var/opt/gitlab/git-data',
} as const;
/** The folders of this machine that have all of it. */
export function gitlabFolders(data: string): readonly string[] {
  return [`${data}/gitlab/config`, `${data}/gitlab/data`];
}
/** A hundred gigabytes take two hours. Milliseconds. */
const backupMs = 12 * 60 * 60_000;
const tidyMs = 120_000;
/** restic compresses, and finds again only what is not compressed already. */
export const plain = { COMPRESS_CMD: 'cat', DECOMPRESS_CMD: 'cat' } as const;

/**
 * What GitLab's backup leaves with SKIP=tar, which a later one removes: https://docs.gitlab.com/administration/backup_restore/backup_gitlab/
 * Archives of people's own, `…_gitlab_backup.tar`, are not among it.
 */
const leftovers: readonly string[] = [
  ...[informationName, 'db', 'repositories', 'uploads.tar.gz', 'builds.tar.gz', 'artifacts.tar.gz'],
  ...['pages.tar.gz', 'lfs.tar.gz', 'terraform_state.tar.gz', 'registry.tar.gz', 'packages.tar.gz'],
  ...['ci_secure_files.tar.gz', 'external_diffs.tar.gz'],
  // And what the sandbox leaves in GitLab's place.
  ...['sandbox.db', 'artifacts', 'traces', 'lfs', 'set-aside'],
];
/** A folder of our own among the backups, so that nothing of people's own is fetched with ours. */
const ours = `${gitlabPaths.backups}/autogit`;
/** Rendered by AutoGit, made anew at each start, or other copies of the same. */
const notKept: readonly string[] = ['gitlab.rb', 'trusted-certs', 'config_backup'];

/** Rejects with `backup.gitlab-not-running`, `backup.dump-failed`, `backup.no-space`. */
export async function dumpGitlab(ground: StageGround, context: DumpContext): Promise<DumpedPart> {
  const seat = await ground.stack();
  const container = seat === null ? null : await runningGitlab(seat, ground);
  if (seat === null || container === null) throw notRunning();
  const containers = containersOf(seat.engine, ground);
  const at: GitlabAt = { containers, container, signal: context.signal };
  const { tell, signal, folder } = context;
  // What an earlier try has left takes room, and would be fetched with the new one.
  await removeLeftovers(at);
  await needRoom('gitlab', { containers, container, paths: [gitlabPaths.data], signal }, ground);
  // GitLab's own backup does not tell how much is in it.
  const seen = (await ground.counts?.()) ?? {};
  try {
    tell({ message: 'GitLab makes its own backup; it goes on serving' });
    const command = ['gitlab-backup', 'create', 'SKIP=tar', 'STRATEGY=copy', 'CRON=1'];
    const { code, output } = await containers.exec(
      container,
      steppingBack(command, ground),
      { env: plain, deadlineMs: backupMs },
      signal,
    );
    if (code !== 0) throw refused(output);
    await setApart(at);
    tell({ message: "Fetching GitLab's backup" });
    const { leftOut } = await containers.fetch(container, ours, `${folder}/backup`, signal);
    if (leftOut.length > 0) ground.log.warn("not everything of GitLab's backup is kept", { leftOut });
  } finally {
    await removeLeftovers({ ...at, signal: AbortSignal.timeout(tidyMs) }).catch((error: unknown) =>
      ground.log.warn("what GitLab's backup has left could not be removed", { error }),
    );
  }
  tell({ message: "Fetching GitLab's secrets and host keys" });
  await containers.fetch(container, gitlabPaths.config, `${folder}/config`, signal);
  for (const name of notKept) await ground.files.remove(`stage/gitlab/config/${name}`);
  const text = (await ground.files.readText(`stage/gitlab/backup/${informationName}`)) ?? '';
  const { version, counts } = readInformation(text);
  return { part: 'gitlab', version, counts: { ...seen, ...counts }, awaySeconds: 0 };
}

/** GitLab's container, and how it is reached. */
export interface GitlabAt {
  readonly containers: ContainerFiles;
  readonly container: string;
  readonly signal: AbortSignal;
}

/** `null`: it does not run. */
export async function runningGitlab(
  { project }: StackSeat,
  { compose }: Pick<PartGround, 'compose'>,
): Promise<string | null> {
  const containers = await compose.containers(project);
  return (
    containers.find(({ service, state }) => service === gitlabService && state === 'running')?.id ?? null
  );
}

/** Gone already is success. */
export async function removeLeftovers({ containers, container, signal }: GitlabAt): Promise<void> {
  const paths = leftovers.map((name) => `${gitlabPaths.backups}/${name}`);
  await containers.exec(container, ['rm', '-rf', ours, ...paths], { deadlineMs: tidyMs }, signal);
}

/** Moves what the backup has left into a folder of its own; nothing is copied. */
async function setApart({ containers, container, signal }: GitlabAt): Promise<void> {
  const script = [
    'set -e',
    'cd "$0"',
    'mkdir -m 700 autogit',
    'for name in "$@"; do if [ -e "$name" ]; then mv "$name" autogit/; fi; done',
  ].join('\n');
  const command = ['sh', '-c', script, gitlabPaths.backups, ...leftovers];
  const { code, output } = await containers.exec(container, command, { deadlineMs: tidyMs }, signal);
  if (code !== 0) throw refused(output);
}

function notRunning(): AutoGitError {
  return new AutoGitError({
    key: 'backup.gitlab-not-running',
    message: "GitLab cannot be backed up: its container does not run, and GitLab's own backup needs it.",
    next: 'Bring the stack up, then try again: autogit stack up',
    retry: true,
  });
}

function refused(output: string): AutoGitError {
  return backupRefused('gitlab', output, 'what GitLab says: autogit stack log gitlab');
}
