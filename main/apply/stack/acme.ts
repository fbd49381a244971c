// Certificates that Traefik asks for by itself: waited for, tried at the staging authority first, counted, and told in words.
import { z } from 'zod';
import { acmeFailures, failureWords, latestFailure } from '../../model/stack/acme-log.ts';
import type { AcmeFailure } from '../../model/stack/acme-log.ts';
import {
  acmeOf,
  acmeWay,
  authorityOf,
  isDefaultCertificate,
  isReached,
  limitWords,
  limitsNear,
  withTry,
} from '../../model/stack/acme.ts';
import type { AcmeTry } from '../../model/stack/acme.ts';
import { ownAddress } from '../../model/stack/answers.ts';
import { covers } from '../../model/stack/certificate-names.ts';
import type { ServedCertificate } from '../../model/stack/surroundings.ts';
import type { Secrets } from '../../ports.ts';
import { stackError, stackSecret } from './context.ts';
import type { StepContext } from './context.ts';

const traefikService = 'traefik';
const logLines = 400;
/** Nobody gets in without these. */
const neededNames = ['gitlab', 'auth'];
/** What is remembered of a lab, beside its secrets. */
const provenSecret = 'acme-proven';
const triesSecret = 'acme-tries';
const keptWays = 20;

const triesSchema = z.array(z.object({ at: z.number(), names: z.string(), isDone: z.boolean() }));

/** The ways to Let's Encrypt's certificates that have worked for a lab, the latest last. */
export function provenWays(lab: string, secrets: Pick<Secrets, 'get'>): readonly string[] {
  return secrets.get(stackSecret(lab, provenSecret))?.split('\n') ?? [];
}

/** When the real authority was asked for this lab, as far as it may still count. */
export function triesOf(lab: string, secrets: Pick<Secrets, 'get'>): readonly AcmeTry[] {
  try {
    return triesSchema.parse(JSON.parse(secrets.get(stackSecret(lab, triesSecret)) ?? '[]'));
  } catch {
    return [];
  }
}

type CertificateContext = Pick<
  StepContext,
  'run' | 'stack' | 'project' | 'compose' | 'journal' | 'secrets' | 'clock' | 'lookAtDoor' | 'clean'
>;

/** The staging authority has given a certificate on this way: from now on the real one is asked. Safe to do again. */
export async function endTrial({ stack, secrets }: Pick<StepContext, 'stack' | 'secrets'>): Promise<void> {
  const acme = acmeOf(stack.answers.tls);
  if (acme === null) return;
  const way = acmeWay(acme, stack.domain);
  // The former way stays: the stack that stands on it may have to come back.
  const others = provenWays(stack.lab, secrets).filter((one) => one !== way);
  await secrets.set(stackSecret(stack.lab, provenSecret), [...others, way].slice(-keptWays).join('\n'));
}

/**
 * What is waited for; `null`: every name that has to has its certificate, or Traefik asks for none. Rejects with `acme.…`
 * as soon as Traefik says that it gets none: by itself it tries again after hours only.
 */
export async function awaitCertificates(context: CertificateContext): Promise<string | null> {
  const { stack, run } = context;
  const { tls } = stack.answers;
  if (acmeOf(tls) === null || run.verb !== 'up') return null;
  const served = await Promise.all(
    stack.names.map(async ({ name }) => ({ name, certificate: await servedAt(name, context) })),
  );
  const without = served.filter(({ name, certificate }) => certificate === null || !isFor(certificate, name));
  const missing = without.filter(({ name }) => isNeeded(name, context));
  if (missing.length === 0) {
    for (const one of served)
      if (one.certificate !== null && !without.includes(one)) await countDone(one.certificate, context);
    return null;
  }
  const failure = latestFailure(
    await failuresNow(context),
    missing.map(({ name }) => name),
  );
  if (failure !== null) throw await failed(failure, context);
  const names = missing.map(({ name }) => name).join(', ');
  return `Waiting for ${stack.isTrial === true ? "a trial certificate of Let's Encrypt's staging authority" : 'a certificate'} for ${names}`;
}

function isFor(certificate: ServedCertificate, name: string): boolean {
  return !isDefaultCertificate(certificate) && covers(certificate.names, name);
}

/**
 * A lab that has served on this way goes on where its people and jobs come in: others of its names may never have been led
 * here, and Traefik showed its own certificate for them. Whoever looks after the lab is told of these.
 */
function isNeeded(name: string, { stack, journal }: CertificateContext): boolean {
  const { domain, answers } = stack;
  const standing = journal.standing();
  const [now, before] = [acmeOf(answers.tls), standing === null ? null : acmeOf(standing.answers.tls)];
  const hasServed =
    standing?.answers.lab === stack.lab &&
    now !== null &&
    before !== null &&
    acmeWay(before, standing.answers.domain ?? '') === acmeWay(now, domain) &&
    authorityOf(before, false).url === authorityOf(now, false).url;
  return !hasServed || neededNames.some((one) => name === `${one}.${domain}`);
}

async function servedAt(
  name: string,
  { stack: { answers }, lookAtDoor }: CertificateContext,
): Promise<ServedCertificate | null> {
  const { https } = answers.ports;
  const suffix = https === 443 ? '' : `:${https}`;
  const host = ownAddress(answers) ?? name;
  return (await lookAtDoor(`https://${name}${suffix}/`, { host, port: https })).certificate;
}

/** What has gone wrong since Traefik's container was started last. */
async function failuresNow(context: CertificateContext): Promise<readonly AcmeFailure[]> {
  const { compose, project, clean } = context;
  const containers = await compose.containers(project);
  const startedAt = containers.find(({ service }) => service === traefikService)?.startedAt ?? null;
  const log = await compose.logs(project, [traefikService], logLines).catch(() => '');
  // Its lines have whole seconds.
  const since = startedAt === null ? -Infinity : Math.floor(startedAt / 1_000) * 1_000;
  return acmeFailures(clean(log)).filter(({ at }) => at === null || at >= since);
}

/** Who is asked counts; the next `up` has Traefik ask again, which it does at its start. */
async function failed(failure: AcmeFailure, context: CertificateContext): Promise<Error> {
  const { run, journal, stack } = context;
  journal.setRestarts(run.id, [...new Set([...(journal.open()?.restarts ?? []), traefikService])]);
  await count({ at: context.clock.now(), names: failure.domains.join(' '), isDone: false }, context);
  const words = failureWords(failure, stack.answers.tls);
  const staging =
    stack.isTrial === true
      ? " Let's Encrypt's staging authority was asked first; the real one has not been asked at all."
      : '';
  return stackError(words.key, `${words.message}${staging}`, words.next, {
    domains: failure.domains.join(', '),
  });
}

/** A certificate that was there before is no new one. Let's Encrypt dates an hour back. */
async function countDone(certificate: ServedCertificate, context: CertificateContext): Promise<void> {
  const names = certificate.names.join(' ');
  const known = triesOf(context.stack.lab, context.secrets);
  if (known.some((one) => one.isDone && one.names === names && one.at === certificate.from)) return;
  await count({ at: certificate.from, names, isDone: true }, context);
}

async function count(one: AcmeTry, { stack, secrets }: CertificateContext): Promise<void> {
  const acme = acmeOf(stack.answers.tls);
  if (acme === null || acme.server !== null || acme.staging || stack.isTrial === true) return;
  const tries = withTry(triesOf(stack.lab, secrets), one);
  await secrets.set(stackSecret(stack.lab, triesSecret), JSON.stringify(tries));
}

/** Rejects with `acme.limit-reached` where asking once more would only be refused, and make the wait longer. */
export function requireRoom({
  stack,
  secrets,
  clock,
  journal,
}: Pick<StepContext, 'stack' | 'secrets' | 'clock' | 'journal'>): void {
  const acme = acmeOf(stack.answers.tls);
  if (acme === null || acme.server !== null || acme.staging || stack.isTrial === true) return;
  const standing = journal.standing();
  const before = standing === null ? null : acmeOf(standing.answers.tls);
  // What stands has its certificate already: nobody asks for another one.
  if (
    standing?.isUp === true &&
    before !== null &&
    acmeWay(before, standing.answers.domain ?? '') === acmeWay(acme, stack.domain)
  )
    return;
  const limit = limitsNear(triesOf(stack.lab, secrets), clock.now()).find(
    (one) => one.kind === 'failures' && isReached(one),
  );
  if (limit === undefined) return;
  const { message, next } = limitWords(limit);
  throw stackError('acme.limit-reached', message, next);
}
