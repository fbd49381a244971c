// Waits until every service has come up, says what it waits for, and gives up with the lines that tell why.
import {
  healthOf,
  isLastMilestone,
  furthestMilestone,
  missedLooks,
  tellingLines,
  waitingWords,
} from '../../model/stack/health.ts';
import { rootFile, servedFile } from '../../model/stack/made-files.ts';
import type { HealthLook } from '../../model/stack/health.ts';
import type { RenderedService } from '../../model/stack/stack.ts';
import { awaitCertificates } from './acme.ts';
import { rootOf } from './certificates.ts';
import { heedStop, isStaging, placeOf, stackError } from './context.ts';
import type { ApplyStep, StepContext } from './context.ts';

/** GitLab's first start takes minutes, on slow disks a quarter of an hour. Milliseconds. */
export const graceMs = 15 * 60_000;
/** So long a service may be ill while nothing else is on its way: a busy machine makes health checks fail. Milliseconds. */
const illMs = 60_000;
const pauseMs = 3_000;
/** GitLab answers the check of its image long before it answers people. */
const gitlabService = 'gitlab';
const logLines = 200;

/** What is remembered from look to look. */
interface Watch {
  readonly begun: number;
  readonly restartsBefore: Record<string, number>;
  /** Looks in a row that found a service lost. */
  readonly misses: Map<string, number>;
  /** Since when each service is ill and nothing else on its way, by the monotonic clock. */
  readonly illSince: Map<string, number>;
  /** The furthest milestone that each service has reached: its line may have left the log's end. */
  readonly reached: Map<string, string>;
}

/** Rejects with `stack.unhealthy`. */
export const awaitHealth: ApplyStep = async (context) => {
  const watch: Watch = {
    begun: context.clock.monotonic(),
    restartsBefore: {},
    misses: new Map(),
    illSince: new Map(),
    reached: new Map(),
  };
  for (;;) {
    heedStop(context.signal);
    const waiting = await lookOnce(watch, context);
    if (waiting === null) {
      // Nobody can use what the staging authority gives: nothing is up yet.
      if (context.stack.isTrial !== true) await standUp(context);
      return;
    }
    context.tell({ message: waiting.message });
    if (context.clock.monotonic() - watch.begun >= graceMs)
      throw await unhealthy(
        waiting.service,
        `has not come up within ${graceMs / 60_000} minutes (${waiting.message})`,
        context,
      );
    await context.clock.sleep(pauseMs, context.signal);
  }
};

/** From now on this is what a later run goes back to. */
async function standUp({ run, stack, journal, folder }: StepContext): Promise<void> {
  if (run.verb !== 'up') return;
  const services = Object.fromEntries(stack.services.map(({ name, hash }) => [name, hash]));
  const images = Object.fromEntries(stack.services.map(({ name, image }) => [name, image]));
  const files = (await folder.read(stack.lab)) ?? [];
  const contentOf = (path: string): string | null =>
    files.find((file) => file.path === path)?.content ?? null;
  const trust = { root: contentOf(rootFile), served: contentOf(servedFile) };
  journal.setStanding({ answers: stack.answers, isUp: true, isKept: false, services, images, trust });
}

interface Waiting {
  readonly service: string;
  readonly message: string;
}

/** `null`: all is well. */
async function lookOnce(watch: Watch, context: StepContext): Promise<Waiting | null> {
  const { compose, project, stack, run } = context;
  const containers = await compose.containers(project);
  for (const { id, restarts } of containers) watch.restartsBefore[id] ??= restarts ?? 0;
  const look = {
    ...{ containers, restartsBefore: watch.restartsBefore },
    ...{ runsHealthChecks: context.runsHealthChecks(), now: context.clock.now() },
  };
  if (stack.services.some((service) => healthOf(service, look, false).state === 'waiting'))
    watch.illSince.clear();
  let first: Waiting | null = null;
  for (const service of inOrder(context)) first = (await judge(service, look, watch, context)) ?? first;
  const certificates = await awaitCertificates(context);
  // The trial is over with its certificates, however long the others take to start.
  if (stack.isTrial === true && run.verb === 'up')
    return certificates === null ? null : { service: 'traefik', message: certificates };
  if (certificates !== null) return first ?? { service: 'traefik', message: certificates };
  if (first !== null || !stack.services.some(({ name }) => name === gitlabService)) return first;
  // Nothing trusts such a certificate: the step `configure` says so.
  if (isStaging(stack.answers.tls)) return null;
  const why = await context.whyNotReady(placeOf(context, rootOf));
  return why === null
    ? null
    : { service: gitlabService, message: `GitLab runs and does not answer yet: ${why}` };
}

async function isReady(context: StepContext): Promise<boolean> {
  return (await context.whyNotReady(placeOf(context, rootOf))) === null;
}

/** The one that is waited for first comes last: its words are told. */
function inOrder({ stack }: StepContext): readonly RenderedService[] {
  const place = ({ name }: RenderedService): number => {
    const at = stack.milestones.findIndex(({ service }) => service === name);
    return at < 0 ? stack.milestones.length : at;
  };
  return stack.services.toSorted((a, b) => place(b) - place(a));
}

async function judge(
  service: RenderedService,
  look: HealthLook,
  { misses, illSince, reached }: Watch,
  context: StepContext,
): Promise<Waiting | null> {
  const { stack } = context;
  const { name } = service;
  // A log is read only where something has to be said of it.
  const quick = healthOf(service, look, false);
  if (quick.state !== 'lost') misses.delete(name);
  if (quick.state !== 'ill') illSince.delete(name);
  if (quick.state === 'fine') return null;
  if (quick.state === 'lost') {
    misses.set(name, (misses.get(name) ?? 0) + 1);
    if (quick.why.includes('restarted') || (misses.get(name) ?? 0) >= missedLooks)
      throw await unhealthy(name, `does not stay up: ${quick.why}`, context);
    return { service: name, message: `Waiting for ${name}: ${quick.why}` };
  }
  if (quick.state === 'ill') {
    await requirePatience(name, illSince, context);
    return { service: name, message: `Waiting for ${name}: ${quick.why}` };
  }
  const log = await logOf(name, context);
  const milestone = furthestMilestone(stack.milestones, name, log, reached.get(name) ?? null);
  if (milestone !== null) reached.set(name, milestone.key);
  if (healthOf(service, look, isLastMilestone(stack.milestones, milestone)).state === 'fine') return null;
  // Where nobody runs its health check, GitLab itself is asked.
  if (name === gitlabService && !look.runsHealthChecks && (await isReady(context))) return null;
  return { service: name, message: waitingWords(milestone, name) };
}

/** Rejects when a service has been ill for too long. */
async function requirePatience(
  name: string,
  illSince: Watch['illSince'],
  context: StepContext,
): Promise<void> {
  const now = context.clock.monotonic();
  const since = illSince.get(name) ?? now;
  illSince.set(name, since);
  if (now - since < illMs) return;
  const what = `runs and does not get well: its health check has failed for ${illMs / 1000} seconds after all its tries`;
  throw await unhealthy(name, what, context);
}

/** A log that cannot be read is no reason to give up. */
async function logOf(service: string, { compose, project }: StepContext): Promise<string> {
  return compose.logs(project, [service], logLines).catch(() => '');
}

async function unhealthy(service: string, what: string, context: StepContext): Promise<Error> {
  const { stack, project } = context;
  // Services print what they were given, now and then; a line that is cut has only a part of it.
  const log = context.clean(await logOf(service, context));
  const lines = tellingLines(log, stack.harmless[service] ?? []);
  const said = lines.length === 0 ? 'It has printed nothing.' : `It said: ${lines.join(' / ')}`;
  return stackError(
    'stack.unhealthy',
    `${service} ${what}. ${said}`,
    `See all of it: autogit stack logs ${service}. When it is mended, autogit stack up goes on. The files are in ${project.folder}.`,
    { service },
  );
}
