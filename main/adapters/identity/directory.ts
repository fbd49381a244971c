// Asks an LDAP directory as Authelia would: connects, encrypts, signs in, searches people and their groups.
import { PasswordPolicyControl, ResultCodeError } from 'ldapts';
import type { Client } from 'ldapts';
import type { DirectoryPerson, DirectoryQuestion, DirectoryStep, DirectoryTest } from '../../access-ports.ts';
import { AutoGitError } from '../../errors.ts';
import { placeOfDirectory, searchOf } from '../../model/stack/directory.ts';
import type { DirectorySearch, LdapDirectory } from '../../model/stack/directory.ts';
import { clientOver, secure, startTls } from './directory-line.ts';
import { asPerson, findEverybody, findGroups, findPeople } from './directory-people.ts';
import type { FoundPerson } from './directory-people.ts';
import { bindWords, connectWords, resultWords, startTlsWords, tlsWords } from './directory-words.ts';
import type { Words } from './directory-words.ts';
import { openSocket, within } from './open-socket.ts';

/** People that a test shows. */
const mostShown = 10;
/** People of a list. */
const mostListed = 500;

const labels = {
  connect: 'Connect',
  tls: 'Encryption',
  bind: 'Sign in',
  search: 'Search people',
  mail: 'E-mail addresses',
  groups: 'Search groups',
  anonymous: 'Without a password',
} as const;
type StepName = keyof typeof labels;

function step(name: StepName, state: DirectoryStep['state'], message: string, next?: string): DirectoryStep {
  return { key: `directory.${name}`, label: labels[name], state, message, next: next ?? null };
}

/** A step that nothing goes on after. */
class Stopped extends Error {
  readonly step: DirectoryStep;

  constructor(name: StepName, { message, next }: Words) {
    super(message);
    this.step = step(name, 'bad', message, next);
  }
}

/** Does `work`; what it rejects with is put in words. */
async function attempt<T>(name: StepName, work: Promise<T>, words: (error: unknown) => Words): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw new Stopped(name, words(error));
  }
}

type Tell = (step: DirectoryStep) => void;

/** Connected and encrypted; nobody has signed in yet. */
async function open(question: DirectoryQuestion, tell: Tell): Promise<Client> {
  const { directory } = question;
  const { host, port, isTls } = placeOfDirectory(directory);
  const socket = await attempt('connect', openSocket({ host, port }), (error) =>
    connectWords(error, directory),
  );
  tell(step('connect', 'good', `${host} answers on port ${port}.`));
  const inTls = (error: unknown): Words =>
    error instanceof ResultCodeError ? startTlsWords(error) : tlsWords(error, directory);
  if (isTls) {
    const encrypted = await attempt('tls', secure(socket, question), inTls);
    tell(
      step(
        'tls',
        'good',
        `Encrypted with ${encrypted.getProtocol() ?? 'TLS'}, and the certificate is right.`,
      ),
    );
    return clientOver(encrypted);
  }
  const client = clientOver(socket);
  if (!directory.startTls) {
    tell(
      step(
        'tls',
        'warning',
        "Everybody's password crosses the network unencrypted.",
        'Use ldaps://, or startTls: true, as soon as the directory can.',
      ),
    );
    return client;
  }
  try {
    await attempt('tls', startTls(client, question), inTls);
  } catch (error) {
    socket.destroy();
    throw error;
  }
  tell(step('tls', 'good', 'Encrypted by StartTLS, and the certificate is right.'));
  return client;
}

/** Ends a connection, also one on which nobody answers. */
async function close(client: Client): Promise<void> {
  await within(client.unbind(), 1_000).catch(() => undefined);
}

/** Others may not know the question for the state of an account, and end the connection over it. */
function toldOfPolicy({ implementation }: LdapDirectory): boolean {
  return implementation === 'custom' || implementation === 'rfc2307bis' || implementation === 'freeipa';
}

async function signIn(client: Client, { directory, password }: DirectoryQuestion): Promise<void> {
  if (password === '')
    throw new Stopped('bind', {
      message: `There is no password for ${directory.user}.`,
      next: 'Give it: autogit stack set-secret directory-password',
    });
  const policy = new PasswordPolicyControl();
  const controls = toldOfPolicy(directory) ? [policy] : [];
  await attempt('bind', within(client.bind(directory.user, password, controls)), (error) =>
    bindWords(error, directory, policy.value?.error ?? null),
  );
}

interface Searching {
  readonly directory: LdapDirectory;
  readonly input: string | null;
  readonly now: number;
}

function isRefused({ names }: FoundPerson): boolean {
  return names.length !== 1;
}

function countOf(people: number): string {
  if (people > mostShown) return `more than ${mostShown} people`;
  return people === 1 ? 'one person' : `${people} people`;
}

/** The people whom Authelia would find. Rejects with what stops it. */
async function searchPeople(
  client: Client,
  { directory, input, now }: Searching,
  tell: Tell,
): Promise<readonly FoundPerson[]> {
  const search = searchOf(directory);
  const { attributes, usersBase } = search;
  const most = input === null ? mostShown + 1 : 2;
  const { people, referrals } = await attempt(
    'search',
    findPeople(client, search, { input, most, now }),
    (error) => resultWords(error, 'search people', usersBase),
  );
  const shown = people.slice(0, mostShown);
  const beside = referrals > 0 ? ' Where it sends on to other directories was not followed.' : '';
  if (people.length === 0)
    throw new Stopped('search', {
      message: `${input === null ? 'Nobody' : `Nobody by the name ${JSON.stringify(input)}`} was found below ${usersBase}.${beside}`,
      next: 'Check baseDn, the kind of directory and the filter, and whether who searches may read people.',
    });
  if (input !== null && people.length > 1)
    throw new Stopped('search', {
      message: `More than one person has the name ${JSON.stringify(input)}: Authelia lets none of them in.`,
      next: 'Make the filter narrower, or the name of one of them another.',
    });
  const found = `Found ${countOf(people.length)} below ${usersBase}.${beside}`;
  const odd = shown.find(isRefused);
  if (odd === undefined) {
    tell(step('search', 'good', found));
    return shown;
  }
  const values = odd.names.length === 0 ? 'no' : `${odd.names.length} values of`;
  const words = {
    message: `${odd.dn} has ${values} ${attributes.username}, by which people sign in: Authelia lets in who has exactly one.`,
    next: 'Mend that entry, or leave it out with the filter.',
  };
  const others = shown.filter((person) => !isRefused(person));
  // One of many is their own trouble.
  if (others.length === 0) throw new Stopped('search', words);
  tell(step('search', 'warning', `${found} ${words.message}`, words.next));
  return others;
}

function judgeMail(people: readonly FoundPerson[], { directory }: Searching): DirectoryStep {
  const without = people.filter(({ emails }) => emails.length === 0).map(({ names }) => names[0] ?? '');
  if (without.length === 0) return step('mail', 'good', 'Everybody who was found has one.');
  const { mail } = searchOf(directory).attributes;
  return step(
    'mail',
    'warning',
    `${without.join(', ')} ${without.length === 1 ? 'has' : 'have'} no ${mail}: GitLab makes no account without an e-mail address.`,
    `Enter it in the directory as ${mail}.`,
  );
}

/** What Authelia's filter has for directories with a password policy. */
const policyCondition = '(!(pwdReset=TRUE))';

function withoutPolicy(filter: string): string {
  return filter.replace(policyCondition, '');
}

/**
 * Whether groups are found only without that condition: of an attribute that a directory does not know nothing is true, also
 * not its opposite. https://www.rfc-editor.org/rfc/rfc4511#section-4.5.1.7
 */
async function needsPolicy(client: Client, person: FoundPerson, search: DirectorySearch): Promise<boolean> {
  if (!search.groupsFilter.includes(policyCondition)) return false;
  const known = { ...search, groupsFilter: withoutPolicy(search.groupsFilter) };
  const found = await findGroups(client, known, { person, input: person.names[0] ?? '' }).catch(() => []);
  return found.length > 0;
}

async function searchGroups(
  client: Client,
  people: readonly FoundPerson[],
  { directory, input }: Searching,
  tell: Tell,
): Promise<readonly DirectoryPerson[]> {
  const search = searchOf(directory);
  const found: DirectoryPerson[] = [];
  for (const person of people) {
    const groups = await attempt(
      'groups',
      findGroups(client, search, { person, input: input ?? person.names[0] ?? '' }),
      (error) => resultWords(error, 'search groups', search.groupsBase),
    );
    found.push(asPerson(person, groups));
  }
  const { adminGroup } = directory;
  const isNobody = found.every(({ groups }) => groups.length === 0);
  const admins = found.filter(({ groups }) => groups.includes(adminGroup)).map(({ name }) => name);
  const [someone] = people;
  if (isNobody)
    tell(
      step(
        'groups',
        'warning',
        `Nobody who was found is in a group below ${search.groupsBase}: nobody could administrate.`,
        someone !== undefined && (await needsPolicy(client, someone, search))
          ? `This directory does not know pwdReset, so Authelia's own filter matches nothing. Give groupsFilter: "${withoutPolicy(search.groupsFilter)}"`
          : 'Check the kind of directory and the filter for groups, and whether who searches may read them.',
      ),
    );
  else
    tell(
      step(
        'groups',
        'good',
        admins.length === 0
          ? `Groups were found; none of these people is in ${adminGroup}, whose people administrate.`
          : `Groups were found; in ${adminGroup}, whose people administrate: ${admins.join(', ')}.`,
      ),
    );
  return found;
}

/** Whether the directory tells people to somebody who gives no password. Never rejects. */
async function judgeAnonymous(question: DirectoryQuestion, now: number): Promise<DirectoryStep> {
  const { directory } = question;
  const silent = (): void => undefined;
  let client: Client | null = null;
  try {
    client = await open(question, silent);
    const isEmptyTaken = await within(client.bind(directory.user, '')).then(
      () => true,
      () => false,
    );
    await close(client);
    if (isEmptyTaken)
      return step(
        'anonymous',
        'warning',
        'The directory takes a name without a password for signed in, which programs may believe.',
        'Forbid binds without a password on the directory (RFC 4513, 5.1.2).',
      );
    client = await open(question, silent);
    const search = { ...searchOf(directory) };
    const { people } = await findPeople(client, search, { input: null, most: 1, now });
    if (people.length > 0)
      return step(
        'anonymous',
        'warning',
        'Whoever reaches the directory can read its people without signing in.',
        'Let only those read who have signed in.',
      );
  } catch {
    // It tells nothing: as it should be.
  } finally {
    if (client !== null) await close(client);
  }
  return step('anonymous', 'good', 'Nobody gets anything without a password.');
}

const order: readonly StepName[] = ['connect', 'tls', 'bind', 'search', 'mail', 'groups', 'anonymous'];

/** What was not tried any more. */
function skippedAfter(steps: readonly DirectoryStep[]): readonly DirectoryStep[] {
  return order
    .filter((name) => !steps.some(({ key }) => key === `directory.${name}`))
    .map((name) => step(name, 'skipped', 'Not tried: what is before it has failed.'));
}

/** As `Directories.test`. `now`: milliseconds since 1970. */
export async function testDirectory(
  question: DirectoryQuestion,
  input: string | null,
  now: number,
): Promise<DirectoryTest> {
  const steps: DirectoryStep[] = [];
  const tell: Tell = (one) => void steps.push(one);
  const searching = { directory: question.directory, input, now };
  let people: readonly DirectoryPerson[] = [];
  let client: Client | null = null;
  try {
    client = await open(question, tell);
    await signIn(client, question);
    tell(step('bind', 'good', `Signed in as ${question.directory.user}.`));
    const found = await searchPeople(client, searching, tell);
    people = found.map((person) => asPerson(person, []));
    tell(judgeMail(found, searching));
    people = await searchGroups(client, found, searching, tell);
    tell(await judgeAnonymous(question, now));
  } catch (error) {
    if (!(error instanceof Stopped)) throw error;
    tell(error.step);
  } finally {
    if (client !== null) await close(client);
  }
  return { steps: [...steps, ...skippedAfter(steps)], people };
}

/** As `Directories.people`. `now`: milliseconds since 1970. */
export async function listPeople(
  question: DirectoryQuestion,
  now: number,
): Promise<{ readonly people: readonly DirectoryPerson[]; readonly isCut: boolean }> {
  const search = searchOf(question.directory);
  let client: Client | null = null;
  try {
    client = await open(question, () => undefined);
    await signIn(client, question);
    const found = await attempt('search', findEverybody(client, search, { most: mostListed, now }), (error) =>
      resultWords(error, 'search people', search.usersBase),
    );
    const people: DirectoryPerson[] = [];
    for (const person of found.filter((one) => !isRefused(one)).slice(0, mostListed)) {
      const groups = findGroups(client, search, { person, input: person.names[0] ?? '' });
      people.push(
        asPerson(
          person,
          await attempt('groups', groups, (error) => resultWords(error, 'search groups', search.groupsBase)),
        ),
      );
    }
    people.sort((a, b) => a.name.localeCompare(b.name, 'en'));
    return { people, isCut: found.length > mostListed };
  } catch (error) {
    if (!(error instanceof Stopped)) throw error;
    const { key, message, next } = error.step;
    const isAway = key === 'directory.connect';
    throw new AutoGitError({
      ...{ key: isAway ? 'directory.unreachable' : 'directory.refused', message, retry: isAway },
      next: next ?? 'Try the directory: autogit directory test',
    });
  } finally {
    if (client !== null) await close(client);
  }
}
