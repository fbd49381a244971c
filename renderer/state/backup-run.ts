// A run of backups in words: its steps as they are done, now and next, and what is left of the bytes that are counted.
import type { Output } from '../../main/contract/contract.ts';
import type { BackupStep, BackupVerb } from '../../main/model/backup/backup.ts';
import { numeral } from '../language/locale.ts';
import type { StateLook } from './tones.ts';
import { bytesWords, duration } from './words.ts';
import { count, t } from '../language/strings.ts';

export type BackupProgress = Output<'backup.watch'>;
export type BackupRun = Output<'backup.show'>['runs'][number];

const stepWords: Readonly<Record<BackupStep, string>> = {
  check: t('Look whether it can be done'),
  safety: t('Back up what is there now'),
  dump: t('Copy what is backed up'),
  send: t('Send it to each place'),
  fetch: t('Fetch the backup'),
  judge: t('Compare every file with the manifest'),
  read: t('Read data back'),
  load: t('Load it, and look at what is in it'),
  home: t('Put AutoGit’s own files in place'),
  gitlab: t('Restore GitLab'),
  services: t('Restore the services'),
  forget: t('Forget what is no longer kept'),
  prune: t('Make room'),
  tidy: t('Tidy up'),
};

/** The steps that each has, in their order. */
const stepsOfVerb: Readonly<Record<BackupVerb, readonly BackupStep[]>> = {
  create: ['check', 'dump', 'send', 'tidy'],
  verify: ['check', 'read'],
  drill: ['check', 'fetch', 'judge', 'load', 'tidy'],
  restore: ['check', 'safety', 'fetch', 'judge', 'home', 'gitlab', 'services', 'tidy'],
  prune: ['forget', 'prune'],
};

export interface RunStep {
  readonly step: BackupStep;
  readonly words: string;
  readonly state: 'done' | 'now' | 'failed' | 'next' | 'left';
}

/** Steps of a plan, in place of the usual ones. */
export type PlannedSteps = readonly { readonly step: BackupStep; readonly words: string }[];

export function isOver({ outcome }: Pick<BackupProgress, 'outcome'>): boolean {
  return outcome !== null;
}

/** Each step as far as it is told. One that is not among the usual ones stands alone. */
export function runSteps(progress: BackupProgress, planned: PlannedSteps | null = null): readonly RunStep[] {
  const { verb, step, outcome } = progress;
  const usual = planned ?? stepsOfVerb[verb].map((one) => ({ step: one, words: stepWords[one] }));
  const isKnown = step === null || usual.some((one) => one.step === step);
  const steps = isKnown ? usual : [{ step, words: stepWords[step] }];
  const at = steps.findIndex((one) => one.step === step);
  return steps.map((one, index) => {
    const of = (state: RunStep['state']): RunStep => ({ ...one, state });
    if (outcome === 'done' || index < at) return of('done');
    if (index > at) return of(outcome === null ? 'next' : 'left');
    return of(outcome === null ? 'now' : 'failed');
  });
}

type Words = readonly [going: string, done: string, failed: string];

const titles: Readonly<Record<BackupVerb, Words>> = {
  create: [t('A backup is being made'), t('The backup is made'), t('The backup was not made')],
  verify: [
    t('Backups are being checked'),
    t('The backups are checked'),
    t('The backups could not be checked'),
  ],
  drill: [t('A backup is being proven'), t('The backup is proven'), t('The backup could not be proven')],
  restore: [t('A backup is being restored'), t('The backup is restored'), t('The backup was not restored')],
  prune: [t('Room is being made'), t('Room is made'), t('No room was made')],
};

/** How it stands, in a look and a few words. */
export function runLook({ verb, outcome }: Pick<BackupProgress, 'verb' | 'outcome'>): StateLook {
  const [going, done, failed] = titles[verb];
  switch (outcome) {
    case null:
      return { tone: 'running', sign: 'play', word: going };
    case 'done':
      return { tone: 'success', sign: 'check', word: done };
    case 'failed':
      return { tone: 'failed', sign: 'cross', word: failed };
    case 'cancelled':
      return {
        tone: 'idle',
        sign: 'stop',
        word: t('{{whatFailed}}: it was stopped', { whatFailed: failed }),
      };
    case 'interrupted':
      return {
        tone: 'waiting',
        sign: 'lost',
        word: t('{{whatFailed}}: AutoGit has ended meanwhile', { whatFailed: failed }),
      };
    case 'rolled-back':
      return {
        tone: 'waiting',
        sign: 'warning',
        word: t('{{whatFailed}}; everything is as it was before', { whatFailed: failed }),
      };
  }
}

const outcomeLooks: Readonly<Record<NonNullable<BackupRun['outcome']>, StateLook>> = {
  done: { tone: 'success', sign: 'check', word: t('Done') },
  failed: { tone: 'failed', sign: 'cross', word: t('Failed') },
  cancelled: { tone: 'idle', sign: 'stop', word: t('Stopped') },
  interrupted: { tone: 'waiting', sign: 'lost', word: t('Broken off') },
  'rolled-back': { tone: 'waiting', sign: 'warning', word: t('Rolled back') },
};

/** Of a run in a list. Where it worked at some places and not at others, that is what it says. */
export function pastLook({ outcome, failures, targets }: BackupRun): StateLook {
  if (outcome === null) return { tone: 'running', sign: 'play', word: t('At work') };
  if (outcome === 'done' && failures.length > 0 && targets.length > 0)
    return { tone: 'waiting', sign: 'warning', word: t('In part') };
  return outcomeLooks[outcome];
}

export const verbWords: Readonly<Record<BackupVerb, string>> = {
  create: t('Backup'),
  verify: t('Check'),
  drill: t('Proof'),
  restore: t('Restore'),
  prune: t('Make room'),
};

export const causeWords: Readonly<Record<BackupRun['cause'], string>> = {
  person: t('somebody asked for it'),
  schedule: t('by its schedule'),
  missed: t('made up for, after it was missed'),
  'plugged-in': t('the disk was plugged in'),
  upgrade: t('before an upgrade'),
};

/** Only what was counted: `1.3 GB of 4.2 GB, 20,412 of 61,204 files`; '' for nothing. */
export function countedWords({ bytes, files }: Pick<BackupProgress, 'bytes' | 'files'>): string {
  const parts = [
    ...(bytes === null || bytes.total === 0
      ? []
      : [t('{{done}} of {{size}}', { done: bytesWords(bytes.done), size: bytesWords(bytes.total) })]),
    ...(files === null || files.total === 0
      ? []
      : [
          t('{{done}} of {{files}}', {
            done: numeral(files.done),
            files: count(files.total, '{{n}} file', '{{n}} files'),
          }),
        ]),
  ];
  return parts.join(', ');
}

/** An estimate says that it is one: `about 2 min left`. `null`: nobody knows. */
export function leftWords(seconds: number | null): string | null {
  if (seconds === null) return null;
  if (seconds < 10) return t('a few seconds left');
  const rounded = seconds < 60 ? Math.ceil(seconds / 10) * 10 : Math.ceil(seconds / 60) * 60;
  return t('about {{duration}} left', { duration: duration(rounded * 1000) });
}

/** How much of the step is done, 0 to 1; `null`: not counted. */
export function shareOf({ bytes }: Pick<BackupProgress, 'bytes'>): number | null {
  if (bytes === null || bytes.total <= 0) return null;
  return Math.min(1, Math.max(0, bytes.done / bytes.total));
}
