// Whether services that were started have come up, what is waited for, and what their logs tell when they have not.
import type { RenderedMilestone, RenderedService, StackContainer } from './stack.ts';

/** A service that the engine had to restart so often since it was watched does not come up by waiting. */
export const mostRestarts = 5;
/** Looks in a row that find no running container before it counts: an engine restarts one within seconds. */
export const missedLooks = 5;
/** So long it has to have run where nobody runs its health check. Milliseconds. */
const steadyMs = 20_000;
/** One that nobody checks has to have run so long: what ends at once runs for a moment, too. Milliseconds. */
const settledMs = 3_000;
/** After so long its first lines have left the log. */
const longMs = 15 * 60_000;

/** How a service stands at one look. */
export type ServiceHealth =
  | { readonly state: 'fine' }
  | { readonly state: 'waiting' }
  /** Its own health check has failed for as long as it may: it may get well, and seldom does. */
  | { readonly state: 'ill'; readonly why: string }
  /** `why`: `its container has ended with exit code 1`. */
  | { readonly state: 'lost'; readonly why: string };

export interface HealthLook {
  readonly containers: readonly StackContainer[];
  /** Restarts of each container when it was first seen, by its id. */
  readonly restartsBefore: Readonly<Record<string, number>>;
  /** False: `starting` says nothing, because nobody runs the checks. */
  readonly runsHealthChecks: boolean;
  readonly now: number;
}

/** One service at one look. A log is needed only where nobody runs health checks. */
export function healthOf(
  service: Pick<RenderedService, 'name' | 'hasHealthCheck'>,
  look: HealthLook,
  reachedLast: boolean,
): ServiceHealth {
  const container = look.containers.find((one) => one.service === service.name && one.state !== 'removing');
  if (container === undefined) return { state: 'lost', why: 'it has no container' };
  const restarts = (container.restarts ?? 0) - (look.restartsBefore[container.id] ?? 0);
  if (restarts > mostRestarts)
    return { state: 'lost', why: `it has ended and was restarted ${restarts} times` };
  switch (container.state) {
    case 'exited':
    case 'dead':
      return { state: 'lost', why: `its container has ended${codeWords(container)}` };
    case 'created':
    case 'restarting':
    case 'removing':
      return { state: 'waiting' };
    case 'paused':
      return { state: 'lost', why: 'its container is paused' };
    case 'running':
      return runningHealth(service, container, look, reachedLast);
  }
}

function runningHealth(
  { hasHealthCheck }: Pick<RenderedService, 'hasHealthCheck'>,
  { health, startedAt }: StackContainer,
  { runsHealthChecks, now }: HealthLook,
  reachedLast: boolean,
): ServiceHealth {
  if (health === 'healthy') return { state: 'fine' };
  if (health === 'unhealthy') return { state: 'ill', why: 'its health check fails' };
  if (health === 'starting' && runsHealthChecks) return { state: 'waiting' };
  const ran = startedAt === null ? null : now - startedAt;
  // The clock of an engine elsewhere may be ahead of this one.
  if (health === 'none' && (runsHealthChecks || !hasHealthCheck))
    return { state: ran === null || ran >= settledMs || ran < 0 ? 'fine' : 'waiting' };
  const isSteady = ran === null ? reachedLast : (ran >= steadyMs && reachedLast) || ran >= longMs;
  return { state: isSteady ? 'fine' : 'waiting' };
}

function codeWords({ exitCode }: StackContainer): string {
  return exitCode === null ? '' : ` with exit code ${exitCode}`;
}

/** A pattern of a template as far as it is one. */
function pattern(text: string): RegExp | null {
  try {
    return new RegExp(text);
  } catch {
    return null;
  }
}

/**
 * Where a service is, by its log: the last of its milestones whose line has come, and no earlier one than `before` (a key);
 * those without a line are passed at once.
 */
export function furthestMilestone(
  milestones: readonly RenderedMilestone[],
  service: string,
  log: string,
  before: string | null,
): RenderedMilestone | null {
  const own = milestones.filter((milestone) => milestone.service === service);
  const lines = plainLines(log);
  const isReached = ({ log: wanted }: RenderedMilestone): boolean => {
    const form = wanted === null ? null : pattern(wanted);
    return form === null || lines.some((line) => form.test(line));
  };
  const isFurthest = ({ key }: RenderedMilestone): boolean => key === before;
  return own.findLast((one) => isFurthest(one) || isReached(one)) ?? own[0] ?? null;
}

/** Whether this is the last that its service passes; `null`: it has none. */
export function isLastMilestone(
  milestones: readonly RenderedMilestone[],
  milestone: RenderedMilestone | null,
): boolean {
  return (
    milestone === milestones.findLast(({ service }) => service === milestone?.service) || milestone === null
  );
}

/** `GitLab is migrating its database, usually 3-5 minutes on this machine` */
export function waitingWords(milestone: RenderedMilestone | null, service: string): string {
  if (milestone === null) return `Waiting for ${service}`;
  const usually = milestone.usually.startsWith('usually')
    ? milestone.usually
    : `usually ${milestone.usually}`;
  return `${milestone.waiting}, ${usually} on this machine`;
}

const longestLine = 300;
const tellingCount = 5;
const telling =
  /error|fatal|fail|panic|denied|refused|cannot|could not|unable|invalid|no such|missing|exception|killed|not found/i;

/** Lines without colours and control characters. */
function plainLines(log: string): readonly string[] {
  return log
    .split(/\r?\n/)
    .map((line) =>
      line
        .replaceAll(/\u001b\[[0-9;]*[A-Za-z]/g, '')
        .replaceAll(/\p{Cc}+/gu, ' ')
        .trim(),
    )
    .filter((line) => line !== '');
}

/** The last lines that say what is wrong, without those that look bad and mean nothing; the last ones where none does. */
export function tellingLines(log: string, harmless: readonly string[]): readonly string[] {
  const forms = harmless.flatMap((text) => pattern(text) ?? []);
  const lines = plainLines(log).filter((line) => !forms.some((form) => form.test(line)));
  const bad = lines.filter((line) => telling.test(line));
  return (bad.length === 0 ? lines : bad).slice(-tellingCount).map((line) => line.slice(0, longestLine));
}
