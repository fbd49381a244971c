// Secrets are made once, kept among those of the home, and put into files that only their owner reads.
import { z } from 'zod';
import type { NeededSecret } from '../../model/stack/stack.ts';
import type { Secrets } from '../../ports.ts';
import { certificates } from './certificates.ts';
import { stackError, stackSecret } from './context.ts';
import type { ApplyStep, StepContext } from './context.ts';
import { keptSecret } from './inherited-secrets.ts';
import { markOf, putSecret } from './put-secret.ts';
import { guardStorageKey } from './storage-key.ts';

/** Letters and digits. */
const randomLength = 64;
/** Such as a person can type. */
const passwordLength = 24;

/** Made beside the certificates, never by the kinds of a template. */
const certificateSecrets: readonly string[] = ['tls-key', 'ca-key', 'ca-root'];

/**
 * Each is kept before it lies in a file, and lies in a file before a service starts. Rejects with `stack.secret-asked`,
 * `stack.secret-circle`, `stack.storage-key-lost`, `stack.storage-key-changed`, the errors of certificates and of the folder.
 */
export const makeSecrets: ApplyStep = async (context) => {
  const { stack } = context;
  context.tell({ message: 'Making secrets and certificates that are not there yet' });
  await carryOver(context);
  await guardStorageKey(context);
  for (const need of inOrder(stack.secrets.filter(({ name }) => !certificateSecrets.includes(name)))) {
    const value = await valueOf(need, context);
    await putSecret(need.name, value, value, context);
  }
  await certificates(context);
};

/** What a lab of another name has left goes on under this lab's name. */
async function carryOver(context: StepContext): Promise<void> {
  const { stack, secrets } = context;
  for (const { name } of stack.secrets.filter((need) => !certificateSecrets.includes(need.name))) {
    const own = stackSecret(stack.lab, name);
    const value = keptSecret(name, context);
    if (value !== null && value !== secrets.get(own)) await secrets.set(own, value);
  }
}

/** Digests after what they are of. */
function inOrder(needs: readonly NeededSecret[]): readonly NeededSecret[] {
  const ordered: NeededSecret[] = [];
  let left = needs;
  while (left.length > 0) {
    const names = new Set(left.map(({ name }) => name));
    const ready = left.filter(({ of }) => of === null || !names.has(of));
    if (ready.length === 0)
      throw stackError(
        'stack.secret-circle',
        `Secrets of templates are made of one another in a circle: ${[...names].join(', ')}.`,
        'A template is wrong: its `secrets` in template.json name each other.',
      );
    ordered.push(...ready);
    left = left.filter((need) => !ready.includes(need));
  }
  return ordered;
}

/** A digest is kept with a fingerprint of what it is of: another password, another digest. */
const digestSchema = z.object({ of: z.string(), digest: z.string() });

/** Services that read a secret whose file has another value than is kept now, or will be: the next `up` restarts them. */
export function readersOfOthers({
  stack,
  journal,
  secrets,
}: Pick<StepContext, 'stack' | 'journal' | 'secrets'>): readonly string[] {
  const written = journal.written(stack.lab);
  const isOther = (need: NeededSecret): boolean => {
    const mark = written[`secrets/${need.name}`];
    if (mark === undefined || certificateSecrets.includes(need.name)) return false;
    const value = keptValue(need, { stack, secrets });
    return value === null || markOf(value, secrets) !== mark;
  };
  const others = new Set(stack.secrets.filter(isOther).map(({ name }) => name));
  return stack.services.filter((one) => one.secrets.some((name) => others.has(name))).map(({ name }) => name);
}

/** `null`: there is none, or another one is to be made. */
function keptValue(
  { name, of }: NeededSecret,
  { stack, secrets }: Pick<StepContext, 'stack' | 'secrets'>,
): string | null {
  const kept = secrets.get(stackSecret(stack.lab, name));
  if (of === null) return kept;
  const source = secrets.get(stackSecret(stack.lab, of));
  const digest = readDigest(kept);
  return source !== null && digest?.of === fingerprintOf(source, secrets) ? digest.digest : null;
}

async function valueOf(need: NeededSecret, context: StepContext): Promise<string> {
  const { secrets, stack, crypto } = context;
  const name = stackSecret(stack.lab, need.name);
  const kept = secrets.get(name);
  switch (need.kind) {
    case 'asked':
      if (kept !== null) return kept;
      throw stackError(
        'stack.secret-asked',
        `The stack needs what only you have: ${need.label}.`,
        `Give it from standard input: autogit stack set-secret ${need.name} --lab ${stack.lab}`,
        { names: need.name },
      );
    case 'random':
      return kept ?? keep(name, crypto.random(randomLength), context);
    case 'password':
      return kept ?? keep(name, crypto.random(passwordLength), context);
    case 'rsa-key':
      return kept ?? keep(name, await crypto.rsaKey(), context);
    case 'pbkdf2-of':
      return digestOf(need, (source) => crypto.pbkdf2(source), context);
    case 'argon2id-of':
      return digestOf(need, (source) => crypto.argon2id(source), context);
  }
}

async function keep(name: string, value: string, { secrets }: StepContext): Promise<string> {
  await secrets.set(name, value);
  return value;
}

async function digestOf(
  need: NeededSecret,
  digest: (source: string) => Promise<string>,
  context: StepContext,
): Promise<string> {
  const { secrets, stack } = context;
  const source = need.of === null ? null : secrets.get(stackSecret(stack.lab, need.of));
  if (source === null)
    throw stackError(
      'stack.secret-circle',
      `The secret ${need.name} is made of ${need.of ?? 'another'}, which nothing makes.`,
      'A template is wrong: `of` in its template.json names a secret of the same stack.',
    );
  const of = fingerprintOf(source, secrets);
  const name = stackSecret(stack.lab, need.name);
  const kept = readDigest(secrets.get(name));
  if (kept?.of === of) return kept.digest;
  const made = { of, digest: await digest(source) };
  await secrets.set(name, JSON.stringify(made));
  return made.digest;
}

/** Keyed with the home's own key, so that it tells nothing of a weak password. */
function fingerprintOf(source: string, secrets: Pick<Secrets, 'sign'>): string {
  return secrets.sign(`stack digest ${source}`);
}

function readDigest(text: string | null): z.infer<typeof digestSchema> | null {
  if (text?.startsWith('{') !== true) return null;
  try {
    return digestSchema.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}
