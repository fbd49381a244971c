// Versions of GitLab in a restore: the one it comes up as, what an upgrade meets afterwards, and what cannot be.
import type { BackupRecord } from '../../model/backup/backup.ts';
import type { BackupPart } from '../../model/backup/manifest.ts';
import { compareVersions, imageName, minorOf, stopsBetween, versionOf } from '../../model/stack/versions.ts';
import type { AddProblem } from './judge-restore.ts';
import type { ImageFacts, RestoreFacts } from './restore-facts.ts';

export interface RestoreVersions {
  /** Of GitLab in the backup; '' where it is not told. */
  readonly backup: string;
  /** Of the GitLab that is here; '' for none, or not known. */
  readonly now: string;
  /** That this AutoGit would install; `null`: not known. */
  readonly installs: string | null;
  /** Stops of an upgrade from the backup's to that one, oldest first. */
  readonly stops: readonly string[];
  /** What happens, in sentences. */
  readonly words: string;
}

/** `null`: no GitLab of a stack is restored. */
export function versionsOf(
  backup: BackupRecord,
  parts: readonly BackupPart[],
  facts: RestoreFacts,
): RestoreVersions | null {
  if (!parts.includes('gitlab')) return null;
  const { installs } = facts;
  const stops = stopsOf(backup, facts);
  const comes =
    backup.gitlabVersion === ''
      ? 'GitLab comes up as the version that the backup was made of'
      : `GitLab comes up as ${backup.gitlabVersion}, the version that the backup was made of`;
  return {
    ...{ backup: backup.gitlabVersion, stops, installs: installs?.version ?? null },
    now: facts.gitlab === 'stack' ? facts.gitlabVersion : '',
    words:
      `${comes}, from the files in it, and is restored as such. ${afterWords(backup, facts, stops)}`.trim(),
  };
}

function afterWords(
  { gitlabVersion }: BackupRecord,
  { installs }: RestoreFacts,
  stops: readonly string[],
): string {
  const from = versionOf(gitlabVersion);
  const to = installs === null ? null : versionOf(installs.version);
  if (installs === null || from === null || to === null) return '';
  const distance = compareVersions(from, to);
  if (distance === 0)
    return 'That is the version that this AutoGit installs: nothing is upgraded afterwards.';
  if (distance > 0) return '';
  if (stops.length === 0) return `The next \`autogit stack up\` takes it to ${installs.version}.`;
  return `On its way to ${installs.version}, which this AutoGit installs, an upgrade has to stop at ${listed(stops)}.`;
}

function stopsOf({ gitlabVersion }: BackupRecord, { installs }: RestoreFacts): readonly string[] {
  const from = versionOf(gitlabVersion);
  const to = installs === null ? null : versionOf(installs.version);
  return installs === null || from === null || to === null ? [] : stopsBetween(installs.stops, from, to);
}

/** What of its versions stands against a restore to here. */
export function judgeVersions(
  backup: BackupRecord,
  parts: readonly BackupPart[],
  facts: RestoreFacts,
  addProblem: AddProblem,
): void {
  if (parts.includes('gitlab')) judgeGitlab(backup, parts, facts, addProblem);
  const misfit = facts.images === null || !needsImages(parts) ? null : imageMisfit(facts.images, facts);
  if (misfit !== null) addProblem('backup.restore-architecture', { severity: 'error', ...misfit });
}

/** Whether containers of the backup's stack are started. */
function needsImages(parts: readonly BackupPart[]): boolean {
  return parts.includes('gitlab') || parts.includes('services');
}

function judgeGitlab(
  backup: BackupRecord,
  parts: readonly BackupPart[],
  facts: RestoreFacts,
  addProblem: AddProblem,
): void {
  const { installs } = facts;
  const from = versionOf(backup.gitlabVersion);
  const isEnterprise = ofEnterprise(backup, facts);
  if (installs !== null && isEnterprise !== installs.isEnterprise)
    addProblem('backup.restore-edition', {
      severity: 'error',
      message: `This backup is of GitLab's ${editionWords(isEnterprise)}, and this AutoGit brings up its ${editionWords(installs.isEnterprise)}: GitLab restores only into the edition that it was backed up from.`,
      next: "Look at the backup first (--to FOLDER), and restore what is in its folder gitlab/ into such a GitLab by GitLab's own tools.",
    });
  const to = installs === null ? null : versionOf(installs.version);
  if (installs !== null && from !== null && to !== null && compareVersions(minorOf(from), minorOf(to)) > 0)
    addProblem('backup.restore-gitlab-newer', {
      severity: 'error',
      message: `This backup is of GitLab ${backup.gitlabVersion}, and the newest that this AutoGit knows is ${installs.version}: it could not look after it.`,
      next: 'Install the newest AutoGit first, then restore.',
    });
  judgePresent(backup, parts, facts, addProblem);
  const stops = stopsOf(backup, facts);
  if (installs !== null && stops.length > 0)
    addProblem('backup.restore-upgrade-later', {
      severity: 'warning',
      message: `GitLab ${backup.gitlabVersion} cannot go to ${installs.version}, which this AutoGit installs, at once: it has to stop at ${listed(stops)}.`,
      next: `Restore it all the same: it runs as ${backup.gitlabVersion}. Then bring up ${stops.join(', then ')} (each its newest patch), each with the release of AutoGit that has it, and let its background migrations end before the next.`,
    });
}

/** Without the home, the files that are here bring GitLab up: https://docs.gitlab.com/administration/backup_restore/restore_gitlab/ */
function judgePresent(
  backup: BackupRecord,
  parts: readonly BackupPart[],
  { gitlab, gitlabVersion }: RestoreFacts,
  addProblem: AddProblem,
): void {
  if (parts.includes('home') || gitlab !== 'stack') return;
  const [from, here] = [versionOf(backup.gitlabVersion), versionOf(gitlabVersion)];
  if (from === null || here === null || compareVersions(from, here) === 0) return;
  addProblem('backup.restore-version-differs', {
    severity: 'error',
    message: `GitLab restores only what its own version has made: this backup is of ${backup.gitlabVersion}, and the files that are here bring up ${gitlabVersion}.`,
    next: `Restore the part \`home\` as well, which brings the files of ${backup.gitlabVersion}, or choose a backup of ${gitlabVersion}.`,
  });
}

function ofEnterprise({ gitlabVersion }: BackupRecord, { images }: RestoreFacts): boolean {
  const image = images?.['gitlab'];
  return /-ee\b/.test(gitlabVersion) || (image !== undefined && /gitlab-ee$/.test(imageName(image)));
}

function editionWords(isEnterprise: boolean): string {
  return isEnterprise ? 'Enterprise Edition' : 'Community Edition';
}

/** An image that is known not to be made for the engine here, in words; `null`: none. */
export function imageMisfit(
  images: Readonly<Record<string, string>>,
  { architecture, madeFor }: ImageFacts,
): { readonly message: string; readonly next: string } | null {
  if (architecture === null) return null;
  for (const reference of Object.values(images)) {
    const known = Object.hasOwn(madeFor, imageName(reference)) ? madeFor[imageName(reference)] : undefined;
    if (known === undefined || known.includes(architecture)) continue;
    return {
      message: `The image ${reference.replace(/@.*$/, '')} of this backup is made for ${listed(known)}, and the engine here is of ${architecture}: the stack could not be brought up as it was.`,
      next: `Restore on a machine with ${known.join(' or ')}, or look at the backup first: --to FOLDER`,
    };
  }
  return null;
}

/** `18.5, 18.8 and 18.11` */
function listed(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1) ?? ''}`;
}
