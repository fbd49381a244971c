// People of a lab: as Authelia's file has them, as GitLab knows them, and what may be changed of them.

/** The group whose people administrate GitLab and see the dashboards. */
export const adminGroup = 'admins';

/** What GitLab calls the provider through which people sign in. https://docs.gitlab.com/administration/auth/oidc/ */
export const identityProvider = 'openid_connect';

export interface Person {
  /** By which they sign in. */
  readonly name: string;
  readonly displayName: string;
  /** '' where none is known. */
  readonly email: string;
  readonly groups: readonly string[];
  readonly disabled: boolean;
}

/** One change of the file of people. `digest`: of a password, as Authelia reads it. */
export type PersonEdit =
  | { readonly kind: 'add'; readonly person: Person; readonly digest: string }
  | { readonly kind: 'disabled'; readonly name: string; readonly disabled: boolean }
  | { readonly kind: 'digest'; readonly name: string; readonly digest: string }
  | { readonly kind: 'groups'; readonly name: string; readonly groups: readonly string[] }
  | { readonly kind: 'remove'; readonly name: string };

export interface GitlabPerson {
  readonly id: number;
  readonly username: string;
  readonly name: string;
  readonly email: string;
  /** `other`: banned, or waiting for somebody's approval. */
  readonly state: 'active' | 'blocked' | 'other';
  readonly admin: boolean;
  /** Of a project or a group, or GitLab's own. */
  readonly isBot: boolean;
  /** Whom Authelia means by them (`sub`); `null`: GitLab has not been told. */
  readonly subject: string | null;
}

/** A group of GitLab with those who are in it by themselves. */
export interface GitlabGroup {
  readonly id: number;
  readonly path: string;
  readonly members: readonly { readonly id: number; readonly level: number }[];
}

/** What AutoGit has done for a person at GitLab: only that is undone by itself. */
export interface PersonMemory {
  readonly subject: string | null;
  /** The account is theirs by more than its address, which whoever has it may set: AutoGit has made it, or somebody has said so. */
  readonly sure: boolean;
  /** AutoGit has let them in no longer. */
  readonly blocked: boolean;
  /** AutoGit has made them an administrator. */
  readonly admin: boolean;
  /** Numbers of the groups into which AutoGit has put them. */
  readonly groups: readonly number[];
  /** What AutoGit has told GitLab last; `null`: nothing. */
  readonly told: { readonly name: string; readonly email: string } | null;
  /** Taken out by `user.remove`. */
  readonly removed: boolean;
}

/** By the name of the person. */
export type PeopleMemory = Readonly<Record<string, PersonMemory>>;

/** Of somebody for whom nothing has been done yet. */
export const noMemory: PersonMemory = {
  ...{ subject: null, sure: false, blocked: false, admin: false, groups: [], told: null, removed: false },
};

/** Somebody may be called like something that every object has (`constructor`). */
export function memoryOf(memory: PeopleMemory, name: string): PersonMemory {
  return (Object.hasOwn(memory, name) ? memory[name] : undefined) ?? noMemory;
}

/** With another memory of this person. */
export function withMemory(memory: PeopleMemory, name: string, one: PersonMemory): PeopleMemory {
  return { ...memory, [name]: one };
}

/** What a person has just asked for by name; it holds for one look, and nothing of it is left standing. */
export interface Asked {
  /** Let in at GitLab whoever has blocked them there. */
  readonly letIn: readonly string[];
  /** Whose account at GitLab is theirs, though AutoGit has found it by its address alone. */
  readonly confirm: readonly string[];
}

/** AutoGit looks by itself. */
export const nothingAsked: Asked = { letIn: [], confirm: [] };

export function isAdmin({ groups }: Pick<Person, 'groups'>): boolean {
  return groups.includes(adminGroup);
}

export function isSameText(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}

/** People as they are after these edits; one of somebody who is not there does nothing. */
export function withEdits(people: readonly Person[], edits: readonly PersonEdit[]): readonly Person[] {
  return edits.reduce<readonly Person[]>((present, edit) => {
    const changed = (change: Partial<Person>, name: string): readonly Person[] =>
      present.map((person) => (person.name === name ? { ...person, ...change } : person));
    switch (edit.kind) {
      case 'add':
        return [...present.filter(({ name }) => name !== edit.person.name), edit.person];
      case 'disabled':
        return changed({ disabled: edit.disabled }, edit.name);
      case 'groups':
        return changed({ groups: edit.groups }, edit.name);
      case 'digest':
        return present;
      case 'remove':
        return present.filter(({ name }) => name !== edit.name);
    }
  }, people);
}
