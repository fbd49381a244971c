// Who the lab's people are: in Authelia, with their second factors, and in GitLab.
import type { GitlabPeople } from '../../access-ports.ts';
import type { Factor } from '../../apply/stack/authelia-program.ts';
import { lookAtPeople, nameOf, readMemory } from './people-sync.ts';
import type { Outcome, Output } from '../../contract/contract.ts';
import { messageOf } from '../../errors.ts';
import { isAdmin } from '../../model/person.ts';
import type { GitlabPerson, Person } from '../../model/person.ts';
import type { StackAnswers } from '../../model/stack/answers.ts';
import type { PeopleAction, PeoplePlan } from '../../plan/people/plan-people.ts';
import { peopleFileOf, peopleSource } from './people-desk.ts';
import type { UserContext } from './user-requests.ts';
import { sourceSentence } from './user-rules.ts';

type Context = Pick<UserContext, 'stack' | 'secrets'>;
type Listed = Output<'user.list'>['users'][number];
type Factors = ReadonlyMap<string, readonly Factor[]>;

/** `user.list`. Rejects like the file of people; what else does not answer is said. */
export async function listUsers(_: unknown, context: Context): Promise<Output<'user.list'>> {
  const { stack } = context;
  const answers = stack.journal.current();
  if (answers === null)
    return { source: 'none', sentence: 'There is no stack.', users: [], gitlabProblem: null };
  const source = peopleSource(answers);
  const sentence = sourceSentence(source);
  if (source !== 'file') return { source, sentence, ...(await gitlabsOwn(answers, context)) };
  const onFile = await stack.people.file.read(peopleFileOf(answers));
  if (onFile === null)
    return {
      ...{ source, users: [], gitlabProblem: null },
      sentence: `${sentence} There is none yet: Authelia makes it at its first start.`,
    };
  const factors = await stack.people
    .authelia(answers)
    .factors()
    .catch(() => null);
  const seen = await seenInGitlab(onFile.people, answers, context);
  const users = onFile.people.map((person) => listed(person, factors, seen.plan));
  return {
    ...{ source, sentence, gitlabProblem: seen.problem },
    users: [...users, ...(seen.plan === null ? [] : onlyInGitlab(seen.plan))],
  };
}

function onlyInGitlab({ alone, takenOut }: PeoplePlan): readonly Listed[] {
  const names = new Map([...takenOut].map(([name, { id }]) => [id, name]));
  return alone.map((one) => {
    const name = names.get(one.id);
    if (name === undefined) return gitlabOnly(one, ['Only GitLab knows them.']);
    const words = `They were taken out of Authelia's file by hand, and GitLab still lets them in. To block them there: autogit user remove ${name}`;
    return { ...gitlabOnly(one, [words]), name, decision: 'block' };
  });
}

async function seenInGitlab(
  people: readonly Person[],
  answers: StackAnswers,
  { stack, secrets }: Context,
): Promise<{ readonly plan: PeoplePlan | null; readonly problem: string | null }> {
  try {
    const memory = readMemory({ lab: answers.lab, secrets });
    const { plan } = await lookAtPeople(people, await stack.people.gitlab(answers), { memory });
    return { plan, problem: null };
  } catch (error) {
    return { plan: null, problem: messageOf(error) };
  }
}

async function gitlabsOwn(
  answers: StackAnswers,
  { stack }: Context,
): Promise<Pick<Output<'user.list'>, 'users' | 'gitlabProblem'>> {
  try {
    const gitlab: GitlabPeople = await stack.people.gitlab(answers);
    const people = (await gitlab.people()).filter(({ isBot }) => !isBot);
    return { users: people.map((one) => gitlabOnly(one, [])), gitlabProblem: null };
  } catch (error) {
    return { users: [], gitlabProblem: messageOf(error) };
  }
}

function listed(person: Person, factors: Factors | null, plan: PeoplePlan | null): Listed {
  const { name, displayName, email, groups, disabled } = person;
  const account = plan?.accounts.get(name);
  const coming = (plan?.actions ?? []).filter((action) => nameOf(action) === name).map(comingWords);
  return {
    ...{ name, displayName, email, groups: [...groups], disabled, admin: isAdmin(person) },
    factors: factors === null ? 'unknown' : [...(factors.get(name) ?? [])],
    gitlab: {
      state: plan === null ? 'unknown' : stateOf(account),
      admin: account?.admin ?? false,
      username: account?.username ?? null,
    },
    differences: [...coming, ...(plan?.differences.get(name) ?? [])],
    decision: plan?.unsure.has(name) === true ? 'confirm' : null,
  };
}

function gitlabOnly(person: GitlabPerson, differences: readonly string[]): Listed {
  const { username, name, email, admin } = person;
  return {
    ...{ name: username, displayName: name, email, groups: [], factors: 'unknown', admin },
    disabled: person.state !== 'active',
    gitlab: { state: stateOf(person), admin, username },
    differences: [...differences],
    decision: null,
  };
}

function stateOf(account: GitlabPerson | undefined): Listed['gitlab']['state'] {
  if (account === undefined) return 'missing';
  return account.state === 'active' ? 'active' : 'blocked';
}

/** What AutoGit is about to do by itself. */
function comingWords(action: PeopleAction): string {
  switch (action.kind) {
    case 'create':
      return 'GitLab does not know them yet.';
    case 'link':
      return "GitLab's account is not tied to their sign-in yet.";
    case 'block':
      return 'GitLab still lets them in.';
    case 'unblock':
      return 'GitLab does not let them in yet.';
    case 'admin':
      return action.admin
        ? 'GitLab does not make them an administrator yet.'
        : 'GitLab still has them as an administrator.';
    case 'tell':
      return `GitLab has another ${Object.keys(action.change).join(' and ')} of theirs.`;
    case 'join':
      return `They are not in GitLab's group ${action.path} yet.`;
    case 'leave':
      return `They are still in GitLab's group ${action.path}.`;
  }
}

/** What AutoGit does at GitLab, for the answer of a request. */
export function inWords(action: PeopleAction): Outcome['actions'][number] {
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
