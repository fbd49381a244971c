// A plan of the stack in words: what it would do, differences line by line, and what a person has to decide.
import type { Output } from '../../main/contract/contract.ts';
import type { StateLook } from './tones.ts';
import { duration, listed } from './words.ts';
import { count, t } from '../language/strings.ts';

export type PlannedStack = Output<'stack.plan'>;
export type StackPlan = NonNullable<PlannedStack['plan']>;
export type PlanFile = StackPlan['files'][number];
export type PlanService = StackPlan['services'][number];
export type PlanIssue = StackPlan['issues'][number];

/** What a person has decided about files that they changed, by path. */
export type FileDecisions = Readonly<Record<string, 'replace' | 'keep'>>;

export const noDecisions: FileDecisions = {};

export interface DiffLine {
  readonly kind: 'hunk' | 'added' | 'removed' | 'same';
  /** Numbers of the line before and after; `null`: it is not there. */
  readonly before: number | null;
  readonly after: number | null;
  readonly text: string;
}

const hunk = /^@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@/;

/** Reads a unified difference; what stands before its first part is left out. */
export function parseDiff(diff: string): readonly DiffLine[] {
  const lines: DiffLine[] = [];
  let at: { before: number; after: number } | null = null;
  for (const line of diff.replace(/\n$/, '').split('\n')) {
    const start = hunk.exec(line);
    if (start !== null) {
      at = { before: Number(start[1]), after: Number(start[2]) };
      lines.push({ kind: 'hunk', before: null, after: null, text: line });
    } else if (at !== null) {
      const sign = line.slice(0, 1);
      const text = line.slice(1);
      if (sign === '+') lines.push({ kind: 'added', before: null, after: at.after++, text });
      else if (sign === '-') lines.push({ kind: 'removed', before: at.before++, after: null, text });
      else if (sign === ' ') lines.push({ kind: 'same', before: at.before++, after: at.after++, text });
    }
  }
  return lines;
}

/** `+3 −1`: how many lines come and go. */
export function diffWords(lines: readonly DiffLine[]): string {
  const of = (kind: DiffLine['kind']): number => lines.filter((line) => line.kind === kind).length;
  const parts = [
    ...(of('added') === 0 ? [] : [`+${of('added')}`]),
    ...(of('removed') === 0 ? [] : [`\u2212${of('removed')}`]),
  ];
  return parts.join(' ');
}

export const serviceChangeLooks: Readonly<Record<PlanService['change'], StateLook>> = {
  create: { tone: 'success', sign: 'play', word: t('New') },
  recreate: { tone: 'waiting', sign: 'starting', word: t('Made anew') },
  restart: { tone: 'waiting', sign: 'starting', word: t('Restarts') },
  start: { tone: 'success', sign: 'play', word: t('Starts') },
  remove: { tone: 'failed', sign: 'stop', word: t('Removed') },
  none: { tone: 'idle', sign: 'idle', word: t('Goes on') },
};

export const fileChangeLooks: Readonly<Record<PlanFile['change'], StateLook>> = {
  create: { tone: 'success', sign: 'check', word: t('New') },
  update: { tone: 'waiting', sign: 'starting', word: t('Changed') },
  remove: { tone: 'failed', sign: 'cross', word: t('Removed') },
  same: { tone: 'idle', sign: 'idle', word: t('Stays') },
};

/** How long a service does not answer: `away about 30 s`; `null`: not at all. */
export function awayWords({ awaySeconds }: PlanService): string | null {
  return awaySeconds === 0
    ? null
    : t('away about {{span}}', { span: duration(Math.max(10, awaySeconds) * 1000) });
}

/** What it does with so many services, in this order; completes `It …`. */
const verbs: readonly (readonly [PlanService['change'], (number: number) => string])[] = [
  ['create', (number) => count(number, 'makes {{n}} service', 'makes {{n}} services')],
  ['recreate', (number) => count(number, 'makes anew {{n}} service', 'makes anew {{n}} services')],
  ['restart', (number) => count(number, 'restarts {{n}} service', 'restarts {{n}} services')],
  ['start', (number) => count(number, 'starts {{n}} service', 'starts {{n}} services')],
  ['remove', (number) => count(number, 'removes {{n}} service', 'removes {{n}} services')],
];

/** Errors of a plan: they stand against it. */
export function errorsOf({ issues }: StackPlan): readonly PlanIssue[] {
  return issues.filter(({ severity }) => severity === 'error');
}

/** `It makes 5 services, writes 12 files and pulls 1.7 GB.`; `size` says sizes. */
export function planSentence(plan: StackPlan, size: (bytes: number) => string): string {
  const errors = errorsOf(plan).length;
  if (errors > 0) return count(errors, 'One thing stands against it.', '{{n}} things stand against it.');
  if (plan.isNothing) return t('Everything is as it should be: there is nothing to do.');
  const files = plan.files.filter(({ change }) => change !== 'same').length;
  const bytes = plan.pulls.reduce((sum, one) => sum + one.bytes, 0);
  const parts = [
    ...verbs.flatMap(([change, words]) => {
      const number = plan.services.filter((one) => one.change === change).length;
      return number === 0 ? [] : [words(number)];
    }),
    ...(files === 0 ? [] : [count(files, 'writes {{n}} file', 'writes {{n}} files')]),
    ...(bytes === 0 ? [] : [t('pulls {{size}}', { size: size(bytes) })]),
  ];
  return parts.length === 0
    ? t('It brings everything up to date.')
    : t('It {{deeds}}.', { deeds: listed(parts) });
}

/** The longest that anything is away; `null`: nothing is. */
export function awaySentence({ services }: StackPlan): string | null {
  const away = services.filter(({ awaySeconds, change }) => awaySeconds > 0 && change !== 'create');
  const [longest] = away.toSorted((a, b) => b.awaySeconds - a.awaySeconds);
  if (longest === undefined) return null;
  return t(
    '{{service}} does not answer for about {{span}}. Jobs that run go on; those that need GitLab meanwhile wait or try again.',
    { service: longest.service, span: duration(Math.max(10, longest.awaySeconds) * 1000) },
  );
}

/** Findings that are decided in the plan itself, each at its place. */
const decidedInPlace: readonly string[] = ['stack.file-changed', 'stack.grant-needed', 'stack.secret-asked'];

/** What only has to be known, or is mended elsewhere. */
export function otherIssues({ issues }: StackPlan): readonly PlanIssue[] {
  return issues.filter(({ key }) => !decidedInPlace.includes(key));
}

/** Why the plan cannot be carried out yet, for its button; `null`: it can. */
export function blockedBy(plan: StackPlan): string | null {
  const errors = errorsOf(plan);
  const [first] = errors;
  if (first === undefined) return null;
  if (errors.length > 1)
    return count(
      errors.length,
      '{{n}} thing has to be decided or mended first',
      '{{n}} things have to be decided or mended first',
    );
  return first.message;
}

/** Files that a person changed: they wait for a word, or have it. */
export function filesByHand({ files }: StackPlan): readonly PlanFile[] {
  return files.filter(({ byHand }) => byHand);
}

/** `replace` and `keep` as requests take them. */
export function decidedFiles(decisions: FileDecisions): {
  readonly replace: string[];
  readonly keep: string[];
} {
  const of = (wanted: 'replace' | 'keep'): string[] =>
    Object.entries(decisions).flatMap(([path, decided]) => (decided === wanted ? [path] : []));
  return { replace: of('replace'), keep: of('keep') };
}
