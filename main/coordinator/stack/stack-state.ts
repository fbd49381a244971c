// In which state a stack is, and the sentence that says so. Pure.
import type { StackSummary } from '../../contract/stack-summary.ts';
import type { StackAnswers } from '../../model/stack/answers.ts';
import { addressOf } from '../../templates/context.ts';
import { defaultDomain } from '../../templates/settle.ts';

export type StackState = StackSummary['state'];

/** What of a service decides. `missing`: it has no container. */
export interface SeenService {
  readonly service: string;
  readonly state: string;
  readonly health: string;
  readonly exitCode: number | null;
}

function isWell({ state, health }: SeenService): boolean {
  return state === 'running' && health !== 'unhealthy';
}

interface StateParts {
  readonly isBusy: boolean;
  /** It came up whole, and nobody took it down since. */
  readonly isUp: boolean;
  /** False: `starting` says nothing, because nobody runs the checks. */
  readonly runsHealthChecks: boolean;
}

/** `services`: null: nobody could ask the engine. */
export function stateOf(
  services: readonly SeenService[] | null,
  { isBusy, isUp, runsHealthChecks }: StateParts,
): StackState {
  if (isBusy) return 'busy';
  if (services === null) return 'unknown';
  const there = services.filter(({ state }) => state !== 'missing');
  if (there.length === 0 && !isUp) return 'down';
  if (services.length === 0 || !services.every(isWell)) return 'degraded';
  return runsHealthChecks && services.some(isStarting) ? 'starting' : 'up';
}

function isStarting({ health }: SeenService): boolean {
  return health === 'starting';
}

interface SentenceParts {
  readonly lab: string | null;
  /** Of the run that goes on. */
  readonly message: string | null;
  readonly services: readonly SeenService[];
  /** Why nobody could ask, one sentence; missing: not known. */
  readonly problem?: string | null;
}

/** One sentence for people. */
export function stateSentence(state: StackState, { lab, message, services, problem }: SentenceParts): string {
  switch (state) {
    case 'none':
      return 'There is no stack. What it would be: autogit stack plan';
    case 'up':
      return `The lab "${lab ?? ''}" is up.`;
    case 'starting': {
      const coming = services.filter(isStarting).map(({ service }) => service);
      return `The lab "${lab ?? ''}" is starting: ${coming.join(', ')} ${coming.length === 1 ? 'has' : 'have'} not come up yet.`;
    }
    case 'down':
      return `The lab "${lab ?? ''}" is down. Bring it up with: autogit stack up`;
    case 'busy':
      return message ?? 'Something is being done to the stack.';
    case 'unknown':
      return typeof problem === 'string'
        ? `Nobody knows how the lab "${lab ?? ''}" stands. ${problem}`
        : `The container engine does not answer, so nobody knows how the lab "${lab ?? ''}" stands.`;
    case 'degraded': {
      const ill = services
        .filter((service) => !isWell(service))
        .map((one) => `${one.service} (${wordsOf(one)})`);
      return ill.length === 0
        ? `The lab "${lab ?? ''}" has no container any more. Bring it up with: autogit stack up`
        : `The lab "${lab ?? ''}" does not run whole: ${ill.join(', ')}.`;
    }
  }
}

function wordsOf({ state, health, exitCode }: SeenService): string {
  if (state === 'missing') return 'it has no container';
  if (state === 'running') return health === 'unhealthy' ? 'its health check fails' : health;
  return exitCode === null || exitCode === 0 ? state : `${state} with code ${exitCode}`;
}

/** GitLab's address, as the answers make it. */
export function publicUrl({ lab, domain, ports }: StackAnswers): string {
  return addressOf('https', `gitlab.${domain ?? defaultDomain(lab)}`, ports.https);
}
