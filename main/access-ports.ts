// The edges of certificates and people as small interfaces: stores of roots, a shared page, directories, Authelia's people.
import type { PublicDomain, PublicName, TokenVerdict } from './model/stack/acme-outside.ts';
import type { SharedAnswer } from './model/shared-page.ts';
import type { LdapDirectory } from './model/stack/directory.ts';
import type { GitlabGroup, GitlabPerson, Person, PersonEdit } from './model/person.ts';
import type { StoreStep, TrustPlaceKind, TrustState } from './model/trust.ts';

/** One place where programs look for the roots they trust, as it is now. */
export interface TrustPlace {
  readonly id: string;
  readonly kind: TrustPlaceKind;
  readonly label: string;
  /** File or folder. */
  readonly path: string;
  readonly state: TrustState;
  /** Why nothing is known or nothing can be done; `null`: AutoGit can. */
  readonly why: string | null;
  /** Lines for a shell that do what AutoGit may not. */
  readonly commands: readonly string[];
}

/**
 * Does steps in their order, with the rights of AutoGit's user and nothing more. Rejects with `trust.step-failed` at the
 * first that fails; what was done before it stays.
 */
export type ChangeStore = (steps: readonly StoreStep[]) => Promise<void>;

/** A page that goes on answering until it is closed. */
export interface OpenPage {
  readonly port: number;
  /** Ends connections, too. */
  close(): Promise<void>;
}

/**
 * Answers plain HTTP at one address of this machine, on a free port: `GET` and `HEAD` of what `answer` knows (`null`: 404),
 * asked for by that very address; nothing that is sent is read. `agent`: as a browser names itself. Rejects with
 * `trust.share-failed`.
 */
export type ShowPage = (
  address: string,
  answer: (path: string, agent: string) => SharedAnswer | null,
) => Promise<OpenPage>;

/** A text as the rows of a QR code, '1' for dark; the light edge of four modules that a code needs is among them. */
export type RenderQr = (text: string) => readonly string[];

/** The people on file, as they were when it was read. */
export interface PeopleOnFile {
  readonly people: readonly Person[];
  /** Another one whenever the file has another content. */
  readonly mark: string;
}

/**
 * Authelia's file of people, which Authelia writes, too. Every method may reject with `user.no-access`, `user.file-invalid`
 * (with the line), `user.file-busy` (retry).
 */
export interface PeopleFile {
  /** `null`: there is none yet. */
  read(file: string): Promise<PeopleOnFile | null>;
  /**
   * Carries out what `decide` wants, and resolves when it stands in the file and Authelia has had the time to see it. `decide`
   * is given people as they are, again when somebody else has written meanwhile; what it throws is passed on, and nothing is
   * written. What AutoGit does not know in the file stays. Rejects with `user.no-file` where there is none.
   */
  change(
    file: string,
    decide: (people: readonly Person[]) => readonly PersonEdit[],
  ): Promise<readonly Person[]>;
}

/** Somebody for whom GitLab makes an account; `subject`: whom Authelia means by them. */
export interface NewGitlabPerson {
  readonly username: string;
  readonly name: string;
  readonly email: string;
  readonly admin: boolean;
  readonly subject: string;
}

/** GitLab's people, as its administrator sees and changes them. May reject like `Gitlab`, and with `gitlab.refused`. */
export interface GitlabPeople {
  /** Of whoever the token belongs to. */
  self(): Promise<number>;
  /** Everybody, also those who are blocked. */
  people(): Promise<readonly GitlabPerson[]>;
  /** Of groups at the top, those with one of these paths or numbers. */
  groups(wanted: {
    readonly paths: readonly string[];
    readonly ids: readonly number[];
  }): Promise<readonly GitlabGroup[]>;
  /** With a password that nobody knows, and without a letter to them. */
  create(person: NewGitlabPerson): Promise<GitlabPerson>;
  change(
    id: number,
    change: Partial<Pick<GitlabPerson, 'name' | 'email' | 'admin'>> & { readonly subject?: string },
  ): Promise<void>;
  block(id: number): Promise<void>;
  unblock(id: number): Promise<void>;
  /** As a developer. One who is in it already is success. */
  addMember(group: number, person: number): Promise<void>;
  /** Gone already is success. */
  removeMember(group: number, person: number): Promise<void>;
}

/** `ca`: PEM of a root to trust besides the public ones; `reach`: connect there whatever the name says, `host:port`. */
export type ConnectGitlabPeople = (
  address: { readonly url: string; readonly ca: string | null; readonly reach: string | null },
  token: string,
) => GitlabPeople;

/** A directory that is asked, and with what. */
export interface DirectoryQuestion {
  readonly directory: LdapDirectory;
  /** Of who searches. */
  readonly password: string;
  /** PEM of what is trusted besides the public roots; `null`: nothing. */
  readonly root: string | null;
}

/** Why nobody answers at a place of the network, in words; `null`: somebody does. Waits 3 s at most; never rejects. */
export type LookAtPlace = (place: { readonly host: string; readonly port: number }) => Promise<string | null>;

/** One thing that was tried of a directory. */
export interface DirectoryStep {
  /** `directory.bind` */
  readonly key: string;
  readonly label: string;
  readonly state: 'good' | 'warning' | 'bad' | 'skipped';
  /** What was found, in a sentence; never a password. */
  readonly message: string;
  readonly next: string | null;
}

/** Somebody in a directory, as Authelia would see them. */
export interface DirectoryPerson {
  readonly name: string;
  readonly displayName: string;
  /** '': the directory has none. */
  readonly email: string;
  readonly groups: readonly string[];
}

export interface DirectoryTest {
  /** In their order; those that one that failed left untried are `skipped`. */
  readonly steps: readonly DirectoryStep[];
  /** At most ten. */
  readonly people: readonly DirectoryPerson[];
}

/** LDAP directories: only read, referrals are never followed, and what they answer is bounded in size and time. */
export interface Directories {
  /** Does what Authelia would do; `search`: for this name, otherwise for anybody. Never rejects. */
  test(question: DirectoryQuestion, search: string | null): Promise<DirectoryTest>;
  /**
   * Everybody whom Authelia would let in, by name, at most 500; `isCut`: there are more. Rejects with
   * `directory.unreachable`, `directory.refused`.
   */
  people(
    question: DirectoryQuestion,
  ): Promise<{ readonly people: readonly DirectoryPerson[]; readonly isCut: boolean }>;
}

/** What an address has answered; wherever it leads, nobody has gone there. */
export interface WebAnswer {
  readonly status: number;
  /** Absolute; `null`: it leads nowhere. */
  readonly location: string | null;
  /** `Set-Cookie` lines. */
  readonly cookies: readonly string[];
  /** The beginning of it. */
  readonly text: string;
}

export interface WebQuestion {
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent by POST. Missing: GET. */
  readonly form?: Readonly<Record<string, string>>;
  /** Ends the waiting for an answer. */
  readonly signal?: AbortSignal;
}

/** `ca`: PEM of a root to trust besides the public ones; `connect`: connect there whatever the name says, `host:port`. */
export interface WebWay {
  readonly ca: string | null;
  readonly connect: string | null;
}

/** Pages of providers and of programs that people sign in to, as a browser would ask for them. */
export interface SignInWeb {
  /** Addresses of a name; `[]`: nobody knows it. Never rejects. */
  resolve(host: string): Promise<readonly string[]>;
  /** Rejects with `sso.certificate`, `sso.unreachable` (retry). */
  ask(url: string, question: WebQuestion, way: WebWay): Promise<WebAnswer>;
}

/**
 * Makes the record `_acme-challenge` of the domain with a value of its own and removes it again, or asks for the rights
 * where the provider tells them. `given`: secrets and options by lego's names. Never rejects.
 */
export type TryDnsToken = (
  provider: string,
  domain: string,
  given: Readonly<Record<string, string>>,
) => Promise<TokenVerdict>;

/** Asks name servers of the Internet, never those of this network, which may answer for the lab themselves. Never rejects. */
export interface LookOutside {
  domain(name: string): Promise<PublicDomain>;
  /** `null`: nobody could be asked. */
  name(name: string): Promise<PublicName | null>;
  /** The address by which this network is seen outside; `null`: nobody says. */
  ownAddress(): Promise<string | null>;
}
