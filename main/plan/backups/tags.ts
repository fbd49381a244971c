// How a backup is called in its repository: the tags of a snapshot, and what AutoGit knows of one that it finds there.
import type { BackupRecord, ResticSnapshot } from '../../model/backup/backup.ts';
import { backupParts } from '../../model/backup/manifest.ts';
import type { BackupManifest, BackupPart } from '../../model/backup/manifest.ts';

/** Every snapshot of ours has it; others in the same repository are nobody's business. */
export const ownTag = 'autogit';

/** Commas part tags, and blanks are hard to read in them. */
const word = (text: string): string => text.replaceAll(/[^A-Za-z0-9._~:@-]/g, '_').slice(0, 120);

function countsOf({ parts }: Pick<BackupManifest, 'parts'>): Readonly<Record<string, number>> {
  return Object.fromEntries(parts.flatMap(({ counts }) => Object.entries(counts)));
}

/** The tags of a sealed backup. */
export function tagsOf(manifest: BackupManifest, sha256: string): readonly string[] {
  const { parts } = manifest;
  const gitlab = parts.find(({ part }) => part === 'gitlab' || part === 'sandbox');
  const counts = Object.entries(countsOf(manifest)).map(([name, count]) => `${word(name)}:${count}`);
  return [
    ...[ownTag, `id=${manifest.id}`, `manifest=${sha256}`, `instance=${word(manifest.instance)}`],
    ...[`gitlab=${manifest.gitlab}`, `gitlab-version=${word(gitlab?.version ?? '')}`],
    `autogit-version=${word(manifest.autogit)}`,
    `parts=${parts.map(({ part }) => part).join('+')}`,
    ...[`bytes=${manifest.bytes}`, `files=${manifest.files}`],
    ...(counts.length === 0 ? [] : [`counts=${counts.join('+')}`]),
  ];
}

function whole(text: string | undefined): number | null {
  const number = Number(text);
  return text !== undefined && /^\d{1,15}$/.test(text) ? number : null;
}

function isPart(text: string): text is BackupPart {
  return backupParts.some((part) => part === text);
}

function gitlabOf(text: string | undefined): BackupRecord['gitlab'] {
  switch (text) {
    case 'sandbox':
    case 'stack':
    case 'elsewhere':
      return text;
    default:
      return 'none';
  }
}

/**
 * A snapshot as a record; `null`: it is none of AutoGit's. `known`: what was seen of it before, which its tags do not
 * tell. Tags are a stranger's words as long as nothing was judged: whatever is no sense in them is left out.
 */
export function recordOf(
  snapshot: ResticSnapshot,
  target: string,
  known: BackupRecord | undefined,
): BackupRecord | null {
  const { tags, host, at } = snapshot;
  if (!tags.includes(ownTag)) return null;
  const valueOf = (name: string): string | undefined =>
    tags.find((tag) => tag.startsWith(`${name}=`))?.slice(name.length + 1);
  const id = valueOf('id');
  if (id === undefined || !/^[0-9a-f-]{8,40}$/.test(id)) return null;
  const manifest = valueOf('manifest') ?? '';
  const counts = (valueOf('counts') ?? '').split('+').flatMap((one) => {
    const [name = '', count] = one.split(':');
    const number = whole(count);
    return name === '' || number === null ? [] : [[name, number] as const];
  });
  return {
    ...{ id, target, snapshot: snapshot.id, at, machine: host },
    instance: valueOf('instance') ?? '',
    manifestSha256: /^[0-9a-f]{64}$/.test(manifest) ? manifest : null,
    autogit: valueOf('autogit-version') ?? '',
    gitlab: gitlabOf(valueOf('gitlab')),
    gitlabVersion: valueOf('gitlab-version') ?? '',
    parts: (valueOf('parts') ?? '').split('+').filter(isPart),
    bytes: whole(valueOf('bytes')),
    files: whole(valueOf('files')),
    addedBytes: known?.addedBytes ?? null,
    counts: Object.fromEntries(counts),
    ...{
      provenAt: known?.provenAt ?? null,
      provenMs: known?.provenMs ?? null,
      damage: known?.damage ?? null,
    },
  };
}

/** Whether a backup is meant by what a person wrote: its id, the beginning of it, or the same of its snapshot. */
export function isMeant({ id, snapshot }: Pick<BackupRecord, 'id' | 'snapshot'>, text: string): boolean {
  const wanted = text.toLowerCase();
  return id.startsWith(wanted) || snapshot.startsWith(wanted);
}
