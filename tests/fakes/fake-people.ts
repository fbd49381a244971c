// Authelia's file of people, its program, and GitLab's people, in memory. They outlive the core.
import type {
  ConnectGitlabPeople,
  GitlabPeople,
  NewGitlabPerson,
  PeopleFile,
} from '../../main/access-ports.ts';
import { AutoGitError } from '../../main/errors.ts';
import { withEdits } from '../../main/model/person.ts';
import type { GitlabGroup, GitlabPerson, Person, PersonEdit } from '../../main/model/person.ts';
import type { ExecCall, ExecResult } from './fake-stack-compose.ts';

/** The port's in-memory twin. */
export class FakePeopleFile implements PeopleFile {
  /** `null`: there is none. */
  people: readonly Person[] | null = null;
  /** Digests by name, as they were set last. */
  readonly digests = new Map<string, string>();
  /** What every call rejects with; `null`: nothing. */
  problem: AutoGitError | null = null;
  reads = 0;

  async read(): ReturnType<PeopleFile['read']> {
    this.reads += 1;
    if (this.problem !== null) throw this.problem;
    return this.people === null ? null : { people: this.people, mark: JSON.stringify(this.people) };
  }

  async change(
    file: string,
    decide: (people: readonly Person[]) => readonly PersonEdit[],
  ): Promise<readonly Person[]> {
    if (this.problem !== null) throw this.problem;
    if (this.people === null)
      throw new AutoGitError({ key: 'user.no-file', message: `${file} is not there.`, next: 'Wait.' });
    const edits = decide(this.people);
    for (const edit of edits) {
      if (edit.kind === 'add') this.digests.set(edit.person.name, edit.digest);
      if (edit.kind === 'digest') this.digests.set(edit.name, edit.digest);
    }
    this.people = withEdits(this.people, edits);
    return this.people;
  }
}

/** Authelia's program in its container: for `FakeCompose.onExec`. */
export class FakeAuthelia {
  readonly totp = new Map<string, string>();
  readonly passkeys = new Map<string, string>();
  readonly subjects = new Map<string, string>();
  /** While false its container does not run. */
  isUp = true;
  /** People whom it gives no mark. */
  readonly refusing = new Set<string>();
  #serial = 0;

  exec = ({ command }: ExecCall): ExecResult => {
    if (!this.isUp) return { code: 1, stdout: '', stderr: 'service "authelia" is not running' };
    if (command[0] === 'sh') return this.#export();
    const [, , , noun = '', verb = ''] = command;
    const name = command.at(-1) ?? '';
    switch (`${noun} ${verb}`) {
      case 'totp generate': {
        const uri = `otpauth://totp/lab:${name}?issuer=lab&secret=SECRET${(this.#serial += 1)}`;
        this.totp.set(name, uri);
        return said(`Successfully generated TOTP configuration for user '${name}' with URI '${uri}'\n`);
      }
      case 'totp delete':
        return this.totp.delete(name) ? said('deleted') : refused('no TOTP configuration for user');
      case 'totp export':
        return said([...this.totp.values(), '', 'Successfully exported'].join('\n'));
      case 'webauthn delete':
        this.passkeys.delete(name);
        return said('deleted');
      case 'webauthn list':
        return this.passkeys.size === 0
          ? refused('no WebAuthn credentials in database')
          : said(
              [...this.passkeys]
                .map(([one, key], index) => `${index}    auth    ${key}    My key    ${one}\n`)
                .join(''),
            );
      case 'identifiers add':
        return this.#addSubject(name);
      default:
        return refused(`unknown command ${command.join(' ')}`);
    }
  };

  #addSubject(name: string): ExecResult {
    if (this.subjects.has(name) || this.refusing.has(name)) return refused('UNIQUE constraint failed');
    const subject = `00000000-0000-4000-8000-${String((this.#serial += 1)).padStart(12, '0')}`;
    this.subjects.set(name, subject);
    return said(
      `Added User Opaque Identifier:\n\tService: openid\n\tUsername: ${name}\n\tIdentifier: ${subject}\n`,
    );
  }

  #export(): ExecResult {
    if (this.subjects.size === 0) return refused('no data to export');
    const rows = [...this.subjects].map(
      ([name, subject]) =>
        `    - service: openid\n      sector_id: ""\n      username: ${name}\n      identifier: ${subject}\n`,
    );
    return said(`identifiers:\n${rows.join('')}`);
  }
}

function said(stdout: string): ExecResult {
  return { code: 0, stdout, stderr: '' };
}

function refused(why: string): ExecResult {
  return { code: 1, stdout: '', stderr: `Error: ${why}\nUsage:\n` };
}

/** The port's in-memory twin. */
export class FakeGitlabPeople implements GitlabPeople {
  everybody: readonly GitlabPerson[] = [somebody({ id: 1, username: 'root', admin: true })];
  allGroups: readonly GitlabGroup[] = [];
  /** Of every change that was asked for. */
  readonly calls: string[] = [];
  /** Names that GitLab does not take. */
  readonly reserved = new Set<string>();
  isUp = true;
  #serial = 100;

  connect: ConnectGitlabPeople = () => this;

  account(username: string): GitlabPerson | undefined {
    return this.everybody.find((one) => one.username === username);
  }

  self = (): Promise<number> => this.#ask(() => 1);
  people = (): Promise<readonly GitlabPerson[]> => this.#ask(() => this.everybody);
  groups: GitlabPeople['groups'] = ({ paths, ids }) =>
    this.#ask(() => this.allGroups.filter(({ id, path }) => ids.includes(id) || paths.includes(path)));

  create = (person: NewGitlabPerson): Promise<GitlabPerson> =>
    this.#do(`create ${person.username}`, () => {
      const isTaken = this.everybody.some(
        (one) =>
          one.email === person.email || one.username === person.username || one.subject === person.subject,
      );
      if (isTaken || this.reserved.has(person.username))
        throw new AutoGitError({
          key: 'gitlab.refused',
          message: 'username is a reserved name',
          next: 'Another.',
        });
      const made = somebody({ ...person, id: (this.#serial += 1) });
      this.everybody = [...this.everybody, made];
      return made;
    });

  change: GitlabPeople['change'] = (id, change) =>
    this.#do(`change ${id} ${Object.keys(change).join(' ')}`, () => this.#set(id, change));
  block = (id: number): Promise<void> => this.#do(`block ${id}`, () => this.#set(id, { state: 'blocked' }));
  unblock = (id: number): Promise<void> =>
    this.#do(`unblock ${id}`, () => this.#set(id, { state: 'active' }));
  addMember = (group: number, person: number): Promise<void> =>
    this.#do(`join ${group} ${person}`, () => this.#member(group, person, 30));
  removeMember = (group: number, person: number): Promise<void> =>
    this.#do(`leave ${group} ${person}`, () => this.#member(group, person, null));

  #set(id: number, change: Partial<GitlabPerson>): void {
    this.everybody = this.everybody.map((one) => (one.id === id ? { ...one, ...change } : one));
  }

  #member(group: number, person: number, level: number | null): void {
    this.allGroups = this.allGroups.map((one) =>
      one.id !== group
        ? one
        : {
            ...one,
            members: [
              ...one.members.filter(({ id }) => id !== person),
              ...(level === null ? [] : [{ id: person, level }]),
            ],
          },
    );
  }

  async #do<T>(call: string, effect: () => T): Promise<T> {
    this.calls.push(call);
    return this.#ask(effect);
  }

  async #ask<T>(effect: () => T): Promise<T> {
    if (!this.isUp)
      throw new AutoGitError({
        key: 'gitlab.unreachable',
        message: 'GitLab does not answer.',
        next: 'Wait.',
        retry: true,
      });
    return effect();
  }
}

/** Somebody of GitLab of whom only this matters. */
export function somebody(given: Partial<GitlabPerson> & Pick<GitlabPerson, 'id' | 'username'>): GitlabPerson {
  const { username } = given;
  return {
    ...{
      name: username,
      email: `${username}@gitlab.test`,
      state: 'active',
      admin: false,
      isBot: false,
      subject: null,
    },
    ...given,
  };
}

/** Somebody of the lab of whom only this matters. */
export function aPerson(given: Partial<Person> & Pick<Person, 'name'>): Person {
  const { name } = given;
  return { displayName: name, email: `${name}@lab.home.arpa`, groups: [], disabled: false, ...given };
}
