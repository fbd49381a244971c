// The roots of this home: the stack's own, and those that AutoGit has put into stores of this machine before.
import { z } from 'zod';
import { rootOf, rootSecret } from '../../apply/stack/certificates.ts';
import { knownRoot } from '../../detect/trust/fingerprints.ts';
import type { KnownRoot } from '../../model/trust.ts';
import type { Secrets } from '../../ports.ts';
import type { StackJournal } from '../../stack-ports.ts';
import { defaultDomain } from '../../templates/settle.ts';

/** Nothing in it is secret; it lies with the secrets, because it has to outlive stack and data. */
const recordName = 'trust/roots';

const recordSchema = z.array(
  z.object({
    lab: z.string(),
    certificate: z.string(),
    /** Ids of the stores that AutoGit has put it into, or was about to. */
    stores: z.array(z.string()),
  }),
);
type RootRecord = z.infer<typeof recordSchema>[number];

export interface HomeRoots {
  /** The root of the stack that is or was up; `null`: there is none to be trusted. */
  readonly current: KnownRoot | null;
  /** With the current one. */
  readonly known: readonly KnownRoot[];
  /** Ids of stores by fingerprint. */
  readonly given: ReadonlyMap<string, readonly string[]>;
}

interface RootContext {
  readonly secrets: Secrets;
  readonly stack: { readonly journal: Pick<StackJournal, 'current'> };
}

function readRecord(secrets: Pick<Secrets, 'get'>): readonly RootRecord[] {
  try {
    return recordSchema.safeParse(JSON.parse(secrets.get(recordName) ?? '[]')).data ?? [];
  } catch {
    return [];
  }
}

/** Roots that secrets of any lab and domain of this home hold: the step `secrets` keeps them so. */
function keptRoots(secrets: Pick<Secrets, 'get' | 'names'>): readonly KnownRoot[] {
  return secrets.names().flatMap((name) => {
    const [, lab, what = ''] = /^stack\/([^/]+)\/([^/]+)$/.exec(name) ?? [];
    if (lab === undefined || !(what.startsWith('ca-key-') || what === rootSecret)) return [];
    const text = secrets.get(name) ?? '';
    const root = knownRoot(lab, what === rootSecret ? text : text.replaceAll('\\n', '\n'));
    return root === null ? [] : [root];
  });
}

function currentRoot({ secrets, stack }: RootContext): KnownRoot | null {
  const answers = stack.journal.current();
  if (answers === null) return null;
  const { lab, domain } = answers;
  const text = rootOf({ lab, domain: domain ?? defaultDomain(lab), answers }, secrets);
  return text === null ? null : knownRoot(lab, text);
}

export function homeRoots(context: RootContext): HomeRoots {
  const record = readRecord(context.secrets);
  const recorded = record.flatMap(({ lab, certificate, stores }) => {
    const root = knownRoot(lab, certificate);
    return root === null ? [] : [{ root, stores }];
  });
  const current = currentRoot(context);
  const all = [
    ...(current === null ? [] : [current]),
    ...keptRoots(context.secrets),
    ...recorded.map(({ root }) => root),
  ];
  const byName = new Map(all.map((root) => [`${root.lab} ${root.fingerprint}`, root]));
  return {
    current,
    known: [...byName.values()],
    given: new Map(recorded.map(({ root, stores }) => [root.fingerprint, stores])),
  };
}

async function saveRecord(record: readonly RootRecord[], { secrets }: RootContext): Promise<void> {
  if (record.length === 0) return secrets.remove(recordName);
  await secrets.set(recordName, JSON.stringify(record));
}

/** Keeps, before anything is done, where a root is about to be: whatever happens, AutoGit finds it again. */
export async function rememberRoots(
  roots: readonly KnownRoot[],
  stores: readonly string[],
  context: RootContext,
): Promise<void> {
  const record = readRecord(context.secrets);
  const isOf = (root: KnownRoot) => (one: RootRecord) =>
    one.lab === root.lab && one.certificate === root.certificate;
  const others = record.filter((one) => !roots.some((root) => isOf(root)(one)));
  const next = roots.map((root) => {
    const before = record.find(isOf(root))?.stores ?? [];
    const { lab, certificate } = root;
    return { lab, certificate, stores: [...new Set([...before, ...stores])] };
  });
  if (JSON.stringify([...others, ...next]) !== JSON.stringify(record))
    await saveRecord([...others, ...next], context);
}

/** A store that was looked at holds these roots no longer. */
export async function forgetRoots(
  roots: readonly KnownRoot[],
  store: string,
  context: RootContext,
): Promise<void> {
  const record = readRecord(context.secrets);
  const next = record
    .map((one) =>
      roots.some(({ lab, certificate }) => lab === one.lab && certificate === one.certificate)
        ? { ...one, stores: one.stores.filter((id) => id !== store) }
        : one,
    )
    .filter(({ stores }) => stores.length > 0);
  if (JSON.stringify(next) !== JSON.stringify(record)) await saveRecord(next, context);
}
