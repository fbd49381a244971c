// Whether the core can do its work at the moment.
import type { Output } from '../contract/contract.ts';

export interface Readiness {
  readonly status: 'ready' | 'not-ready';
  /** In words; empty when ready. */
  readonly reasons: readonly string[];
}

/** Ready means: every engine answers, and so does GitLab where one is set up. */
export function readinessOf(status: Output<'status.show'>): Readiness {
  const engines = status.nodes
    .filter((node) => node.engine.state !== 'fresh')
    .map((node) => node.engine.problem?.message ?? `The engine of ${node.name} was not read lately.`);
  const { state, problem } = status.gitlab;
  const gitlab = state === 'ready' || state === 'none' ? [] : [problem?.message ?? `GitLab is ${state}.`];
  const none = status.nodes.length === 0 ? ['No container engine was found yet.'] : [];
  const reasons = [...none, ...engines, ...gitlab];
  return { status: reasons.length === 0 ? 'ready' : 'not-ready', reasons };
}
