// What is there now beside what is there after a restore, part by part.
import type { BackupRecord } from '../../model/backup/backup.ts';
import { backupParts } from '../../model/backup/manifest.ts';
import type { BackupPart } from '../../model/backup/manifest.ts';
import { partWords } from './restore-facts.ts';
import type { RestoreFacts } from './restore-facts.ts';

export interface RestoreChange {
  readonly part: BackupPart;
  readonly what: string;
  /** '' for nothing. */
  readonly now: string;
  readonly then: string;
  readonly change: 'create' | 'replace' | 'same' | 'keep';
}

/** In place of a number that nobody could tell. */
export const notKnown = 'not known';

/** Every part that is restored, and those of the backup that stay as they are. */
export function changesOf(
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
  home: ['pools', 'targets'],
  sandbox: ['projects', 'users', 'groups', 'hooks', 'runners'],
  gitlab: ['projects', 'users', 'groups', 'hooks', 'runners'],
  services: [],
};

function changesOfPart(
  part: BackupPart,
  backup: BackupRecord,
  facts: RestoreFacts,
): readonly RestoreChange[] {
  const there = presenceOf(part, backup, facts);
  const whole = {
    ...{ part, what: partWords[part], now: there, then: thenOf(part, backup) },
    change: there === '' ? ('create' as const) : ('replace' as const),
  };
  return [whole, ...(part === 'home' ? servedChange(backup, facts) : []), ...countsOf(part, backup, facts)];
}

/** Numbers that the backup tells; what only the present tells stands with the part itself. */
function countsOf(part: BackupPart, backup: BackupRecord, facts: RestoreFacts): readonly RestoreChange[] {
  const isThere = part === 'home' ? !facts.isEmpty : facts.gitlab === kindOf(part);
  return countedBy[part].flatMap((what): readonly RestoreChange[] => {
    const then = backup.counts[what];
    if (then === undefined) return [];
    const row = { part, what, then: String(then) };
    if (!isThere && !(part === 'gitlab' && facts.unusedData !== null))
      return [{ ...row, now: '', change: 'create' }];
    const now = isThere ? facts.counts[what] : undefined;
    if (now === undefined) return [{ ...row, now: notKnown, change: 'replace' }];
    return [{ ...row, now: String(now), change: now === then ? 'same' : 'replace' }];
  });
}

function kindOf(part: BackupPart): BackupRecord['gitlab'] | null {
  return part === 'gitlab' || part === 'services' ? 'stack' : part === 'sandbox' ? 'sandbox' : null;
}

function thenOf(part: BackupPart, backup: BackupRecord): string {
  const date = new Date(backup.at).toISOString().slice(0, 16).replace('T', ' ');
  const version = part === 'gitlab' ? ` ${backup.gitlabVersion}` : '';
  return `as of ${date} UTC${version === ' ' ? '' : version}, from ${backup.machine}`;
}

function presenceOf(part: BackupPart, backup: BackupRecord, facts: RestoreFacts): string {
  const { gitlab, gitlabVersion, isEmpty, unusedData } = facts;
  const known = (): string => knownOf(part, backup, facts);
  switch (part) {
    case 'home':
      return isEmpty ? '' : `what is here${known()}`;
    case 'sandbox':
      return gitlab === 'sandbox' ? `a sandbox${known()}` : '';
    case 'gitlab':
      if (gitlab === 'stack') return `${`GitLab ${gitlabVersion}`.trim()}${known()}`;
      return unusedData === null ? '' : `data of a GitLab that is down, in ${unusedData}`;
    case 'services':
      return gitlab === 'stack' ? 'what is here' : '';
  }
}

/** `: 52 projects, 12 users`; what stands in rows of its own is not said twice. */
function knownOf(part: BackupPart, backup: BackupRecord, facts: RestoreFacts): string {
  if (part !== 'home' && !facts.hasAnswered) return ', which does not answer: what is in it is not known';
  const own = countedBy[part].filter((what) => backup.counts[what] === undefined);
  const words = numberWords(own, facts.counts);
  return words === '' ? '' : `: ${words}`;
}

function numberWords(names: readonly string[], counts: Readonly<Record<string, number>>): string {
  return names
    .flatMap((name) => {
      const number = counts[name];
      if (number === undefined) return [];
      return [`${String(number)} ${number === 1 ? name.replace(/s$/, '') : name}`];
    })
    .join(', ');
}

const servedWords: Readonly<Record<BackupRecord['gitlab'], string>> = {
  none: 'none',
  sandbox: 'the sandbox',
  stack: "the stack's",
  elsewhere: 'one that is elsewhere',
};

/** With the home, another GitLab is served; the one that is served now is in nobody's sight then. */
function servedChange(backup: BackupRecord, facts: RestoreFacts): readonly RestoreChange[] {
  const { gitlab } = facts;
  if (gitlab === backup.gitlab || gitlab === 'none') return [];
  const counts = facts.hasAnswered ? numberWords(countedBy.gitlab, facts.counts) : '';
  const known =
    counts !== ''
      ? `: ${counts}`
      : facts.hasAnswered || gitlab === 'elsewhere'
        ? ''
        : ', which does not answer';
  return [
    {
      ...{ part: 'home', what: 'the GitLab that runners serve', change: 'replace' },
      ...{ now: `${servedWords[gitlab]}${known}`, then: servedWords[backup.gitlab] },
    },
  ];
}
