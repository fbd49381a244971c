// A run of the stack in words: its steps as they are done, now and next, and what is left of the images that come.
import type { Output } from '../../main/contract/contract.ts';
import { stackSteps } from '../../main/model/stack/stack.ts';
import type { StackStep, StackVerb } from '../../main/model/stack/stack.ts';
import type { StateLook } from './tones.ts';
import { duration } from './words.ts';
import { t } from '../language/strings.ts';

export type StackProgress = Output<'stack.watch'>;
export type Pull = StackProgress['pulls'][number];

const upWords: Readonly<Record<StackStep, string>> = {
  preflight: t('Look at the machine'),
  folders: t('Make folders'),
  secrets: t('Make secrets and the certificate'),
  files: t('Write files'),
  pull: t('Pull images'),
  start: t('Start services'),
  health: t('Wait until every service is well'),
  configure: t('Set GitLab up'),
  runners: t('Prove the runners with a job'),
};

type Step = readonly [StackStep, string];

/** The steps that each does, in their order. To take something down is its `start`. */
const stepsOfVerb: Readonly<Record<StackVerb, readonly Step[]>> = {
  up: stackSteps.map((step) => [step, upWords[step]] as const),
  restart: [
    ['start', t('Restart services')],
    ['health', upWords.health],
  ],
  down: [['start', t('Stop and remove containers')]],
  destroy: [
    ['start', t('Stop and remove containers')],
    ['folders', t('Remove what is left')],
  ],
};

export interface RunStep {
  readonly step: StackStep;
  readonly words: string;
  readonly state: 'done' | 'now' | 'failed' | 'next' | 'left';
}

/** Whether it has ended, well or not. */
export function isOver({ outcome, error }: StackProgress): boolean {
  return outcome !== null || error !== null;
}

/** Each step, as far as it is told. */
export function runSteps(progress: StackProgress): readonly RunStep[] {
  const { verb, step, outcome } = progress;
  const steps = stepsOfVerb[verb];
  const at = steps.findIndex(([name]) => name === step);
  const isEnded = isOver(progress);
  return steps.map(([name, words], index) => {
    const of = (state: RunStep['state']): RunStep => ({ step: name, words, state });
    if (outcome === 'done' || index < at) return of('done');
    if (index > at) return of(isEnded ? 'left' : 'next');
    return of(isEnded ? 'failed' : 'now');
  });
}

export const stepLooks: Readonly<Record<RunStep['state'], StateLook>> = {
  done: { tone: 'success', sign: 'check', word: t('Done') },
  now: { tone: 'running', sign: 'play', word: t('Now') },
  failed: { tone: 'failed', sign: 'cross', word: t('Ended here') },
  next: { tone: 'idle', sign: 'later', word: t('Next') },
  left: { tone: 'idle', sign: 'skip', word: t('Not done') },
};

const titles: Readonly<Record<StackVerb, readonly [going: string, done: string, failed: string]>> = {
  up: [t('The stack is being brought up'), t('The stack is up'), t('The stack could not be brought up')],
  restart: [t('Services are restarting'), t('Services were restarted'), t('Services could not be restarted')],
  down: [t('The stack is being taken down'), t('The stack is down'), t('The stack could not be taken down')],
  destroy: [t('The stack is being removed'), t('The stack is removed'), t('The stack could not be removed')],
};

/** How it stands, in a look and a few words. */
export function runLook(progress: StackProgress): StateLook {
  const { verb, outcome, error } = progress;
  const [going, done, failed] = titles[verb];
  if (outcome === 'done') return { tone: 'success', sign: 'check', word: done };
  if (outcome === 'rolled-back')
    return {
      tone: 'waiting',
      sign: 'warning',
      word: t('{{failure}}; the one before has its place again', { failure: failed }),
    };
  if (outcome !== null) return { tone: 'failed', sign: 'cross', word: failed };
  if (error !== null) return { tone: 'unknown', sign: 'lost', word: t('It was broken off') };
  return { tone: 'running', sign: 'play', word: going };
}

/** How the last run ended, for a fact. */
export function outcomeLook(outcome: string): StateLook {
  if (outcome === 'done') return { tone: 'success', sign: 'check', word: t('Done') };
  if (outcome === 'rolled-back') return { tone: 'waiting', sign: 'warning', word: t('Rolled back') };
  return { tone: 'failed', sign: 'cross', word: t('Failed') };
}

export const verbWords: Readonly<Record<StackVerb, string>> = {
  up: t('Bring up'),
  restart: t('Restart'),
  down: t('Take down'),
  destroy: t('Remove'),
};

/** Bytes that had come at a moment. */
export interface PullSample {
  readonly at: number;
  readonly bytes: number;
}

/** What the pace is measured over. Milliseconds. */
const paceMs = 20_000;
/** Before that nobody can tell. Milliseconds. */
const leastMs = 3_000;

/** The newest moments, of which the pace is told. */
export function withSample(samples: readonly PullSample[], sample: PullSample): readonly PullSample[] {
  const [last] = samples.slice(-1);
  // Another run begins at nothing.
  if (last !== undefined && sample.bytes < last.bytes) return [sample];
  return [...samples.filter(({ at }) => sample.at - at <= paceMs), sample];
}

export function bytesOf(pulls: readonly Pull[]): number {
  return pulls.reduce((sum, { current }) => sum + current, 0);
}

/** Bytes a second lately; `null`: not known yet, or nothing comes. */
export function paceOf(samples: readonly PullSample[], now: number): number | null {
  const [first] = samples.filter(({ at }) => now - at <= paceMs);
  const last = samples.at(-1);
  if (first === undefined || last === undefined || now - first.at < leastMs) return null;
  const pace = ((last.bytes - first.bytes) / (now - first.at)) * 1000;
  return pace > 0 ? pace : null;
}

/** Milliseconds until everything is here at this pace; `null`: nobody can tell, as sizes or the pace are not known. */
export function remainingMs(pulls: readonly Pull[], pace: number | null): number | null {
  const open = pulls.filter(({ done }) => !done);
  if (pace === null || open.length === 0 || open.some(({ total }) => total === 0)) return null;
  const left = open.reduce((sum, { current, total }) => sum + Math.max(0, total - current), 0);
  return (left / pace) * 1000;
}

/** An estimate says that it is one, and no more than it knows: `about 3 min left`. */
export function remainingWords(ms: number | null): string | null {
  if (ms === null) return null;
  if (ms < 10_000) return t('a few seconds left');
  const minute = 60_000;
  return t('about {{span}} left', {
    span: duration(ms < minute ? Math.ceil(ms / 10_000) * 10_000 : Math.ceil(ms / minute) * minute),
  });
}
