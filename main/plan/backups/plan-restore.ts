// What a restore would replace, in which steps, and what stands against it: said before anything is done.
import type { BackupRecord, BackupStep } from '../../model/backup/backup.ts';
import { backupParts } from '../../model/backup/manifest.ts';
import type { BackupPart } from '../../model/backup/manifest.ts';
import type { Issue } from '../../model/issue.ts';
import { hashOf } from '../../model/stack/content-hash.ts';
import { issuesOf } from './judge-restore.ts';
import { changesOf } from './restore-changes.ts';
import type { RestoreChange } from './restore-changes.ts';
import { replaces, sizeWords } from './restore-facts.ts';
import type { RestoreChoice, RestoreFacts } from './restore-facts.ts';
import { versionsOf } from './restore-versions.ts';
import type { RestoreVersions } from './restore-versions.ts';

export { isNewer } from './judge-restore.ts';
export type { RestoreChange } from './restore-changes.ts';
export type { RestoreChoice, RestoreFacts } from './restore-facts.ts';

export interface RestorePlan {
  readonly backup: BackupRecord;
  readonly hash: string;
  readonly parts: readonly BackupPart[];
  readonly to: string | null;
  readonly changes: readonly RestoreChange[];
  readonly steps: readonly { readonly step: BackupStep; readonly words: string }[];
  readonly safety: boolean;
  /** What is here is replaced with no way back, because somebody wants it so. */
  readonly withoutSafety: boolean;
  /** `null`: no GitLab of a stack is restored. */
  readonly versions: RestoreVersions | null;
  readonly awaySeconds: number | null;
  readonly issues: readonly Issue[];
}

/** Bytes of GitLab's data that are read in again in a second, on a slow disk. */
const loadBytesPerSecond = 20_000_000;
/** A GitLab that starts. Seconds. */
const gitlabStartSeconds = 300;
const sandboxStartSeconds = 10;

/** The plan, whole, with everything that stands against it. */
export function planRestore(backup: BackupRecord, wish: RestoreChoice, facts: RestoreFacts): RestorePlan {
  const parts = partsOf(backup, wish);
  const isHere = wish.to === null && wish.project === null;
  const touches = (part: BackupPart): boolean => isHere && parts.includes(part);
  const plan = {
    ...{ backup, parts, to: wish.to },
    changes: isHere ? changesOf(backup, parts, facts) : [],
    steps: stepsOf(backup, wish, parts, facts),
    safety: isHere && !facts.isEmpty && !wish.withoutSafety,
    withoutSafety: wish.withoutSafety && replaces(wish, facts),
    versions: isHere ? versionsOf(backup, parts, facts) : null,
    awaySeconds: touches('gitlab')
      ? gitlabStartSeconds + Math.round((backup.bytes ?? 0) / loadBytesPerSecond)
      : touches('sandbox')
        ? sandboxStartSeconds
        : 0,
    issues: issuesOf(backup, wish, parts, facts),
  };
  // What is written about the present may be another word; what would be done must be the same.
  const agreed = [
    backup.id,
    backup.target,
    backup.snapshot,
    backup.manifestSha256,
    parts,
    wish.to,
    wish.project,
    wish.withoutSafety,
    plan.changes,
  ];
  return { ...plan, hash: hashOf(JSON.stringify(agreed)) };
}

function partsOf(backup: BackupRecord, { parts, project }: RestoreChoice): readonly BackupPart[] {
  if (project !== null) return backup.parts.filter((part) => part === 'gitlab' || part === 'sandbox');
  return backupParts.filter((part) => backup.parts.includes(part) && (parts?.includes(part) ?? true));
}

function stepsOf(
  backup: BackupRecord,
  { to, project, withoutSafety }: RestoreChoice,
  parts: readonly BackupPart[],
  facts: RestoreFacts,
): RestorePlan['steps'] {
  const size = backup.bytes === null ? '' : ` (${sizeWords(backup.bytes)})`;
  const fetched = [
    { step: 'check' as const, words: 'Looks once more whether all of this can be done.' },
    { step: 'fetch' as const, words: `Fetches the backup${size} from ${backup.target} to a scratch folder.` },
    {
      step: 'judge' as const,
      words: 'Compares every file with the manifest; nothing is used before that is through.',
    },
  ];
  if (project !== null)
    return [
      ...fetched,
      {
        step: 'load',
        words: `Writes the repository of ${project} as a bare one${to === null ? '' : ` to ${to}`}.`,
      },
      tidy,
    ];
  if (to !== null)
    return [
      ...fetched,
      { step: 'load', words: `Moves what was fetched to ${to}; nothing else is changed.` },
      tidy,
    ];
  const [check, ...rest] = fetched;
  return [
    ...(check === undefined ? [] : [check]),
    ...(facts.isEmpty || withoutSafety
      ? []
      : [{ step: 'safety' as const, words: 'Backs up what is here now, on this machine, as the way back.' }]),
    ...rest,
    ...(parts.includes('home')
      ? [
          {
            step: 'home' as const,
            words: "Puts AutoGit's own files in their place and opens them; doors stay open.",
          },
        ]
      : []),
    ...(parts.includes('gitlab') ? [{ step: 'gitlab' as const, words: gitlabWords(backup) }] : []),
    ...(parts.includes('sandbox')
      ? [{ step: 'gitlab' as const, words: "Puts the sandbox's data in its place and starts it." }]
      : []),
    ...(parts.includes('services')
      ? [{ step: 'services' as const, words: "Puts the other services' data in its place and starts them." }]
      : []),
    tidy,
  ];
}

const tidy = { step: 'tidy', words: 'Removes the scratch folder.' } as const;

function gitlabWords({ gitlabVersion }: BackupRecord): string {
  const version = gitlabVersion === '' ? '' : ` ${gitlabVersion}`;
  return `Brings up GitLab${version}, as it was when the backup was made, from the files in it, and reads its data in.`;
}
