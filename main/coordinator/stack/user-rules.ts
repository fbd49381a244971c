// What stands against a change of the lab's people.
import { AutoGitError } from '../../errors.ts';
import { adminGroup, isAdmin, isSameText } from '../../model/person.ts';
import type { Person, PersonMemory } from '../../model/person.ts';
import type { StackAnswers } from '../../model/stack/answers.ts';
import { losesLastAdmin } from '../../plan/people/last-admin.ts';
import { peopleSource } from './people-desk.ts';
import type { PeopleSource } from './people-desk.ts';
import type { StackDesk } from './stack-desk.ts';

const elsewhere: Readonly<
  Record<Exclude<PeopleSource, 'file'>, { readonly where: string; readonly next: string }>
> = {
  ldap: {
    where: 'in a directory, which AutoGit only reads',
    next: 'Change them there; Authelia takes it up within a minute.',
  },
  oidc: {
    where: 'at a provider of sign-in of your own',
    next: "Change them there; what they may do in GitLab is changed in GitLab's admin area.",
  },
  gitlab: {
    where: 'in GitLab itself, as the lab has no single sign-on',
    next: "Change them in GitLab's admin area, or answer sso: authelia and run autogit stack up.",
  },
};

/** In a sentence. */
export function sourceSentence(source: PeopleSource): string {
  return source === 'file'
    ? "The lab's people are kept in Authelia's file; GitLab follows it."
    : `The lab's people are kept ${elsewhere[source].where}.`;
}

/** Answers of a stack whose people can be changed here. Throws `stack.none`, `user.kept-elsewhere`. */
export function requireSource({
  stack,
}: {
  readonly stack: Pick<StackDesk, 'requireCurrent'>;
}): StackAnswers {
  const answers = stack.requireCurrent();
  const source = peopleSource(answers);
  if (source === 'file') return answers;
  const { where, next } = elsewhere[source];
  throw new AutoGitError({
    key: 'user.kept-elsewhere',
    message: `The people of the lab are kept ${where}.`,
    next,
    fields: { source },
  });
}

/** Throws `user.unknown`. */
export function requirePerson(name: string, people: readonly Person[]): Person {
  const person = people.find((one) => one.name === name);
  if (person !== undefined) return person;
  throw new AutoGitError({
    key: 'user.unknown',
    message: `The lab knows nobody called ${name}.`,
    next: 'It knows these: autogit user list',
    fields: { name },
  });
}

/** Throws `user.name-reserved`, `user.exists`, `user.email-taken`, `user.email-reserved`. */
export function requireFree(person: Person, people: readonly Person[], { admin }: StackAnswers): void {
  const { name, email } = person;
  if (name === 'root')
    throw new AutoGitError({
      key: 'user.name-reserved',
      message: "root is GitLab's own first administrator, who is kept out of single sign-on.",
      next: 'Choose another name.',
    });
  if (people.some((one) => one.name === name))
    throw new AutoGitError({
      key: 'user.exists',
      message: `The lab has a ${name} already.`,
      next: `Choose another name, or change that one: autogit user groups ${name}, autogit user reset ${name}`,
      fields: { name },
    });
  const owner = people.find((one) => isSameText(one.email, email) || isSameText(one.name, email));
  if (owner !== undefined)
    throw new AutoGitError({
      key: 'user.email-taken',
      message: `${email} is the address of ${owner.name}: people may sign in with it, so it can stand for one only.`,
      next: 'Give them an address of their own.',
      fields: { email },
    });
  if (!isSameText(email, admin.email ?? '') || name === admin.username || isAdmin(person)) return;
  throw new AutoGitError({
    key: 'user.email-reserved',
    message: `${email} is the address of GitLab's root: whoever has it signs in there as root.`,
    next: `Give them an address of their own, or make them an administrator: --groups ${adminGroup}`,
    fields: { email },
  });
}

/** What somebody of this name has made, and lets them in, would be the new one's. Throws `user.name-used`. */
export function requireUnusedName({ name, email }: Person, { told }: PersonMemory): void {
  if (told === null || isSameText(told.email, email)) return;
  throw new AutoGitError({
    key: 'user.name-used',
    message: `There was another ${name} before, with another address${told.email === '' ? '' : ` (${told.email})`}; their account in GitLab is still there, with keys and tokens that let them in.`,
    next: `Choose another name. If it is the same person, add them with that address; if nobody needs that account, delete it in GitLab's admin area and run autogit user sync.`,
    fields: { name },
  });
}

/** Throws `user.last-admin`. */
export function requireLastAdmin(before: readonly Person[], after: readonly Person[]): void {
  if (!losesLastAdmin(before, after)) return;
  throw new AutoGitError({
    key: 'user.last-admin',
    message: 'Nobody would be left who may administrate the lab. Nothing was changed.',
    next: `Make somebody else an administrator first: autogit user groups NAME --add ${adminGroup}`,
  });
}

/** Nothing was asked for. */
export function nothingToChange(name: string): AutoGitError {
  return new AutoGitError({
    key: 'request.invalid',
    message: `Nothing is said that should be changed of ${name}.`,
    next: `See what can be: autogit user groups --help, autogit user reset --help`,
  });
}
