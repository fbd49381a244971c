// What a restore would replace, in which steps, and what stands against it: said before anything is done.
import type { BackupRecord, BackupStep } from '../../model/backup/backup.ts';
import { backupParts } from '../../model/backup/manifest.ts';
import type { BackupPart } from '../../model/backup/manifest.ts';
import type { Issue } from '../../model/issue.ts';
import { hashOf } from '../../model/stack/content-hash.ts';
import { issuesOf, partWords, sizeWords } from './judge-restore.ts';
import type { RestoreChoice, RestoreFacts } from './judge-restore.ts';

export { isNewer } from './judge-restore.ts';
export type { RestoreChoice, RestoreFacts } from './judge-restore.ts';

export interface RestoreChange {
  readonly part: BackupPart;
  readonly what: string;
  readonly now: string;
  readonly then: string;
  readonly change: 'create' | 'replace' | 'same' | 'keep';
}

export interface RestorePlan {
  readonly backup: BackupRecord;
  readonly hash: string;
  readonly parts: readonly BackupPart[];
  readonly to: string | null;
  readonly changes: readonly RestoreChange[];
  readonly steps: readonly { readonly step: BackupStep; readonly words: string }[];
  readonly safety: boolean;
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
    safety: isHere && !facts.isEmpty,
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
    plan.changes,
  ];
  return { ...plan, hash: hashOf(JSON.stringify(agreed)) };
}

function partsOf(backup: BackupRecord, { parts, project }: RestoreChoice): readonly BackupPart[] {
  if (project !== null) return backup.parts.filter((part) => part === 'gitlab' || part === 'sandbox');
  return backupParts.filter((part) => backup.parts.includes(part) && (parts?.includes(part) ?? true));
}

function changesOf(
  backup: BackupRecord,
  parts: readonly BackupPart[],
  facts: RestoreFacts,
): readonly RestoreChange[] {
  const kept = backupParts
    .filter((part) => !parts.includes(part) && backup.parts.includes(part))
    .map((part): RestoreChange => ({
      part,
      what: partWords[part],
      now: 'as it is',
      then: 'as it is',
      change: 'keep',
    }));
  return [...parts.flatMap((part) => changesOfPart(part, backup, facts)), ...kept];
}

/** What each part counts that people know. */
const countedBy: Readonly<Record<BackupPart, readonly string[]>> = {
  home: ['pools', 'targets', 'runs'],
  sandbox: ['projects', 'users', 'hooks', 'runners'],
  gitlab: ['projects', 'groups', 'users', 'runners'],
  services: [],
};

function changesOfPart(
  part: BackupPart,
  backup: BackupRecord,
  facts: RestoreFacts,
): readonly RestoreChange[] {
  const date = new Date(backup.at).toISOString().slice(0, 16).replace('T', ' ');
  const there = presenceOf(part, facts);
  const whole = {
    ...{ part, what: partWords[part], now: there, then: thenOf(part, backup, date) },
    change: there === '' ? ('create' as const) : ('replace' as const),
  };
  const counted = countedBy[part].flatMap((what): readonly RestoreChange[] => {
    const then = backup.counts[what];
    if (then === undefined) return [];
    const now = facts.counts[what];
    const change = now === undefined ? 'create' : now === then ? 'same' : 'replace';
    return [{ part, what, now: now === undefined ? '' : String(now), then: String(then), change }];
  });
  return [whole, ...counted];
}

function thenOf(part: BackupPart, backup: BackupRecord, date: string): string {
  const version = part === 'gitlab' ? ` ${backup.gitlabVersion}` : '';
  return `as of ${date} UTC${version === ' ' ? '' : version}, from ${backup.machine}`;
}

function presenceOf(part: BackupPart, { gitlab, gitlabVersion, isEmpty }: RestoreFacts): string {
  switch (part) {
    case 'home':
      return isEmpty ? '' : 'what is here';
    case 'sandbox':
      return gitlab === 'sandbox' ? 'a sandbox' : '';
    case 'gitlab':
      return gitlab === 'stack' ? `GitLab ${gitlabVersion}`.trim() : '';
    case 'services':
      return gitlab === 'stack' ? 'what is here' : '';
  }
}

function stepsOf(
  backup: BackupRecord,
  { to, project }: RestoreChoice,
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
    ...(facts.isEmpty
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
  return `Brings up GitLab${version}, as it was when the backup was made, and reads its data in.`;
}
