// Requests about people: each is kept in one place, and GitLab is brought into step with it.
import { keepMemory, lookAtPeople, readMemory } from './people-sync.ts';
import type { SyncedPeople } from './people-sync.ts';
import type { Output, Outcome, ParsedInput } from '../../contract/contract.ts';
import { messageOf, toAutoGitError } from '../../errors.ts';
import { adminGroup, memoryOf, nothingAsked, withEdits, withMemory } from '../../model/person.ts';
import type { Asked, Person, PersonEdit, PersonMemory } from '../../model/person.ts';
import type { StackAnswers } from '../../model/stack/answers.ts';
import type { Clock, Store } from '../../ports.ts';
import type { RequestContext } from '../requests.ts';
import { peopleFileOf } from './people-desk.ts';
import type { StackDesk } from './stack-desk.ts';
import { endFactors, endOldFactors, newPassword, newTotp, noteShown, withAccess } from './user-access.ts';
import { inWords } from './user-list.ts';
import {
  nothingToChange,
  requireFree,
  requireLastAdmin,
  requirePerson,
  requireSource,
  requireUnusedName,
} from './user-rules.ts';

/** What the requests about people need of a core. */
export interface UserContext extends Pick<RequestContext, 'secrets' | 'door'> {
  readonly stack: Pick<StackDesk, 'people' | 'crypto' | 'renderQr' | 'requireCurrent' | 'journal'>;
  readonly store: Pick<Store, 'audit'>;
  readonly clock: Pick<Clock, 'now'>;
}
type Context = UserContext;

interface Change {
  readonly answers: StackAnswers;
  /** Asked with people as they are, again when somebody else has written meanwhile; throws what stands against it. */
  readonly decide: (people: readonly Person[]) => readonly PersonEdit[];
  /** In words, for the answer. */
  readonly own: Outcome['actions'];
  /** What AutoGit may undo at GitLab from now on, as somebody has asked for it. */
  readonly note?: Note;
  /** What it may do there now, and at no other time. */
  readonly asked?: Asked;
  /** Said where GitLab cannot be asked now. */
  readonly later?: string;
  readonly name: string;
}

/** `isChange`: it was not so in the file before. */
type Note = (memory: PersonMemory, isChange: boolean) => PersonMemory;

/**
 * `user.add`. Rejects with `user.kept-elsewhere`, `user.exists`, `user.email-taken`, `user.email-reserved`,
 * `user.name-reserved`, `user.name-used`, `user.memory-invalid`, of a known name with `user.authelia-failed`, and like the file.
 */
export async function addUser(input: ParsedInput<'user.add'>, context: Context): Promise<Output<'user.add'>> {
  const answers = requireSource(context);
  const { name, email, groups = [], displayName = name } = input;
  const person: Person = { name, email, displayName, groups: [...new Set(groups)], disabled: false };
  const { password, digest } = await newPassword(answers, context, input.dryRun);
  const lab = { lab: answers.lab, secrets: context.secrets };
  const reason = groups.length === 0 ? 'a new person' : `a new person, in ${groups.join(', ')}`;
  const change: Change = {
    ...{ answers, name },
    decide: (people) => {
      requireFree(person, people, answers);
      requireUnusedName(person, memoryOf(readMemory(lab), name));
      return [{ kind: 'add', person, digest }];
    },
    own: [{ kind: 'add', target: name, reason }],
    note: (memory) => ({ ...memory, removed: false }),
  };
  if (input.dryRun) return { ...(await preview(change, context)), password: null, totp: null };
  const said = [`${name} can sign in.`];
  await carryOut(change, context, async (people) => {
    // Whoever is there already keeps theirs.
    change.decide(people);
    said.push(...(await endOldFactors(name, answers, context)));
  });
  const made = input.totp ? await newTotp(name, answers, context) : null;
  const outcome = await settle(change, said.join(' '), context);
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
      // Without a change here somebody else has kept them out: that is ended now or not at all.
      note: (memory, isChange) => (isChange && memory.sure ? { ...memory, blocked: true } : memory),
      asked: { ...nothingAsked, letIn: [name] },
      later: `If somebody has blocked them there, ask again then: autogit user enable ${name}`,
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
  readonly note?: Note;
  readonly asked?: Asked;
  readonly later?: string;
}

async function changePerson(wish: PersonChange, context: Context): Promise<Outcome> {
  const { name, own, note, asked, later } = wish;
  const change: Change = {
    ...{ answers: requireSource(context), name },
    decide: (people) => guarded(people, [wish.edit(requirePerson(name, people))]),
    own: [{ kind: own.kind, target: name, reason: own.reason }],
    ...(note === undefined ? {} : { note }),
    ...(asked === undefined ? {} : { asked }),
    ...(later === undefined ? {} : { later }),
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
  const isRemembered = Object.hasOwn(readMemory(lab), name);
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
  await carryOut(change, context, async (people) => {
    // Whatever stands against it is said before anything is noted.
    change.decide(people);
    const person = people.find((one) => one.name === name);
    const known = readMemory(lab);
    const told = person === undefined ? {} : { told: { name: person.displayName, email: person.email } };
    await keepMemory(withMemory(known, name, { ...memoryOf(known, name), ...told, removed: true }), lab);
  });
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

/** `user.sync`. What is confirmed holds of the account that GitLab has for them now. */
export async function syncUsers(
  { confirm = [], dryRun }: ParsedInput<'user.sync'>,
  context: Context,
): Promise<Output<'user.sync'>> {
  const answers = requireSource(context);
  const asked: Asked = { ...nothingAsked, confirm };
  const reason = 'the account that GitLab has for them is theirs';
  const change: Change = {
    ...{ answers, name: '', asked },
    decide: (people) => {
      for (const name of confirm) requirePerson(name, people);
      return [];
    },
    own: confirm.map((target) => ({ kind: 'confirm', target, reason })),
  };
  if (dryRun) return preview(change, context);
  change.decide((await context.stack.people.file.read(peopleFileOf(answers)))?.people ?? []);
  return outcomeOf(await context.stack.people.sync(answers, asked), change, '');
}

/**
 * Writes the change down, for Authelia first, which then lets them in or does not. Nothing that goes on by itself has people
 * from before it, and undoes it.
 */
async function carryOut(
  { answers, decide, note, name }: Change,
  { stack, secrets }: Context,
  before?: (people: readonly Person[]) => Promise<void>,
): Promise<void> {
  const { file, alone } = stack.people;
  const at = peopleFileOf(answers);
  await alone(async () => {
    // Without a file the change says why.
    if (before !== undefined)
      await before((await file.read(at))?.people ?? (await file.change(at, () => [])));
    let isChange = false;
    await file.change(at, (people) => {
      const edits = decide(people);
      isChange = edits.length > 0;
      return edits;
    });
    if (note === undefined) return;
    const lab = { lab: answers.lab, secrets };
    const memory = readMemory(lab);
    await keepMemory(withMemory(memory, name, note(memoryOf(memory, name), isChange)), lab);
  });
}

/** GitLab's side. That it is silent takes nothing back: it is brought into step later, by itself. */
async function settle(change: Change, message: string, { stack }: Context): Promise<Outcome> {
  const { answers, own, asked, later = null } = change;
  try {
    return outcomeOf(await stack.people.sync(answers, asked), change, message);
  } catch (error) {
    const problem = toAutoGitError(error);
    return {
      ...{ dryRun: false, actions: own, next: later ?? problem.next },
      message: `${message} GitLab is brought into step later: ${problem.message}`,
    };
  }
}

function outcomeOf(
  synced: SyncedPeople | null,
  { own, later }: Pick<Change, 'own' | 'later'>,
  message: string,
): Outcome {
  const said = (words: string): string => `${message} ${words}`.trim();
  if (synced === null)
    return {
      ...{ dryRun: false, actions: own, next: later ?? 'See how it goes: autogit stack status' },
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

/** What would be done, with all that stands against it; GitLab's side where it answers. */
async function preview(change: Change, { stack, secrets }: Context): Promise<Outcome> {
  const { answers, own, decide, note, name, asked } = change;
  const people = (await stack.people.file.read(peopleFileOf(answers)))?.people ?? [];
  const edits = decide(people);
  const after = withEdits(people, edits);
  const outcome = { dryRun: true, actions: own, next: null };
  const message = 'This would be done.';
  try {
    const known = readMemory({ lab: answers.lab, secrets });
    const noted = note?.(memoryOf(known, name), edits.length > 0);
    const memory = noted === undefined ? known : withMemory(known, name, noted);
    const wish = { memory, ...(asked === undefined ? {} : { asked }) };
    const { plan } = await lookAtPeople(after, await stack.people.gitlab(answers), wish);
    return { ...outcome, actions: [...own, ...plan.actions.map(inWords)], message };
  } catch (error) {
    return { ...outcome, message: `${message} What GitLab needs is not known: ${messageOf(error)}` };
  }
}
