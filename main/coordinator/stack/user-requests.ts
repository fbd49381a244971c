// Requests about people: each is kept in one place, and GitLab is brought into step with it.
import { keepMemory, lookAtPeople, nameOf, readMemory } from './people-sync.ts';
import type { SyncedPeople } from './people-sync.ts';
import type { Output, Outcome, ParsedInput } from '../../contract/contract.ts';
import { messageOf, toAutoGitError } from '../../errors.ts';
import { adminGroup, noMemory, withEdits } from '../../model/person.ts';
import type { Person, PersonEdit, PersonMemory } from '../../model/person.ts';
import type { StackAnswers } from '../../model/stack/answers.ts';
import type { PeopleAction } from '../../plan/people/plan-people.ts';
import type { Clock, Store } from '../../ports.ts';
import type { RequestContext } from '../requests.ts';
import { peopleFileOf } from './people-desk.ts';
import type { StackDesk } from './stack-desk.ts';
import {
  nothingToChange,
  requireFree,
  requireLastAdmin,
  requirePerson,
  requireSource,
} from './user-rules.ts';

/** What the requests about people need of a core. */
export interface UserContext extends Pick<RequestContext, 'secrets' | 'door'> {
  readonly stack: Pick<StackDesk, 'people' | 'crypto' | 'renderQr' | 'requireCurrent' | 'journal'>;
  readonly store: Pick<Store, 'audit'>;
  readonly clock: Pick<Clock, 'now'>;
}
type Context = UserContext;

/** A password that AutoGit makes is at least so long, whatever the lab asks for. */
const leastLength = 20;

type Access = Pick<Output<'user.reset'>, 'password' | 'totp'>;

interface Change {
  readonly answers: StackAnswers;
  /** Asked with people as they are, again when somebody else has written meanwhile; throws what stands against it. */
  readonly decide: (people: readonly Person[]) => readonly PersonEdit[];
  /** In words, for the answer. */
  readonly own: Outcome['actions'];
  /** What AutoGit may undo at GitLab from now on, as somebody has asked for it. */
  readonly note?: (memory: PersonMemory) => PersonMemory;
  readonly name: string;
}

/** `user.add`. Rejects with `user.kept-elsewhere`, `user.exists`, `user.email-taken`, `user.name-reserved`, and like the file. */
export async function addUser(input: ParsedInput<'user.add'>, context: Context): Promise<Output<'user.add'>> {
  const answers = requireSource(context);
  const { name, email, groups = [], displayName = name } = input;
  const person: Person = { name, email, displayName, groups: [...new Set(groups)], disabled: false };
  const { password, digest } = await newPassword(answers, context, input.dryRun);
  const reason = groups.length === 0 ? 'a new person' : `a new person, in ${groups.join(', ')}`;
  const change: Change = {
    ...{ answers, name },
    decide: (people) => {
      requireFree(person, people);
      return [{ kind: 'add', person, digest }];
    },
    own: [{ kind: 'add', target: name, reason }],
    note: (memory) => ({ ...memory, blocked: true, removed: false }),
  };
  if (input.dryRun) return { ...(await preview(change, context)), password: null, totp: null };
  await carryOut(change, context);
  const made = input.totp ? await newTotp(name, answers, context) : null;
  const outcome = await settle(change, `${name} can sign in.`, context);
  noteShown(`${name}: a first password`, context);
  return withAccess(outcome, { password, totp: made });
}

/** `user.disable`. Rejects with `user.unknown`, `user.last-admin`, and as the others. */
export function disableUser(
  { name, dryRun }: ParsedInput<'user.disable'>,
  context: Context,
): Promise<Output<'user.disable'>> {
  return changePerson(
    {
      ...{ name, dryRun },
      edit: () => ({ kind: 'disabled', name, disabled: true }),
      own: { kind: 'disable', reason: 'nobody lets them in' },
      message: `${name} is let in no longer.`,
      next: `What is open in a browser ends within a minute in Authelia. Let them in again: autogit user enable ${name}`,
    },
    context,
  );
}

/** `user.enable`. */
export function enableUser(
  { name, dryRun }: ParsedInput<'user.enable'>,
  context: Context,
): Promise<Output<'user.enable'>> {
  return changePerson(
    {
      ...{ name, dryRun },
      edit: () => ({ kind: 'disabled', name, disabled: false }),
      own: { kind: 'enable', reason: 'they are let in' },
      message: `${name} is let in.`,
      next: null,
      note: (memory) => ({ ...memory, blocked: true }),
    },
    context,
  );
}

/** `user.groups`. */
export function changeGroups(
  { name, add = [], remove = [], dryRun }: ParsedInput<'user.groups'>,
  context: Context,
): Promise<Output<'user.groups'>> {
  if (add.length + remove.length === 0) throw nothingToChange(name);
  const words = [
    ...(add.length === 0 ? [] : [`into ${add.join(', ')}`]),
    ...(remove.length === 0 ? [] : [`out of ${remove.join(', ')}`]),
  ];
  return changePerson(
    {
      ...{ name, dryRun },
      edit: ({ groups }) => ({
        ...{ kind: 'groups', name },
        groups: [...new Set([...groups, ...add])].filter((group) => !remove.includes(group)),
      }),
      own: { kind: 'groups', reason: words.join(', ') },
      message: `${name} is in the groups that were asked for.`,
      next: null,
      ...(remove.includes(adminGroup) ? { note: (memory) => ({ ...memory, admin: true }) } : {}),
    },
    context,
  );
}

interface PersonChange {
  readonly name: string;
  readonly dryRun: boolean;
  readonly edit: (person: Person) => PersonEdit;
  readonly own: { readonly kind: string; readonly reason: string };
  readonly message: string;
  readonly next: string | null;
  readonly note?: (memory: PersonMemory) => PersonMemory;
}

async function changePerson(wish: PersonChange, context: Context): Promise<Outcome> {
  const { name, own, note } = wish;
  const change: Change = {
    ...{ answers: requireSource(context), name },
    decide: (people) => guarded(people, [wish.edit(requirePerson(name, people))]),
    own: [{ kind: own.kind, target: name, reason: own.reason }],
    ...(note === undefined ? {} : { note }),
  };
  if (wish.dryRun) return preview(change, context);
  await carryOut(change, context);
  const outcome = await settle(change, wish.message, context);
  return { ...outcome, next: outcome.next ?? wish.next };
}

/** Edits that leave somebody who may administrate, and of these only what changes something. */
function guarded(people: readonly Person[], edits: readonly PersonEdit[]): readonly PersonEdit[] {
  const after = withEdits(people, edits);
  requireLastAdmin(people, after);
  const isSame = JSON.stringify(after) === JSON.stringify(people);
  return isSame ? edits.filter(({ kind }) => kind === 'digest') : edits;
}

/** `user.remove`. Of somebody taken out by hand GitLab's side alone is left to do. */
export async function removeUser(
  { name, dryRun }: ParsedInput<'user.remove'>,
  context: Context,
): Promise<Output<'user.remove'>> {
  const answers = requireSource(context);
  const lab = { lab: answers.lab, secrets: context.secrets };
  const isRemembered = readMemory(lab)[name] !== undefined;
  const change: Change = {
    ...{ answers, name },
    decide: (people) => {
      if (isRemembered && !people.some((person) => person.name === name)) return [];
      requirePerson(name, people);
      return guarded(people, [{ kind: 'remove', name }]);
    },
    own: [{ kind: 'remove', target: name, reason: 'taken out of Authelia, with their second factors' }],
  };
  if (dryRun) return preview(change, context);
  const { file } = context.stack.people;
  const at = peopleFileOf(answers);
  // Without a file the change says why; with one, whatever stands against it is said before anything is noted.
  const people = (await file.read(at))?.people ?? (await file.change(at, () => []));
  change.decide(people);
  const person = people.find((one) => one.name === name);
  const known = readMemory(lab);
  const told = person === undefined ? {} : { told: { name: person.displayName, email: person.email } };
  await keepMemory({ ...known, [name]: { ...(known[name] ?? noMemory), ...told, removed: true } }, lab);
  await carryOut(change, context);
  const left = await endFactors(name, answers, context);
  const outcome = await settle(change, `${name} is not one of the lab's people any more.`, context);
  return { ...outcome, message: left === null ? outcome.message : `${outcome.message} ${left}` };
}

/** `user.reset`. What cannot be done of a second factor is said beside the new password, which nobody would see otherwise. */
export async function resetUser(
  { name, password: wantsPassword, factors, totp: wantsTotp, dryRun }: ParsedInput<'user.reset'>,
  context: Context,
): Promise<Output<'user.reset'>> {
  const answers = requireSource(context);
  if (!wantsPassword && !factors && !wantsTotp) throw nothingToChange(name);
  const { password, digest } = await newPassword(answers, context, dryRun || !wantsPassword);
  const own = [
    ...(wantsPassword ? ['a new password'] : []),
    ...(factors ? ['their second factors end'] : []),
    ...(wantsTotp ? ['a new one-time password'] : []),
  ];
  const change: Change = {
    ...{ answers, name },
    decide: (people) => {
      requirePerson(name, people);
      return wantsPassword ? [{ kind: 'digest', name, digest }] : [];
    },
    own: own.map((reason) => ({ kind: 'reset', target: name, reason })),
  };
  if (dryRun) return { ...(await preview(change, context)), password: null, totp: null };
  await carryOut(change, context);
  const left = factors ? await endFactors(name, answers, context) : null;
  const made = wantsTotp ? await newTotp(name, answers, context) : null;
  noteShown(`${name}: ${own.join(', ')}`, context);
  const message = [`Done for ${name}: ${own.join(', ')}.`, ...(left === null ? [] : [left])].join(' ');
  const outcome: Outcome = { dryRun: false, actions: change.own, message, next: null };
  return withAccess(outcome, { password: wantsPassword ? password : null, totp: made });
}

/** `user.sync`. */
export async function syncUsers(
  { dryRun }: ParsedInput<'user.sync'>,
  context: Context,
): Promise<Output<'user.sync'>> {
  const answers = requireSource(context);
  const change: Change = { answers, name: '', decide: () => [], own: [] };
  if (dryRun) return preview(change, context);
  const synced = await context.stack.people.sync(answers);
  return outcomeOf(synced, [], '');
}

/** Writes the change down, for Authelia first, which then lets them in or does not. */
async function carryOut({ answers, decide, note, name }: Change, { stack, secrets }: Context): Promise<void> {
  await stack.people.file.change(peopleFileOf(answers), decide);
  if (note === undefined) return;
  const lab = { lab: answers.lab, secrets };
  const memory = readMemory(lab);
  await keepMemory({ ...memory, [name]: note(memory[name] ?? noMemory) }, lab);
}

/** GitLab's side. That it is silent takes nothing back: it is brought into step later, by itself. */
async function settle({ answers, own }: Change, message: string, { stack }: Context): Promise<Outcome> {
  try {
    return outcomeOf(await stack.people.sync(answers), own, message);
  } catch (error) {
    const problem = toAutoGitError(error);
    return {
      ...{ dryRun: false, actions: own, next: problem.next },
      message: `${message} GitLab is brought into step later: ${problem.message}`,
    };
  }
}

function outcomeOf(synced: SyncedPeople | null, own: Outcome['actions'], message: string): Outcome {
  const said = (words: string): string => `${message} ${words}`.trim();
  if (synced === null)
    return {
      ...{ dryRun: false, actions: own, next: 'See how it goes: autogit stack status' },
      message: said('GitLab is brought into step as soon as the stack is not being worked on.'),
    };
  const { refused, plan } = synced;
  const [first] = refused;
  const open = refused.size + plan.differences.size;
  const actions = [...own, ...synced.actions.map(inWords)];
  if (first !== undefined)
    return { dryRun: false, actions, message: said(`${first[0]}: ${first[1].message}`), next: first[1].next };
  if (open === 0) return { dryRun: false, actions, message: said('GitLab is in step.'), next: null };
  return {
    ...{ dryRun: false, actions },
    message: said(
      `GitLab is in step, but for ${open === 1 ? 'one person' : `${open} people`} of whom somebody has to decide.`,
    ),
    next: 'See which, and why: autogit user list',
  };
}

function inWords(action: PeopleAction): Outcome['actions'][number] {
  const target = nameOf(action);
  const at = (kind: string, reason: string): Outcome['actions'][number] => ({
    kind: `gitlab-${kind}`,
    target,
    reason,
  });
  switch (action.kind) {
    case 'create':
      return at('create', 'GitLab gets an account for them');
    case 'link':
      return at('link', "GitLab's account is tied to their sign-in");
    case 'block':
      return at('block', 'GitLab lets them in no longer');
    case 'unblock':
      return at('unblock', 'GitLab lets them in');
    case 'admin':
      return at('admin', action.admin ? 'an administrator of GitLab' : 'no administrator of GitLab any more');
    case 'tell':
      return at('tell', `GitLab gets their new ${Object.keys(action.change).join(' and ')}`);
    case 'join':
      return at('join', `a developer in GitLab's group ${action.path}`);
    case 'leave':
      return at('leave', `out of GitLab's group ${action.path}`);
  }
}

/** What would be done, with all that stands against it; GitLab's side where it answers. */
async function preview(change: Change, { stack, secrets }: Context): Promise<Outcome> {
  const { answers, own, decide, note, name } = change;
  const people = (await stack.people.file.read(peopleFileOf(answers)))?.people ?? [];
  const after = withEdits(people, decide(people));
  const outcome = { dryRun: true, actions: own, next: null };
  const message = 'This would be done.';
  try {
    const known = readMemory({ lab: answers.lab, secrets });
    const memory = note === undefined ? known : { ...known, [name]: note(known[name] ?? noMemory) };
    const { plan } = await lookAtPeople(after, await stack.people.gitlab(answers), memory);
    return { ...outcome, actions: [...own, ...plan.actions.map(inWords)], message };
  } catch (error) {
    return { ...outcome, message: `${message} What GitLab needs is not known: ${messageOf(error)}` };
  }
}

async function newPassword(
  { policy }: StackAnswers,
  { stack }: Context,
  isIdle: boolean,
): Promise<{ readonly password: string; readonly digest: string }> {
  if (isIdle) return { password: '', digest: '$' };
  const password = stack.crypto.random(Math.max(policy.passwordLength, leastLength));
  return { password, digest: await stack.crypto.argon2id(password) };
}

type Totp = NonNullable<Access['totp']> | { readonly problem: string };

async function newTotp(name: string, answers: StackAnswers, { stack }: Context): Promise<Totp> {
  try {
    const uri = await stack.people.authelia(answers).newTotp(name);
    return { uri, secret: new URL(uri).searchParams.get('secret') ?? '', qr: [...stack.renderQr(uri)] };
  } catch (error) {
    return { problem: `The one-time password could not be made: ${messageOf(error)}` };
  }
}

/** `null`: they are gone. */
async function endFactors(name: string, answers: StackAnswers, { stack }: Context): Promise<string | null> {
  try {
    await stack.people.authelia(answers).endFactors(name);
    return null;
  } catch (error) {
    return `Their second factors are still there: ${messageOf(error)}`;
  }
}

function withAccess(
  outcome: Outcome,
  { password, totp }: { readonly password: string | null; readonly totp: Totp | null },
): Outcome & Access {
  if (totp === null || !('problem' in totp)) return { ...outcome, password, totp };
  return { ...outcome, password, totp: null, message: `${outcome.message} ${totp.problem}` };
}

/** Who was shown something secret stands in the audit; what it was does not. */
function noteShown(outcome: string, { store, clock, door }: Context): void {
  store.audit({ at: clock.now(), door, request: 'user.shown', outcome });
}
