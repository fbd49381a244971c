// What brings GitLab's people into step with the lab's, and what only a person can.
import { adminGroup, isAdmin, isSameText, memoryOf } from '../../model/person.ts';
import type {
  Asked,
  GitlabGroup,
  GitlabPerson,
  PeopleMemory,
  Person,
  PersonMemory,
} from '../../model/person.ts';
import { matchPeople } from './match-people.ts';

/** `account`: GitLab's number of them. */
export type PeopleAction =
  | { readonly kind: 'create'; readonly person: Person }
  | { readonly kind: 'link'; readonly name: string; readonly account: number }
  | { readonly kind: 'block' | 'unblock'; readonly name: string; readonly account: number }
  | { readonly kind: 'admin'; readonly name: string; readonly account: number; readonly admin: boolean }
  | {
      readonly kind: 'tell';
      readonly name: string;
      readonly account: number;
      readonly change: { readonly name?: string; readonly email?: string };
    }
  | {
      readonly kind: 'join' | 'leave';
      readonly name: string;
      readonly account: number;
      readonly group: number;
      readonly path: string;
    };

export interface PeopleWorld {
  readonly people: readonly Person[];
  readonly gitlab: readonly GitlabPerson[];
  /** GitLab's groups whose path somebody's group has. */
  readonly groups: readonly GitlabGroup[];
  /** Of whoever AutoGit's token belongs to. */
  readonly self: number;
  readonly memory: PeopleMemory;
  readonly asked: Asked;
}

export interface PeoplePlan {
  readonly actions: readonly PeopleAction[];
  /** Sentences about whoever stays out of step until somebody decides, by name. */
  readonly differences: ReadonlyMap<string, readonly string[]>;
  readonly accounts: ReadonlyMap<string, GitlabPerson>;
  /** Whose account waits for somebody to say that it is theirs, by name. */
  readonly unsure: ReadonlySet<string>;
  /** Whom the lab knew until they were taken out of its file by hand, and whom GitLab still lets in, by name. */
  readonly takenOut: ReadonlyMap<string, GitlabPerson>;
  /** People of GitLab whom the lab does not know. They are never changed. */
  readonly alone: readonly GitlabPerson[];
}

/** GitLab's first administrator is the way in when all else fails. */
function isKept({ id, username, isBot }: GitlabPerson, self: number): boolean {
  return id === self || username === 'root' || isBot;
}

/** Total; its actions, once done, leave nothing to do. */
export function planPeople(world: PeopleWorld): PeoplePlan {
  const { people, gitlab, memory, self } = world;
  const gone = Object.entries(memory)
    .filter(([name, { removed }]) => removed && !people.some((person) => person.name === name))
    .map(([name, { told }]) => ({ name, email: told?.email ?? '' }));
  const accounts = matchPeople([...people, ...gone], gitlab, memory);
  const actions: PeopleAction[] = [];
  const differences = new Map<string, readonly string[]>();
  const unsure = new Set<string>();
  for (const person of people) {
    const account = accounts.get(person.name);
    const parts = account === undefined ? withoutAccount(person, world) : ofAccount(person, account, world);
    actions.push(...parts.actions);
    if (parts.differences.length > 0) differences.set(person.name, parts.differences);
    if (parts.isUnsure === true) unsure.add(person.name);
  }
  for (const { name } of gone) {
    const account = accounts.get(name);
    if (account === undefined || isSomebodyElses(account, memoryOf(memory, name))) continue;
    if (account.state === 'active' && !isKept(account, self))
      actions.push({ kind: 'block', name, account: account.id });
  }
  const known = new Set([...accounts.values()].map(({ id }) => id));
  const alone = gitlab.filter((one) => !known.has(one.id) && !isKept(one, self));
  return { actions, differences, accounts, unsure, takenOut: takenOutOf(alone, world), alone };
}

/** Nothing is done about them by itself: a file that was damaged would shut everybody out. */
function takenOutOf(
  alone: readonly GitlabPerson[],
  { people, memory }: PeopleWorld,
): ReadonlyMap<string, GitlabPerson> {
  const left = Object.entries(memory)
    .filter(([name, { removed }]) => !removed && !people.some((person) => person.name === name))
    .map(([name, { told }]) => ({ name, email: told?.email ?? '' }));
  const found = matchPeople(
    left,
    alone.filter(({ state }) => state === 'active'),
    memory,
  );
  return new Map([...found].filter(([name, account]) => !isSomebodyElses(account, memoryOf(memory, name))));
}

interface Parts {
  readonly actions: readonly PeopleAction[];
  readonly differences: readonly string[];
  /** Somebody has to say whether the account is theirs. */
  readonly isUnsure?: boolean;
}

function withoutAccount(person: Person, { gitlab }: PeopleWorld): Parts {
  const { name, email, disabled } = person;
  const other = gitlab.find(({ username }) => isSameText(username, name));
  if (other !== undefined)
    return {
      actions: [],
      differences: [
        `GitLab has another ${other.username}, whose address is ${other.email === '' ? 'not known' : other.email}. If it is the same person, give them the same address in both; otherwise another name in one.`,
      ],
    };
  if (email === '')
    return { actions: [], differences: ['They have no e-mail address, without which GitLab knows nobody.'] };
  return { actions: disabled ? [] : [{ kind: 'create', person }], differences: [] };
}

/** What is known of somebody whose account is looked at. */
interface Known {
  readonly memory: PersonMemory;
  /** By Authelia's mark. */
  readonly isTied: boolean;
  /** Nobody else can have made it look like theirs. */
  readonly isSure: boolean;
  readonly isLetIn: boolean;
}

function knownOf(name: string, account: GitlabPerson, { memory: all, asked }: PeopleWorld): Known {
  const memory = memoryOf(all, name);
  const isTied = account.subject !== null && account.subject === memory.subject;
  const isSure = isTied && (memory.sure || asked.confirm.includes(name));
  return { memory, isTied, isSure, isLetIn: asked.letIn.includes(name) };
}

function ofAccount(person: Person, account: GitlabPerson, world: PeopleWorld): Parts {
  if (isKept(account, world.self)) return keptAccount(person, account);
  const known = knownOf(person.name, account, world);
  const stranger = strangerOf(person, account, { known, asked: world.asked });
  if (stranger !== null) {
    const isUnsure = isOfAnother(known.memory, person.email) && account.subject === known.memory.subject;
    return { actions: [], differences: [stranger], isUnsure };
  }
  const parts = [
    ...(known.isTied ? [] : [identityOf(person, account)]),
    stateOf(person, account, known),
    ...(person.disabled ? [] : [adminOf(person, account, known), profileOf(person, account, known.memory)]),
    groupsOf(person, account, { known, groups: world.groups }),
  ];
  const waits = !known.isSure && parts.some(({ isWaiting = false }) => isWaiting);
  return {
    actions: parts.flatMap(({ actions = [] }) => actions),
    differences: [
      ...parts.flatMap(({ differences = [] }) => differences),
      ...(waits ? [waitingFor(person, account)] : []),
    ],
    isUnsure: waits,
  };
}

/** With an account that has another mark, or that was somebody else's of this name, nothing is done. */
function strangerOf(
  { name, email }: Person,
  account: GitlabPerson,
  { known: { memory }, asked }: { readonly known: Known; readonly asked: Asked },
): string | null {
  const { username, subject } = account;
  if (subject !== null && subject !== memory.subject)
    return `GitLab's ${username} has their address, but belongs to somebody else of Authelia: take that identity away in GitLab's admin area if it is theirs.`;
  if (!isOfAnother(memory, email) || asked.confirm.includes(name)) return null;
  return `GitLab's ${username} is of a ${name} who was taken out, whose address was ${memory.told?.email ?? ''}. If it is the same person: autogit user sync --confirm ${name}; otherwise give one of them another name.`;
}

/** What is remembered is of another one of this name, who was taken out. */
function isOfAnother({ removed, told }: PersonMemory, email: string): boolean {
  return removed && told !== null && !isSameText(told.email, email);
}

function isSomebodyElses({ subject }: GitlabPerson, memory: PersonMemory): boolean {
  return subject !== null && memory.subject !== null && subject !== memory.subject;
}

function waitingFor({ name }: Person, { username }: GitlabPerson): string {
  return `GitLab's ${username} was found by its address alone, which whoever has it may set: it is given no rights before somebody has said that it is theirs: autogit user sync --confirm ${name}`;
}

function keptAccount({ disabled, groups }: Person, { username, admin }: GitlabPerson): Parts {
  const differences = [
    ...(disabled
      ? [`GitLab's ${username} has their address and is never blocked: its own password still lets it in.`]
      : []),
    ...(admin && !groups.includes(adminGroup)
      ? [`GitLab's ${username} has their address, and stays an administrator.`]
      : []),
  ];
  return { actions: [], differences };
}

type Part = Partial<Parts> & {
  /** Something is not given, as nobody knows for sure whose account it is. */
  readonly isWaiting?: boolean;
};

function identityOf({ name }: Person, { id }: GitlabPerson): Part {
  return { actions: [{ kind: 'link', name, account: id }] };
}

function stateOf({ name, disabled }: Person, { id, state }: GitlabPerson, known: Known): Part {
  if (disabled) return state === 'active' ? { actions: [{ kind: 'block', name, account: id }] } : {};
  switch (state) {
    case 'active':
      return {};
    case 'blocked':
      if ((known.isTied && known.memory.blocked) || (known.isSure && known.isLetIn))
        return { actions: [{ kind: 'unblock', name, account: id }] };
      return {
        isWaiting: true,
        differences: [`Somebody has blocked them in GitLab. To let them in: autogit user enable ${name}`],
      };
    case 'other':
      return { differences: ['GitLab does not let them in: they are banned, or wait for approval there.'] };
  }
}

function adminOf(person: Person, { id, admin }: GitlabPerson, { memory, isSure }: Known): Part {
  const { name } = person;
  if (isAdmin(person) === admin) return {};
  if (!admin && !isSure) return { isWaiting: true };
  if (!admin || memory.admin) return { actions: [{ kind: 'admin', name, account: id, admin: !admin }] };
  return {
    differences: [
      `Somebody has made them an administrator in GitLab. In the lab, too: autogit user groups ${name} --add ${adminGroup}; or no longer: --remove ${adminGroup}`,
    ],
  };
}

/** What somebody has changed in GitLab since is theirs. */
function profileOf(person: Person, account: GitlabPerson, { told }: PersonMemory): Part {
  const { name, displayName, email } = person;
  if (told === null) return {};
  const change = {
    ...(displayName !== told.name && displayName !== account.name ? { name: displayName } : {}),
    ...(email !== '' && email !== told.email && !isSameText(email, account.email) ? { email } : {}),
  };
  return Object.keys(change).length === 0
    ? {}
    : { actions: [{ kind: 'tell', name, account: account.id, change }] };
}

/** https://docs.gitlab.com/api/access_requests/#valid-access-levels */
const developer = 30;

function groupsOf(
  { name, groups: wanted, disabled }: Person,
  { id }: GitlabPerson,
  { known, groups }: { readonly known: Known; readonly groups: readonly GitlabGroup[] },
): Part {
  const { memory, isSure } = known;
  const isWanted = ({ path }: GitlabGroup): boolean =>
    !isSameText(path, adminGroup) && wanted.some((one) => isSameText(one, path));
  const levelIn = ({ members }: GitlabGroup): number | null =>
    members.find((member) => member.id === id)?.level ?? null;
  const join = disabled ? [] : groups.filter((group) => isWanted(group) && levelIn(group) === null);
  // With another level somebody else has decided about them meanwhile.
  const leave = groups.filter(
    (group) => !isWanted(group) && memory.groups.includes(group.id) && levelIn(group) === developer,
  );
  const action =
    (kind: 'join' | 'leave') =>
    (group: GitlabGroup): PeopleAction => ({
      ...{ kind, name, account: id },
      ...{ group: group.id, path: group.path },
    });
  return {
    isWaiting: join.length > 0,
    actions: [...(isSure ? join.map(action('join')) : []), ...leave.map(action('leave'))],
  };
}

/** What is to be remembered of a person once an action is done; `subject`: whom Authelia means, where it was told. */
export function remember(
  memory: PersonMemory,
  action: PeopleAction,
  { person, subject }: { readonly person: Person | null; readonly subject: string | null },
): PersonMemory {
  const told = person === null ? memory.told : { name: person.displayName, email: person.email };
  switch (action.kind) {
    case 'create':
      return {
        ...{ ...memory, subject, told, sure: true },
        ...{ admin: isAdmin(action.person), blocked: false, removed: false },
      };
    case 'link':
      // Whatever was so of an account before, it need not have been this one.
      return { ...memory, subject, told: memory.told ?? told, sure: false, blocked: false };
    case 'block':
      return { ...memory, blocked: true };
    case 'unblock':
      return { ...memory, blocked: false, removed: false };
    case 'admin':
      return { ...memory, admin: action.admin };
    case 'tell':
      return { ...memory, told };
    case 'join':
      return { ...memory, groups: [...new Set([...memory.groups, action.group])] };
    case 'leave':
      return { ...memory, groups: memory.groups.filter((group) => group !== action.group) };
  }
}

/** GitLab's groups that have to be looked at, by path and by number. */
export function groupsToSee(
  people: readonly Person[],
  memory: PeopleMemory,
): { readonly paths: readonly string[]; readonly ids: readonly number[] } {
  const paths = people.flatMap(({ groups }) => groups).filter((group) => !isSameText(group, adminGroup));
  const ids = Object.values(memory).flatMap(({ groups }) => groups);
  return { paths: [...new Set(paths)], ids: [...new Set(ids)] };
}

/**
 * What is still true of a memory once both are in step: of what somebody else has undone since nothing is AutoGit's any
 * more. Who was taken out stays so, whatever a file said that was read before; without an account nothing is left of them.
 */
export function settleMemory(
  { people, memory, groups, asked }: Pick<PeopleWorld, 'people' | 'memory' | 'groups' | 'asked'>,
  accounts: ReadonlyMap<string, GitlabPerson>,
): PeopleMemory {
  const names = new Set([...Object.keys(memory), ...accounts.keys()]);
  const settled = [...names].flatMap((name): [string, PersonMemory][] => {
    const known = memoryOf(memory, name);
    const person = people.find((one) => one.name === name);
    const account = accounts.get(name);
    if (account === undefined) return known.removed && person === undefined ? [] : [[name, known]];
    if (account.subject !== null && account.subject !== known.subject) return [[name, known]];
    const isConfirmed = account.subject !== null && person !== undefined && asked.confirm.includes(name);
    if (person !== undefined && !isConfirmed && isOfAnother(known, person.email)) return [[name, known]];
    const isIn = (id: number): boolean =>
      groups.some((group) => group.id === id && group.members.some((member) => member.id === account.id));
    const now: PersonMemory = {
      ...{ subject: known.subject, told: toldNow(known, person, account) },
      ...{ sure: known.sure || isConfirmed, removed: known.removed && !isConfirmed },
      blocked: known.blocked && account.state !== 'active',
      admin: known.admin && account.admin,
      groups: known.groups.filter(isIn),
    };
    return [[name, now]];
  });
  return Object.fromEntries(settled);
}

/** Of an account that was there already, what the lab changes from now on is told; what both agree about was told. */
function toldNow(
  { told }: PersonMemory,
  person: Person | undefined,
  account: GitlabPerson,
): PersonMemory['told'] {
  if (person === undefined) return told;
  const { displayName, email } = person;
  return {
    name: told === null || account.name === displayName ? displayName : told.name,
    email: told === null || isSameText(account.email, email) ? email : told.email,
  };
}
