// The steps of the first set-up: which each way has, in which order, what they are called, and what is kept of them.
import type { SetupDraft as KeptDraft, SetupStep, SetupWay } from '../../main/contract/requests/setup.ts';
import { emptyDraft } from './stack-draft.ts';
import type { Draft } from './stack-draft.ts';
import { t } from '../language/strings.ts';

export type { SetupStep, SetupWay };

/** Every answer so far, as it was typed. */
export interface SetupDraft extends Readonly<Omit<KeptDraft, 'answers' | 'connect'>> {
  readonly connect: Readonly<KeptDraft['connect']>;
  /** About the stack. */
  readonly answers: Draft;
}

export const noAnswers: SetupDraft = {
  way: null,
  step: 'start',
  connect: { url: '', runnerUrl: '', ca: '' },
  answers: emptyDraft,
};

export interface StepWords {
  /** In the row of steps. */
  readonly short: string;
  /** What is asked for or shown, in a sentence. */
  readonly sentence: string;
}

export const stepWords: Readonly<Record<SetupStep, StepWords>> = {
  start: { short: t('Begin'), sentence: t('What should AutoGit work with?') },
  try: { short: t('Try it'), sentence: t('A small GitLab, a pipeline, and runners that come and go') },
  connect: { short: t('Your GitLab'), sentence: t('Where is your GitLab?') },
  place: { short: t('Name and place'), sentence: t('What is the lab called, and where does its data live?') },
  certificates: {
    short: t('Certificates'),
    sentence: t('How do browsers and git know that it is your lab?'),
  },
  people: { short: t('People'), sentence: t('Who signs in, and how?') },
  more: { short: t('Advanced'), sentence: t('Every other setting, none of which is needed') },
  review: { short: t('Plan'), sentence: t('This is what would be done') },
  restore: { short: t('Restore'), sentence: t('Where is the backup, and which twelve words open it?') },
  progress: { short: t('Install'), sentence: t('The lab is being set up') },
  end: { short: t('Done'), sentence: t('What you have now') },
};

const ways: Readonly<Record<SetupWay, readonly SetupStep[]>> = {
  try: ['start', 'try', 'end'],
  connect: ['start', 'connect', 'end'],
  restore: ['start', 'restore', 'end'],
  install: ['start', 'place', 'certificates', 'people', 'review', 'progress', 'end'],
};

/** The steps of a way, as they are listed; before one is chosen, the first decision alone. */
export function stepsOf(way: SetupWay | null): readonly SetupStep[] {
  return way === null ? ['start'] : ways[way];
}

/** Under which listed step one stands: what nobody needs is opened from the plan. */
export function listedStep(step: SetupStep): SetupStep {
  return step === 'more' ? 'review' : step;
}

function neighbour(step: SetupStep, way: SetupWay | null, distance: 1 | -1): SetupStep | null {
  if (step === 'more') return 'review';
  const steps = stepsOf(way);
  const at = steps.indexOf(step);
  return at === -1 ? null : (steps[at + distance] ?? null);
}

export function nextStep(step: SetupStep, way: SetupWay | null): SetupStep | null {
  return neighbour(step, way, 1);
}

export function previousStep(step: SetupStep, way: SetupWay | null): SetupStep | null {
  return neighbour(step, way, -1);
}

/** The step that an address names, as far as the chosen way has it; otherwise the one that was kept. */
export function stepAt(id: string | null, { way, step }: Pick<SetupDraft, 'way' | 'step'>): SetupStep {
  const steps: readonly SetupStep[] = way === 'install' ? [...ways.install, 'more'] : stepsOf(way);
  return steps.find((one) => one === id) ?? steps.find((one) => one === step) ?? 'start';
}
