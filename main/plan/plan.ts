// The whole plan: what to do now to come from the observed state to the desired one. Pure and total.
import type { Issue } from '../model/issue.ts';
import type { Action, Desired, Instant, Observed, Plan } from '../model/world.ts';
import { gpuIssues } from './gpu-troubles.ts';
import { planArchitectures } from './plan-architectures.ts';
import { planEntries } from './plan-entries.ts';
import { planEntryChecks } from './plan-entry-checks.ts';
import { planGateway } from './plan-gateway.ts';
import { planGround } from './plan-ground.ts';
import { planProofs } from './plan-proofs.ts';
import { planRunners } from './plan-runners.ts';
import { endedIssue } from './sandbox-trouble.ts';
import { elsewhereIssue, planSandbox, sandboxElsewhere } from './plan-sandbox.ts';

/**
 * Never throws, logs, reads a clock or does I/O. Targets with an action in flight are left out, actions that failed
 * lately wait for their next try; at most one action per target is planned at a time.
 */
export function plan(desired: Desired, observed: Observed, now: Instant): Plan {
  const runners = planRunners(desired, observed, now);
  const proofs = planProofs(desired, observed, now);
  const processors = planArchitectures(desired, observed, now);
  const wish = desired.sandbox;
  const elsewhere = wish === null ? null : sandboxElsewhere(wish.volume, observed);
  // A sandbox on another engine is none of this one's business: nothing is made for it here, and nothing removed.
  const here = elsewhere === null ? desired : { ...desired, sandbox: null };
  const ended = endedIssue(here.sandbox, observed);
  const wished = [
    ...planGround(here, observed),
    ...planGateway(here, observed),
    ...planSandbox(here, observed),
    ...planEntries(desired, observed),
    ...planEntryChecks(desired, observed, now),
    ...processors.actions,
    ...runners.actions,
    ...proofs.actions,
  ];
  const waiting = observed.backoff.filter((entry) => entry.retryAt > now);
  const held = new Set(waiting.map(({ key }) => key));
  const busy = new Set(observed.inFlight.map(({ target }) => target));
  const wakeUps = [
    ...[runners.wakeAt, proofs.wakeAt, processors.wakeAt],
    ...waiting.map((entry) => entry.retryAt),
  ].filter((at) => at !== null);
  return {
    actions: onePerTarget(wished.filter(({ key, target }) => !held.has(key) && !busy.has(target))),
    issues: [
      ...observationIssues(observed),
      ...(elsewhere === null || wish === null ? [] : [elsewhereIssue(elsewhere, wish.state)]),
      ...(ended === null ? [] : [ended]),
      ...backoffIssues(observed, wished),
      ...runners.issues,
      ...proofs.issues,
      ...processors.issues,
      ...gpuIssues(desired, observed, now),
    ],
    wakeAt: wakeUps.length === 0 ? null : Math.min(...wakeUps),
  };
}

function onePerTarget(actions: readonly Action[]): readonly Action[] {
  const targets = new Set<string>();
  return actions.filter((action) => {
    if (targets.has(action.target)) return false;
    targets.add(action.target);
    return true;
  });
}

function observationIssues(observed: Observed): readonly Issue[] {
  const engines = observed.nodes.flatMap((node): readonly Issue[] =>
    node.engine.state === 'failed' || node.engine.state === 'stale'
      ? [{ ...node.engine.error, severity: 'error', subject: `node ${node.name}` }]
      : [],
  );
  const [gitlab] = [observed.gitlab, observed.entriesAtGitlab].flatMap((seen) =>
    seen.state === 'failed' || seen.state === 'stale' ? [seen.error] : [],
  );
  return gitlab === undefined ? engines : [...engines, { ...gitlab, severity: 'error', subject: 'GitLab' }];
}

/** An action that keeps failing is an issue as long as it is still wished for. */
function backoffIssues(observed: Observed, wished: readonly Action[]): readonly Issue[] {
  const wanted = new Map(wished.map((action) => [action.key, action]));
  return observed.backoff.flatMap((entry): readonly Issue[] => {
    const action = wanted.get(entry.key);
    if (action === undefined || entry.problem === null) return [];
    return [{ ...entry.problem, severity: 'error', subject: action.target }];
  });
}
