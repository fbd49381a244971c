// Secrets are made once, kept among those of the home, and put into files that only their owner reads.
import { z } from 'zod';
import type { NeededSecret } from '../../model/stack/stack.ts';
import { certificates } from './certificates.ts';
import { putSecret } from './put-secret.ts';
import { stackError, stackSecret } from './context.ts';
import type { ApplyStep, StepContext } from './context.ts';

/** Letters and digits. */
const randomLength = 64;
/** Such as a person can type. */
const passwordLength = 24;

/** Made beside the certificates, never by the kinds of a template. */
const certificateSecrets: readonly string[] = ['tls-key', 'ca-key'];

/**
 * Each is kept before it lies in a file, and lies in a file before a service starts. Rejects with `stack.secret-asked`,
 * `stack.secret-circle`, the errors of certificates and of the folder.
 */
export const makeSecrets: ApplyStep = async (context) => {
  const { stack } = context;
  context.tell({ message: 'Making secrets and certificates that are not there yet' });
  await carryOver(context);
  for (const need of inOrder(stack.secrets.filter(({ name }) => !certificateSecrets.includes(name)))) {
    const value = await valueOf(need, context);
    await putSecret(need.name, value, value, context);
  }
  await certificates(context);
};

/** Data that a lab of another name has left cannot be read without its secrets: they go on under this lab's name. */
async function carryOver({ stack, journal, secrets }: StepContext): Promise<void> {
  const standing = journal.standing();
  const others = [...journal.former(), ...(standing === null ? [] : [standing.answers])]
    .filter(({ lab, data }) => lab !== stack.lab && data === stack.data)
    .map(({ lab }) => lab)
    .toReversed();
  for (const { name } of stack.secrets.filter((need) => !certificateSecrets.includes(need.name))) {
    if (secrets.get(stackSecret(stack.lab, name)) !== null) continue;
    const values = others.flatMap((lab) => secrets.get(stackSecret(lab, name)) ?? []);
    if (values[0] !== undefined) await secrets.set(stackSecret(stack.lab, name), values[0]);
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
        `Give it from standard input: autogit stack set-secret ${need.name}`,
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
  // Keyed with the home's own key, so that the fingerprint tells nothing of a weak password.
  const of = secrets.sign(`stack digest ${source}`);
  const name = stackSecret(stack.lab, need.name);
  const kept = readDigest(secrets.get(name));
  if (kept?.of === of) return kept.digest;
  const made = { of, digest: await digest(source) };
  await secrets.set(name, JSON.stringify(made));
  return made.digest;
}

function readDigest(text: string | null): z.infer<typeof digestSchema> | null {
  if (text?.startsWith('{') !== true) return null;
  try {
    return digestSchema.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}
