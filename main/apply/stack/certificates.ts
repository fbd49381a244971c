// The lab's own authority and its certificate, or the one that a person has: made, renewed and put where Traefik reads them.
import { z } from 'zod';
import { boundAddress } from '../../model/stack/answers.ts';
import { rootFile, servedFile } from '../../model/stack/made-files.ts';
import { readPem } from '../../model/stack/pem.ts';
import type { Secrets } from '../../ports.ts';
import { stackSecret } from './context.ts';
import type { NamedStack, StackTools, StepContext } from './context.ts';
import { namedText, readOwn, rootIn } from './own-certificate.ts';
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
      return keptRoot(stack, secrets);
    case 'acme-dns':
    case 'acme-http':
      return stack.answers.tls.ca === null ? null : keptRoot(stack, secrets);
  }
}

/** A version before may have kept more of the person's file than certificates. */
function keptRoot({ lab }: Pick<NamedStack, 'lab'>, secrets: Pick<Secrets, 'get'>): string | null {
  const text = secrets.get(stackSecret(lab, rootSecret));
  return text === null ? null : readPem(text).certificates.join('');
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
      await putOwnRoot(await readRoot(tls.ca, context), context);
      return serveNone(serving);
  }
}

/** The root of an authority of the person's own; `null`: the authority is a public one. Rejects like a certificate of one's own. */
async function readRoot(path: string | null, context: StepContext): Promise<string | null> {
  if (path === null) return null;
  const root = rootIn(await namedText(path, context), path);
  await context.crypto.read(root);
  return root;
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
  return { until: to, isDue: isOther || clock.now() >= renewsAt({ from, to }) };
}

/** From when on a leaf is renewed. Milliseconds since 1970. */
export function renewsAt({ from, to }: { readonly from: number; readonly to: number }): number {
  return to - Math.max(renewalMs, (to - from) / 3);
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
  const { lab, domain } = stack;
  const made = await crypto.authority(`AutoGit ${lab}`, domain, clock.now(), addressesOf(stack));
  await secrets.set(authoritySecret(stack), JSON.stringify(made));
  return made;
}

/** The kept leaf, or another where that one is due. */
export async function leafOf(authority: Authority, context: CertificateContext): Promise<Leaf> {
  const { stack, secrets } = context;
  const kept = readKept(secrets.get(stackSecret(stack.lab, leafSecret)), leafSchema);
  return kept !== null && !(await leafState(context)).isDue ? kept : newLeaf(authority, context);
}

/** Another leaf, kept before it lies anywhere. */
export async function newLeaf(authority: Authority, context: CertificateContext): Promise<Leaf> {
  const { stack, secrets, crypto, clock } = context;
  const names = publicNames(stack);
  const pair = await crypto.leaf(authority, names, clock.now());
  const made = { ...pair, names, root: authority.certificate };
  await secrets.set(stackSecret(stack.lab, leafSecret), JSON.stringify(made));
  return made;
}

/** Addresses of this machine, so that `https://192.168.1.10` is trusted, too. */
function addressesOf({ answers }: Pick<NamedStack, 'answers'>): string[] {
  const { address, address6 } = answers;
  return [boundAddress(answers), address, address6].flatMap((one) => one ?? []);
}

/** What a leaf of the lab's own authority has to be for. */
export function publicNames(stack: NamedStack): string[] {
  const names = stack.names.map(({ name }) => name);
  return [...new Set([stack.domain, ...names, ...addressesOf(stack)])].toSorted();
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
