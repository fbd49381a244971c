// In which state a stack is, and the sentence that says so. Pure.
import type { StackSummary } from '../../contract/stack-summary.ts';
import type { StackAnswers } from '../../model/stack/answers.ts';

export type StackState = StackSummary['state'];

/** What of a service decides. `missing`: it has no container. */
export interface SeenService {
  readonly service: string;
  readonly state: string;
  readonly health: string;
}

function isWell({ state, health }: SeenService): boolean {
  return state === 'running' && health !== 'unhealthy';
}

/** `services`: null: nobody could ask the engine. `isUp`: it came up whole, and nobody took it down since. */
export function stateOf(
  services: readonly SeenService[] | null,
  { isBusy, isUp }: { readonly isBusy: boolean; readonly isUp: boolean },
): StackState {
  if (isBusy) return 'busy';
  if (services === null) return 'unknown';
  const there = services.filter(({ state }) => state !== 'missing');
  if (there.length === 0 && !isUp) return 'down';
  return services.length > 0 && services.every(isWell) ? 'up' : 'degraded';
}

interface SentenceParts {
  readonly lab: string | null;
  /** Of the run that goes on. */
  readonly message: string | null;
  readonly services: readonly SeenService[];
}

/** One sentence for people. */
export function stateSentence(state: StackState, { lab, message, services }: SentenceParts): string {
  switch (state) {
    case 'none':
      return 'There is no stack. What it would be: autogit stack plan';
    case 'up':
      return `The lab "${lab ?? ''}" is up.`;
    case 'down':
      return `The lab "${lab ?? ''}" is down. Bring it up with: autogit stack up`;
    case 'busy':
      return message ?? 'Something is being done to the stack.';
    case 'unknown':
      return `The container engine does not answer, so nobody knows how the lab "${lab ?? ''}" stands.`;
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

function wordsOf({ state, health }: SeenService): string {
  return state === 'running' ? health : state;
}

/** GitLab's address, as the answers make it. */
export function publicUrl({ lab, domain, ports }: StackAnswers): string {
  const port = ports.https === 443 ? '' : `:${ports.https}`;
  return `https://gitlab.${domain ?? `${lab}.home.arpa`}${port}`;
}
