// Waiting for the effect of a changed wish, and saying honestly that it has not come.
import type { Snapshot } from '../contract/snapshot.ts';
import { AutoGitError } from '../errors.ts';
import type { Problem } from '../model/world.ts';
import type { RequestContext } from './requests.ts';

/** How long a command waits for its effect before it says that it goes on. Milliseconds. */
export const patienceMs = 120_000;

/** The problem of an engine that failed in a look taken after `before`; what an older look found may be mended. */
function brokenEngine(
  { coordinator }: RequestContext,
  before: ReturnType<RequestContext['coordinator']['look']>,
): Problem | null {
  for (const [index, { engine }] of coordinator.look().observed.nodes.entries()) {
    const isNews = engine !== before.observed.nodes[index]?.engine;
    if (engine.state === 'failed' && isNews) return engine.error;
  }
  return null;
}

/**
 * The first state that fits; `null` when none came in time. Rejects at once with the engine's own problem when there
 * is no engine to bring it about.
 */
export async function awaitEffect(
  context: RequestContext,
  fits: (snapshot: Snapshot) => boolean,
): Promise<Snapshot | null> {
  const before = context.coordinator.look();
  context.coordinator.refresh();
  const isHopeless = ({ nodes }: Snapshot): boolean =>
    nodes.some(({ engine }) => engine.state === 'failed') && brokenEngine(context, before) !== null;
  const found = await context.live.until((snapshot) => fits(snapshot) || isHopeless(snapshot), patienceMs);
  if (found === null || fits(found)) return found;
  const problem = brokenEngine(context, before);
  if (problem === null) return awaitEffect(context, fits);
  throw new AutoGitError({ ...problem, retry: true });
}

/** Runners whose job holds things up, as it may: no job is ever broken off. */
export function workingRunners({ runners }: Snapshot): number {
  return runners.filter(({ jobId }) => jobId !== null).length;
}

/** An effect that did not come in time though no job holds it up: what is left, and why as far as that is known. */
export function notYet(left: string, { gitlab, nodes, issues }: Snapshot): AutoGitError {
  const why =
    nodes.find(({ engine }) => engine.problem !== null)?.engine.problem ??
    gitlab.problem ??
    issues.find(({ severity }) => severity === 'error');
  return new AutoGitError({
    key: 'lab.not-yet',
    message: `${left}, after ${patienceMs / 1000} s.${why === undefined ? '' : ` ${why.message}`}`,
    next: `${why?.next ?? 'See what it waits for with: autogit status.'} AutoGit goes on with it by itself.`,
    retry: true,
  });
}

/** Raises the problem of settings that cannot be used: AutoGit acts on nothing until they are mended. */
export function requireSettings({ settings }: RequestContext): void {
  const issue = settings.isFallback() ? settings.issue() : null;
  if (issue !== null) throw new AutoGitError({ ...issue });
}
