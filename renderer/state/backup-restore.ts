// A restore as somebody chooses it, and what its plan says.
import type { Input, Output } from '../../main/contract/contract.ts';
import type { BackupPart } from '../../main/model/backup/manifest.ts';
import { partWords } from './backups.ts';
import type { StateLook } from './tones.ts';
import { duration, listed } from './words.ts';
import { count, t } from '../language/strings.ts';

export type RestorePlan = Output<'backup.plan-restore'>;
export type RestoreWish = Pick<
  Input<'backup.plan-restore'>,
  'backup' | 'target' | 'parts' | 'project' | 'to' | 'withoutSafety' | 'place' | 'secrets' | 'password'
>;
type Change = RestorePlan['changes'][number];

export const restoreKinds = ['whole', 'parts', 'project', 'look'] as const;
export type RestoreKind = (typeof restoreKinds)[number];

export interface RestoreChoice {
  readonly kind: RestoreKind;
  readonly parts: readonly BackupPart[];
  readonly project: string;
  /** Folder that it goes to. */
  readonly to: string;
  /** Place that it comes from; '': the first that has it. */
  readonly target: string;
}

export const firstChoice: RestoreChoice = { kind: 'whole', parts: [], project: '', to: '', target: '' };

export const kindLooks: Readonly<Record<RestoreKind, { readonly title: string; readonly about: string }>> = {
  whole: {
    title: t('Everything'),
    about: t('The lab becomes what it was then. What is there now is backed up first.'),
  },
  parts: { title: t('Some parts'), about: t('Only those are replaced; the rest stays as it is.') },
  project: {
    title: t('One project'),
    about: t('Its repository, as a bare one in a folder. Nothing of the lab is changed.'),
  },
  look: {
    title: t('To a folder, to look at'),
    about: t('All files of the backup. Nothing of the lab is changed.'),
  },
};

const path = /^\/[^\p{C}]*[^\p{C}/]$/u;

/** By field, what is missing or wrong. */
export function choiceErrors({ kind, parts, project, to }: RestoreChoice): Readonly<Record<string, string>> {
  const folder = path.test(to.trim()) ? {} : { to: t('A new folder, as a path that begins with /.') };
  switch (kind) {
    case 'whole':
      return {};
    case 'parts':
      return parts.length === 0 ? { parts: t('Choose one at least.') } : {};
    case 'project':
      return {
        ...(project.trim() === '' ? { project: t('Its path in GitLab, such as home/website.') } : {}),
        ...folder,
      };
    case 'look':
      return folder;
  }
}

/** As the core takes it. */
export function wishOf(backup: string, choice: RestoreChoice): RestoreWish {
  const { kind, parts, project, to, target } = choice;
  return {
    backup,
    ...(target === '' ? {} : { target }),
    ...(kind === 'parts' ? { parts: [...parts] } : {}),
    ...(kind === 'project' ? { project: project.trim() } : {}),
    ...(kind === 'project' || kind === 'look' ? { to: to.trim() } : {}),
  };
}

/** The same on a command line; no secret stands in it. */
export function restoreCommand(wish: RestoreWish): string {
  const { backup = 'newest', target, parts, project, to, withoutSafety = false } = wish;
  return [
    `autogit backup restore ${backup.slice(0, 8)}`,
    ...(target === undefined ? [] : [`--target ${target}`]),
    ...(parts === undefined || parts.length === 0 ? [] : [`--parts ${parts.join(',')}`]),
    ...(project === undefined ? [] : [`--project '${project.replaceAll("'", String.raw`'\''`)}'`]),
    ...(to === undefined ? [] : [`--to '${to.replaceAll("'", String.raw`'\''`)}'`]),
    ...(withoutSafety ? ['--without-safety'] : []),
  ].join(' ');
}

/** What is typed to agree, where something of the lab is replaced; `null`: nothing is. */
export function agreeWord({ to }: Pick<RestorePlan, 'to'>): string | null {
  return to === null ? 'restore' : null;
}

export const changeLooks: Readonly<Record<Change['change'], StateLook>> = {
  create: { tone: 'success', sign: 'check', word: t('New') },
  replace: { tone: 'waiting', sign: 'warning', word: t('Replaced') },
  same: { tone: 'idle', sign: 'done', word: t('Same') },
  keep: { tone: 'idle', sign: 'skip', word: t('Stays') },
};

export interface ChangeGroup {
  readonly part: BackupPart;
  readonly title: string;
  readonly changes: readonly Change[];
  /** `2 replaced, 1 new`. */
  readonly summary: string;
}

const summaryWords: readonly (readonly [Change['change'], (number: number) => string])[] = [
  ['replace', (number) => count(number, '{{n}} replaced', '{{n}} replaced')],
  ['create', (number) => count(number, '{{n}} new', '{{n}} new')],
  ['same', (number) => count(number, '{{n}} the same', '{{n}} the same')],
  ['keep', (number) => count(number, '{{n}} stays', '{{n}} stay')],
];

/** By part, what matters first. */
export function changeGroups({ changes }: Pick<RestorePlan, 'changes'>): readonly ChangeGroup[] {
  const weight = (change: Change): number => summaryWords.findIndex(([kind]) => kind === change.change);
  return [...Map.groupBy(changes, ({ part }) => part)].map(([part, own]) => ({
    ...{ part, title: partWords[part] },
    changes: own.toSorted((a, b) => weight(a) - weight(b)),
    summary: summaryWords
      .flatMap(([kind, words]) => {
        const number = own.filter(({ change }) => change === kind).length;
        return number === 0 ? [] : [words(number)];
      })
      .join(', '),
  }));
}

function errorsIn({ issues }: Pick<RestorePlan, 'issues'>): number {
  return issues.filter(({ severity }) => severity === 'error').length;
}

/** What stands against it. */
export function blocking(plan: Pick<RestorePlan, 'issues'>): string | null {
  const errors = errorsIn(plan);
  if (errors === 0) return null;
  return count(errors, 'One thing stands against it', '{{n}} things stand against it');
}

/** The plan in a sentence. */
export function planSentence(plan: RestorePlan): string {
  const errors = errorsIn(plan);
  if (errors > 0) {
    return count(
      errors,
      'One thing stands against it; nothing was changed.',
      '{{n}} things stand against it; nothing was changed.',
    );
  }
  if (plan.to !== null)
    return t('It goes to {{folder}}; nothing of the lab is changed.', { folder: plan.to });
  const replaced = changeGroups(plan).filter(({ changes }) =>
    changes.some(({ change }) => change === 'replace'),
  );
  if (replaced.length === 0) return t('Nothing that is there is replaced.');
  return t('Replaced: {{parts}}.', { parts: listed(replaced.map(({ title }) => title)) });
}

/** For how long GitLab is away. */
export function awayWords({ awaySeconds, to }: Pick<RestorePlan, 'awaySeconds' | 'to'>): string {
  if (to !== null || awaySeconds === 0) return t('Nothing is stopped.');
  if (awaySeconds === null) return t('GitLab is away meanwhile; nobody knows yet for how long.');
  return t('GitLab is away for about {{duration}}.', { duration: duration(awaySeconds * 1000) });
}

/** What becomes of what is there now, in a sentence; `null`: nothing of the lab is changed. */
export function safetyWords({
  to,
  safety,
  withoutSafety,
}: Pick<RestorePlan, 'to' | 'safety' | 'withoutSafety'>): string | null {
  if (to !== null) return null;
  if (safety) return t('What is there now is backed up first: should anything fail, it has its place again.');
  return withoutSafety
    ? t('What is there now is not backed up first: there is no way back.')
    : t('Nothing is there yet, so nothing has to be backed up first.');
}

/** Whether somebody may give up the way back: there is something that could be backed up first, or should be. */
export function asksForSafety({
  to,
  safety,
  withoutSafety,
  issues,
}: Pick<RestorePlan, 'to' | 'safety' | 'withoutSafety' | 'issues'>): boolean {
  if (to !== null) return false;
  return safety || withoutSafety || issues.some(({ key }) => key === 'backup.restore-data-there');
}

/** Which version of GitLab is there now and which afterwards, and what happens; `null`: none is restored. */
export function versionWords({ versions }: Pick<RestorePlan, 'versions'>): string | null {
  if (versions === null) return null;
  const { backup, now, words } = versions;
  return now === '' || backup === '' || now === backup
    ? words
    : [t('GitLab is {{version}} now.', { version: now }), words].join(' ');
}

/** What to do once it is done. `safety`: whether what was there was backed up first; `null`: not known any more. */
export function afterwards({
  to,
  project,
  safety,
}: {
  readonly to: string | null;
  readonly project: boolean;
  readonly safety: boolean | null;
}): readonly string[] {
  if (to !== null)
    return [
      t('Look at it in {{folder}}.', { folder: to }),
      project
        ? t('To bring it back into GitLab: git -C the folder push --mirror to an empty project.')
        : t('Delete the folder when you have seen enough: secrets are in it.'),
    ];
  return [
    t('Sign in to GitLab, and look at a project that you know.'),
    t('Runners come back by themselves as soon as a job waits.'),
    ...(safety === true
      ? [t('What was there before is kept as a safety backup until the next one is made.')]
      : []),
  ];
}
