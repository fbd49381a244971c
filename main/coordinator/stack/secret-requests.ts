// Secrets of the stack: their names, one with its value, and giving one that only a person has.
import { stackSecret } from '../../apply/stack/context.ts';
import type { Output, ParsedInput } from '../../contract/contract.ts';
import { AutoGitError } from '../../errors.ts';
import type { NeededSecret } from '../../model/stack/stack.ts';
import { toOutcome } from '../outcome.ts';
import type { RequestContext } from '../requests.ts';
import { refusedAnswers } from './refused-answers.ts';
import type { StackDesk } from './stack-desk.ts';
import { rootPassword, shownNote } from './stack-status.ts';

type Context = Pick<RequestContext, 'stack' | 'store' | 'secrets' | 'clock' | 'door'>;

/** Secrets that the stack needs, as its answers make it now. Rejects with the first problem of the answers. */
async function neededSecrets(desk: StackDesk): Promise<readonly NeededSecret[]> {
  const answers = desk.journal.current();
  if (answers === null) return [];
  const { rendering } = await desk.render(answers);
  if (!rendering.ok) throw refusedAnswers(rendering.problems);
  return rendering.stack.secrets;
}

function unknownSecret(name: string, known: readonly string[]): AutoGitError {
  return new AutoGitError({
    key: 'stack.secret-unknown',
    message: `The stack has no secret "${name}".`,
    next: known.length === 0 ? 'There is no stack yet: autogit stack plan' : `It has: ${known.join(', ')}.`,
    fields: { name },
  });
}

/** `stack.secret`. Whoever is shown one stands in the audit. Rejects with `stack.secret-unknown`, `stack.secret-not-made`, and the first problem of the answers. */
export async function showSecret(
  { name }: ParsedInput<'stack.secret'>,
  context: Context,
): Promise<Output<'stack.secret'>> {
  const { stack: desk, secrets, store, clock, door } = context;
  const lab = desk.journal.current()?.lab ?? '';
  const needed = await neededSecrets(desk);
  const valueOf = (secret: string): string | null => secrets.get(stackSecret(lab, secret));
  const rows = needed.map(({ name: secret, label, kind, template }) => ({
    ...{ name: secret, label, kind, template },
    isSet: valueOf(secret) !== null,
  }));
  if (name === undefined) return { secrets: rows, value: null };
  if (!needed.some((secret) => secret.name === name))
    throw unknownSecret(
      name,
      rows.map((row) => row.name),
    );
  const value = valueOf(name);
  if (value === null)
    throw new AutoGitError({
      key: 'stack.secret-not-made',
      message: `The secret "${name}" has no value yet.`,
      next: `Secrets are made by autogit stack up; one that only you have you give with: autogit stack set-secret ${name}`,
      fields: { name },
    });
  const at = clock.now();
  store.audit({ at, door, request: 'stack.secret', outcome: `${name} shown` });
  if (name === rootPassword) store.setNote(shownNote(lab), at);
  return { secrets: rows, value };
}

/**
 * `stack.set-secret`. Of a lab that is not up yet nobody knows which secrets it asks for: then every name is taken.
 * Rejects with `stack.none`, `stack.secret-unknown`, and the first problem of the answers.
 */
export async function setSecret(
  { name, lab: given, value, dryRun }: ParsedInput<'stack.set-secret'>,
  { stack: desk, secrets }: Context,
): Promise<Output<'stack.set-secret'>> {
  const lab = given ?? desk.requireCurrent().lab;
  if (lab === desk.journal.current()?.lab) {
    // Named with its lab, one is taken also while the answers are not accepted.
    const needed = await neededSecrets(desk).catch((error: unknown) => {
      if (given === undefined) throw error;
      return [];
    });
    const asked = needed.filter(({ kind }) => kind === 'asked').map((secret) => secret.name);
    // One that other answers ask for can be given before them.
    const made = needed.some((secret) => secret.name === name && secret.kind !== 'asked');
    if (made || (given === undefined && !asked.includes(name))) throw unknownSecret(name, asked);
  }
  if (dryRun) return toOutcome([], true, `The secret "${name}" would be set.`);
  await secrets.set(stackSecret(lab, name), value);
  return toOutcome(
    [],
    false,
    `The secret "${name}" is set.`,
    'Services get it with the next: autogit stack up',
  );
}
