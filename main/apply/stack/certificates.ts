// The lab's own authority and its certificate, or the one that a person has: made, renewed and put where Traefik reads them.
import { z } from 'zod';
import { rootFile, servedFile } from '../../model/stack/made-files.ts';
import type { Secrets } from '../../ports.ts';
import { stackSecret } from './context.ts';
import type { NamedStack, StackTools, StepContext } from './context.ts';
import { readOwn } from './own-certificate.ts';
import { serveNone, servePair } from './serve-pair.ts';

const day = 24 * 3_600_000;
/** A certificate with less than this left is made anew, and one with less than a third of its life. Milliseconds. */
const renewalMs = 30 * day;

/** Certificate and key belong together: one value, so that no kill parts them. */
const pairSchema = z.object({ certificate: z.string(), key: z.string() });
const leafSchema = pairSchema.extend({ names: z.array(z.string()), root: z.string() });
export type Authority = z.infer<typeof pairSchema>;
type Leaf = z.infer<typeof leafSchema>;

/**
 * Name of what is kept, as its key is in no file at all. An authority signs for one domain, and devices have been told to
 * trust it: one for another domain never takes its place.
 */
function authoritySecret({ lab, domain }: Pick<NamedStack, 'lab' | 'domain'>): string {
  return stackSecret(lab, `ca-key-${domain}`);
}
const leafSecret = 'tls-key';
/** The root that a certificate of the person's leads to. */
export const rootSecret = 'ca-root';

/** What certificates are made with. */
export type CertificateContext = Pick<StackTools, 'secrets' | 'crypto' | 'clock' | 'readText'> & {
  readonly stack: NamedStack;
};

/** PEM of the root that the stack's certificate leads to; `null`: a public one. */
export function rootOf(
  stack: Pick<NamedStack, 'lab' | 'domain' | 'answers'>,
  secrets: Pick<Secrets, 'get'>,
): string | null {
  switch (stack.answers.tls.mode) {
    case 'local-ca':
      return readKept(secrets.get(authoritySecret(stack)), pairSchema)?.certificate ?? null;
    case 'own':
      return secrets.get(stackSecret(stack.lab, rootSecret));
    case 'acme-dns':
    case 'acme-http':
      return null;
  }
}

/**
 * Nothing to make where Traefik gets them by itself. Rejects with `stack.certificate-unreadable`,
 * `stack.certificate-invalid`, `stack.certificate-dates`, `stack.certificate-names`, `stack.certificate-key`,
 * `stack.certificate-untrusted`, `stack.file-changed`.
 */
export async function certificates(context: StepContext): Promise<void> {
  const { stack, folder, journal, run } = context;
  const { tls } = stack.answers;
  const { files } = run.wish;
  const serving = { folder, journal, lab: stack.lab, wish: files[servedFile] ?? null };
  switch (tls.mode) {
    case 'local-ca': {
      const authority = await authorityOf(context);
      const leaf = await leafOf(authority, context);
      await putRoot(authority.certificate, context);
      await servePair(leaf, serving);
      return;
    }
    case 'own': {
      const { pair, root } = await readOwn(tls, context);
      await putOwnRoot(root, context);
      await servePair(pair, serving);
      return;
    }
    case 'acme-dns':
    case 'acme-http':
      return serveNone(serving);
  }
}

/** How a leaf stands that the lab's own authority has signed. */
export interface LeafState {
  /** `null`: there is none. */
  readonly until: number | null;
  readonly isDue: boolean;
}

/** Whether the kept leaf has to be made anew: it ends, or names or authority are others. */
export async function leafState(context: CertificateContext): Promise<LeafState> {
  const { stack, secrets, crypto, clock } = context;
  const kept = readKept(secrets.get(stackSecret(stack.lab, leafSecret)), leafSchema);
  if (kept === null) return { until: null, isDue: true };
  const { from, to } = await crypto.read(kept.certificate);
  const authority = keptAuthority(context);
  const isOther = kept.root !== authority?.certificate || kept.names.join() !== publicNames(stack).join();
  return { until: to, isDue: isOther || to - clock.now() <= Math.max(renewalMs, (to - from) / 3) };
}

/** The authority as it is kept; `null`: none. */
export function keptAuthority({ stack, secrets }: CertificateContext): Authority | null {
  return readKept(secrets.get(authoritySecret(stack)), pairSchema);
}

/** Whether the authority itself is about to end: another one is for every device to trust anew. */
export async function isEnding(
  { certificate }: Authority,
  { crypto, clock }: CertificateContext,
): Promise<boolean> {
  const { to } = await crypto.read(certificate);
  return to - clock.now() <= renewalMs;
}

async function authorityOf(context: CertificateContext): Promise<Authority> {
  const { stack, secrets, crypto, clock } = context;
  const kept = keptAuthority(context);
  if (kept !== null && !(await isEnding(kept, context))) return kept;
  const made = await crypto.authority(`AutoGit ${stack.lab}`, stack.domain, clock.now());
  await secrets.set(authoritySecret(stack), JSON.stringify(made));
  return made;
}

/** The kept leaf, or another where that one is due; kept before it lies anywhere. */
export async function leafOf(authority: Authority, context: CertificateContext): Promise<Leaf> {
  const { stack, secrets, crypto, clock } = context;
  const name = stackSecret(stack.lab, leafSecret);
  const kept = readKept(secrets.get(name), leafSchema);
  if (kept !== null && !(await leafState(context)).isDue) return kept;
  const names = publicNames(stack);
  const pair = await crypto.leaf(authority, names, clock.now());
  const made = { ...pair, names, root: authority.certificate };
  await secrets.set(name, JSON.stringify(made));
  return made;
}

function publicNames({ domain, names }: NamedStack): string[] {
  return [...new Set([domain, ...names.map(({ name }) => name)])].toSorted();
}

/** Who has read another root is started anew: GitLab takes it up at its start alone. */
async function putRoot(root: string, { run, stack, folder, journal }: StepContext): Promise<void> {
  const there = (await folder.read(stack.lab))?.find(({ path }) => path === rootFile)?.content;
  const readers = stack.services.filter(({ readsRoot }) => readsRoot === true).map(({ name }) => name);
  if (there !== undefined && there !== root && readers.length > 0)
    journal.setRestarts(run.id, [...new Set([...(journal.open()?.restarts ?? []), ...readers])]);
  await folder.write(stack.lab, rootFile, root, 0o644);
}

async function putOwnRoot(root: string | null, context: StepContext): Promise<void> {
  const { stack, secrets } = context;
  const name = stackSecret(stack.lab, rootSecret);
  if (root === null) return secrets.remove(name);
  if (secrets.get(name) !== root) await secrets.set(name, root);
  await putRoot(root, context);
}

function readKept<T>(text: string | null, schema: z.ZodType<T>): T | null {
  if (text === null) return null;
  try {
    return schema.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}
