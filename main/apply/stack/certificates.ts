// The lab's own authority and its certificate, or the one that a person has: made, renewed and put where Traefik reads them.
import { z } from 'zod';
import { AutoGitError, messageOf } from '../../errors.ts';
import { covers } from '../../model/stack/certificate-names.ts';
import type { Secrets } from '../../ports.ts';
import { stackError, stackSecret } from './context.ts';
import type { StepContext } from './context.ts';
import { putSecret } from './put-secret.ts';

const day = 24 * 3_600_000;
/** A certificate with less than this left is made anew. */
const renewalMs = 30 * day;

/** Certificate and key belong together: one value, so that no kill parts them. */
const pairSchema = z.object({ certificate: z.string(), key: z.string() });
const authoritySchema = pairSchema.extend({ domain: z.string() });
const leafSchema = pairSchema.extend({ names: z.array(z.string()), root: z.string() });
type Authority = z.infer<typeof authoritySchema>;

/** Names of what is kept: the authority's key is in no file at all. */
export const authoritySecret = 'ca-key';
const leafSecret = 'tls-key';

/** PEM of the lab's own root; `null`: it has none. */
export function rootOf(lab: string, secrets: Pick<Secrets, 'get'>): string | null {
  return readKept(secrets.get(stackSecret(lab, authoritySecret)), authoritySchema)?.certificate ?? null;
}

/**
 * Nothing to make where Traefik gets them by itself. Rejects with `stack.certificate-unreadable`,
 * `stack.certificate-invalid`, `stack.certificate-dates`, `stack.certificate-names`, `stack.certificate-key`.
 */
export async function certificates(context: StepContext): Promise<void> {
  const { tls } = context.stack.answers;
  switch (tls.mode) {
    case 'local-ca':
      return ownAuthority(context);
    case 'own':
      return theirs(tls, context);
    case 'acme-dns':
    case 'acme-http':
      return;
  }
}

async function ownAuthority(context: StepContext): Promise<void> {
  const { stack, folder } = context;
  const authority = await authorityOf(context);
  const leaf = await leafOf(authority, context);
  await folder.write(stack.lab, 'ca.crt', authority.certificate, 0o644);
  await putPair(leaf, context);
}

/** The key first: a server that looks between both finds a pair that does not match, and keeps the one it has. */
async function putPair(
  { certificate, key }: z.infer<typeof pairSchema>,
  context: StepContext,
): Promise<void> {
  const { stack, folder } = context;
  await putSecret(leafSecret, key, `${key} ${certificate}`, context);
  await folder.write(stack.lab, 'tls/certificate.pem', certificate, 0o644);
}

async function authorityOf({ stack, secrets, crypto, clock }: StepContext): Promise<Authority> {
  const name = stackSecret(stack.lab, authoritySecret);
  const kept = readKept(secrets.get(name), authoritySchema);
  if (kept?.domain === stack.domain) {
    const { to } = await crypto.read(kept.certificate);
    if (to - clock.now() > renewalMs) return kept;
  }
  const pair = await crypto.authority(`AutoGit ${stack.lab}`, stack.domain, clock.now());
  const made = { ...pair, domain: stack.domain };
  await secrets.set(name, JSON.stringify(made));
  return made;
}

async function leafOf(
  authority: Authority,
  { stack, secrets, crypto, clock }: StepContext,
): Promise<z.infer<typeof leafSchema>> {
  const name = stackSecret(stack.lab, leafSecret);
  const names = publicNames(stack);
  const kept = readKept(secrets.get(name), leafSchema);
  if (kept?.root === authority.certificate && kept.names.join() === names.join()) {
    const { to } = await crypto.read(kept.certificate);
    if (to - clock.now() > renewalMs) return kept;
  }
  const pair = await crypto.leaf(authority, names, [], clock.now());
  const made = { ...pair, names, root: authority.certificate };
  await secrets.set(name, JSON.stringify(made));
  return made;
}

function publicNames({ domain, names }: StepContext['stack']): string[] {
  return [...new Set([domain, ...names.map(({ name }) => name)])].toSorted();
}

async function theirs(
  paths: { readonly certificate: string; readonly key: string },
  context: StepContext,
): Promise<void> {
  const { crypto, clock, stack } = context;
  const certificate = await textOf(paths.certificate, context);
  const key = await textOf(paths.key, context);
  const facts = await crypto.read(certificate);
  const now = clock.now();
  const certificateError = (errorKey: string, what: string, next: string): AutoGitError =>
    stackError(errorKey, `The certificate ${paths.certificate} ${what}.`, next, { path: paths.certificate });
  if (now < facts.from || now > facts.to)
    throw certificateError(
      'stack.certificate-dates',
      `holds from ${dayOf(facts.from)} to ${dayOf(facts.to)}, and today is ${dayOf(now)}`,
      'Put a certificate there that holds today, or set the clock of this machine right.',
    );
  const missing = stack.names.map(({ name }) => name).filter((name) => !covers(facts.names, name));
  if (missing.length > 0)
    throw certificateError(
      'stack.certificate-names',
      `is not for ${missing.join(', ')}: it is for ${facts.names.join(', ')}`,
      `Get one for these names, or for *.${stack.domain}.`,
    );
  if (!(await crypto.matches(certificate, key)))
    throw certificateError(
      'stack.certificate-key',
      `does not belong to the key ${paths.key}`,
      'Give the key with which the certificate was asked for.',
    );
  await putPair({ certificate, key }, context);
}

async function textOf(path: string, { readText }: StepContext): Promise<string> {
  try {
    return await readText(path);
  } catch (error) {
    if (error instanceof AutoGitError) throw error;
    throw new AutoGitError({
      key: 'stack.certificate-unreadable',
      message: `The file ${path}, which the answers name for TLS, cannot be read: ${messageOf(error)}.`,
      next: 'Give a path of a PEM file that AutoGit may read.',
      fields: { path },
      cause: error,
    });
  }
}

function dayOf(instant: number): string {
  return new Date(instant).toISOString().slice(0, 10);
}

function readKept<T>(text: string | null, schema: z.ZodType<T>): T | null {
  if (text === null) return null;
  try {
    return schema.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}
