// What lets a person in: passwords and second factors, which are made here and shown once.
import type { Output, Outcome } from '../../contract/contract.ts';
import { messageOf } from '../../errors.ts';
import type { StackAnswers } from '../../model/stack/answers.ts';
import { readMemory } from './people-sync.ts';
import type { UserContext } from './user-requests.ts';

type Context = UserContext;

/** A password that AutoGit makes is at least so long, whatever the lab asks for. */
const leastLength = 20;

type Access = Pick<Output<'user.reset'>, 'password' | 'totp'>;

export async function newPassword(
  { policy }: StackAnswers,
  { stack }: Context,
  isIdle: boolean,
): Promise<{ readonly password: string; readonly digest: string }> {
  if (isIdle) return { password: '', digest: '$' };
  const password = stack.crypto.random(Math.max(policy.passwordLength, leastLength));
  return { password, digest: await stack.crypto.argon2id(password) };
}

type Totp = NonNullable<Access['totp']> | { readonly problem: string };

export async function newTotp(name: string, answers: StackAnswers, { stack }: Context): Promise<Totp> {
  try {
    const uri = await stack.people.authelia(answers).newTotp(name);
    return { uri, secret: new URL(uri).searchParams.get('secret') ?? '', qr: [...stack.renderQr(uri)] };
  } catch (error) {
    return { problem: `The one-time password could not be made: ${messageOf(error)}` };
  }
}

/** `null`: they are gone. */
export async function endFactors(
  name: string,
  answers: StackAnswers,
  { stack }: Context,
): Promise<string | null> {
  try {
    await stack.people.authelia(answers).endFactors(name);
    return null;
  } catch (error) {
    return `Their second factors are still there: ${messageOf(error)}`;
  }
}

/** Of whoever had this name before: nothing of theirs may let anybody in. What is left to say; rejects where there was one. */
export async function endOldFactors(
  name: string,
  answers: StackAnswers,
  { stack, secrets }: Context,
): Promise<readonly string[]> {
  try {
    await stack.people.authelia(answers).endFactors(name);
    return [];
  } catch (error) {
    if (Object.hasOwn(readMemory({ lab: answers.lab, secrets }), name)) throw error;
    return [`Whether Authelia has second factors of an earlier ${name} is not known: ${messageOf(error)}`];
  }
}

export function withAccess(
  outcome: Outcome,
  { password, totp }: { readonly password: string | null; readonly totp: Totp | null },
): Outcome & Access {
  if (totp === null || !('problem' in totp)) return { ...outcome, password, totp };
  return { ...outcome, password, totp: null, message: `${outcome.message} ${totp.problem}` };
}

/** Who was shown something secret stands in the audit; what it was does not. */
export function noteShown(outcome: string, { store, clock, door }: Context): void {
  store.audit({ at: clock.now(), door, request: 'user.shown', outcome });
}
