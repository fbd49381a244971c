// The edges of a stack as small interfaces: Compose, the folder of rendered files, certificates, GitLab's administrator, names.
import type { CertificateFacts, ChainEnd } from './model/stack/certificate-facts.ts';
import type { StackAnswers } from './model/stack/answers.ts';
import type { SignInRecord } from './model/stack/sign-in-test.ts';
import type {
  PullState,
  StackContainer,
  StackFailure,
  StackRun,
  StackStep,
  StackVerb,
  StackWish,
} from './model/stack/stack.ts';
import type { DoorAnswer } from './model/stack/surroundings.ts';
import type { TemplateSource } from './model/stack/template.ts';

/** A stack's folder and its project: what every call of Compose begins with. */
export interface ComposeProject {
  readonly name: string;
  /** Absolute; holds `compose.yaml`. */
  readonly folder: string;
  /** Address of the engine: `unix:///run/user/1000/docker.sock`. */
  readonly engine: string;
}

/** One thing Compose has told about its progress. */
export interface ComposeEvent {
  /** `Container autogit-lab-gitlab-1` */
  readonly id: string;
  /** `Creating`, `Started`. */
  readonly text: string;
}

/**
 * The Compose plugin. Every method may reject with `compose.missing`, `compose.old`, `compose.failed` (its own last
 * words in the message), `compose.timeout`, `engine.unreachable`, `engine.permission`, `engine.no-space`,
 * `engine.image-missing`.
 */
export interface Compose {
  /** `2.40.3`. Rejects with `compose.missing`; `compose.v1` where only the Python one is there. */
  version(): Promise<string>;
  /** Rejects with `compose.invalid` and Compose's own words when it does not accept the files. */
  check(project: ComposeProject): Promise<void>;
  /**
   * Makes and starts what is missing or changed, removes what is no longer in the file; does not wait for health and pulls
   * nothing. `changed`: of what is there, these services alone are made anew, whatever Compose sees; `null`: what it sees.
   * Rejects with `compose.port-taken`, and with the signal's reason when that fires.
   */
  up(
    project: ComposeProject,
    onEvent: (event: ComposeEvent) => void,
    signal: AbortSignal,
    changed?: readonly string[] | null,
  ): Promise<void>;
  /** Removes containers and networks; volumes too with `volumes`. Nothing there is success. Rejects with the signal's reason. */
  down(project: ComposeProject, options: { readonly volumes: boolean }, signal?: AbortSignal): Promise<void>;
  /** Rejects with the signal's reason when that fires. */
  restart(project: ComposeProject, services: readonly string[], signal?: AbortSignal): Promise<void>;
  /** All containers of the project, also those that have ended. */
  containers(project: ComposeProject): Promise<readonly StackContainer[]>;
  /**
   * What services have printed, newest last; `lines` of each container at most. One service's lines come as it printed
   * them; of several, or all (`[]`), each begins with its container: `gitlab-1  | `.
   */
  logs(project: ComposeProject, services: readonly string[], lines: number): Promise<string>;
  /** Follows until `signal` fires, or all its containers have ended; begins with the last `lines` (default 0) of each. */
  follow(
    project: ComposeProject,
    services: readonly string[],
    onLine: (line: string) => void,
    signal: AbortSignal,
    lines?: number,
  ): Promise<void>;
  /**
   * Runs a program in a service's container, with `input` on its standard input, never in its arguments. At the deadline
   * (`compose.timeout`), or when the signal fires (with its reason), nobody waits for it any longer; in the container it may go on.
   */
  exec(
    project: ComposeProject,
    service: string,
    command: readonly string[],
    input: string,
    deadlineMs: number,
    signal?: AbortSignal,
  ): Promise<{ readonly code: number; readonly stdout: string; readonly stderr: string }>;
}

/** Images of a stack at the engine, with progress by layer. */
export interface StackImages {
  has(reference: string): Promise<boolean>;
  /** Labels of an image that is there, which its containers get, too. */
  labels(reference: string): Promise<Readonly<Record<string, string>>>;
  /** Rejects with `engine.pull-stalled` when nothing comes for a minute, `engine.no-space`, `engine.image-missing`. */
  pull(reference: string, onProgress: (state: PullState) => void, signal: AbortSignal): Promise<void>;
}

/** Folders of a stack on this machine. Every method may reject with `stack.no-space`, `stack.no-access`, `stack.read-only`. */
export interface StackFolder {
  /** `<home>/stack/<lab>`. */
  pathOf(lab: string): string;
  /** Content of every file but those below `secrets/` and the keys below `tls/`; `null`: there is no such folder. A symbolic link rejects with `stack.link`. */
  read(lab: string): Promise<readonly { readonly path: string; readonly content: string }[] | null>;
  /** Whole or not at all, durable when it resolves; through no symbolic link. The same again leaves the file as it is. */
  write(lab: string, path: string, content: string, mode: number): Promise<void>;
  remove(lab: string, path: string): Promise<void>;
  /** Keeps the present files as they are under `.previous/`, for going back. */
  keepPrevious(lab: string): Promise<void>;
  /** Files kept last; `null`: none. */
  previous(lab: string): Promise<readonly { readonly path: string; readonly content: string }[] | null>;
  /** Makes a folder for data, with AutoGit's mark (`.autogit-data`) where it is new, or empty and may be written to; true: it was not there. */
  makeData(path: string, owner: { readonly mode: number }): Promise<boolean>;
  /** Whether a folder is there, and whether it has something in it; follows no link. */
  look(path: string): Promise<{
    readonly exists: boolean;
    readonly empty: boolean;
    /** Whether AutoGit's mark is in it. Missing: nobody may look. */
    readonly isMarked?: boolean;
  }>;
  /** Removes the folder of rendered files. */
  removeStack(lab: string): Promise<void>;
  /**
   * Removes a data folder with all that is in it. Only ones with AutoGit's mark in them: `stack.data-not-ours`;
   * `stack.data-mounted` where another disk is mounted in it. Gone already is success.
   */
  removeData(path: string): Promise<void>;
}

/** Where templates come from: ours, and folders of a person's own below `<home>/templates`. */
export interface Templates {
  /** Rejects with `template.invalid`, which names folder and field. */
  read(): Promise<readonly TemplateSource[]>;
}

/** Keys, digests and certificates. */
export interface Crypto {
  random(length: number): string;
  rsaKey(): Promise<string>;
  /** `$pbkdf2-sha512$310000$<salt>$<digest>`, as Authelia reads it. */
  pbkdf2(secret: string): Promise<string>;
  /** `$argon2id$v=19$m=65536,t=3,p=4$…` */
  argon2id(password: string): Promise<string>;
  /** A root for one domain, addresses of private networks and these (name constraints), 10 years. PEM. */
  authority(
    name: string,
    domain: string,
    now: number,
    addresses?: readonly string[],
  ): Promise<{ readonly certificate: string; readonly key: string }>;
  /**
   * A leaf for these names and addresses, 397 days; addresses that the root may not sign for are left out. PEM, the root
   * not included.
   */
  leaf(
    authority: { readonly certificate: string; readonly key: string },
    names: readonly string[],
    now: number,
  ): Promise<{ readonly certificate: string; readonly key: string }>;
  /** What a certificate says. Rejects with `stack.certificate-invalid`. */
  read(
    certificate: string,
  ): Promise<{ readonly names: readonly string[]; readonly from: number; readonly to: number }>;
  /** All certificates of a PEM file, in its order. Rejects with `stack.certificate-invalid`. */
  describe(certificates: string): Promise<readonly CertificateFacts[]>;
  /** Why a private key cannot be read; `null`: it can. Never rejects. */
  keyProblem(key: string): Promise<string | null>;
  /** Whether a key belongs to a certificate. Rejects with `stack.certificate-invalid` for what is no key, or is encrypted. */
  matches(certificate: string, key: string): Promise<boolean>;
  /**
   * Where the chain of a certificate leads. `certificate`: its own first, then those that lead to its root; `known`: others
   * that may be used on the way, and roots that are trusted; `now`: instant for which it has to hold. Rejects with
   * `stack.certificate-invalid`.
   */
  trace(certificate: string, known: string | null, now: number): Promise<ChainEnd>;
}

/** Settings of a GitLab that AutoGit keeps, in GitLab's own words. */
export type GitlabPolicy = Readonly<Record<string, string | number | boolean | readonly string[]>>;

/** A GitLab as its administrator sees it. May reject like `Gitlab`. */
export interface GitlabAdmin {
  /** `19.3.0`; whether the token's user is an administrator, and the token's scopes. */
  who(): Promise<{
    readonly version: string;
    readonly username: string;
    readonly admin: boolean;
    readonly scopes: readonly string[];
    /** Milliseconds since 1970; `null`: never. */
    readonly expiresAt: number | null;
  }>;
  settings(): Promise<GitlabPolicy>;
  changeSettings(change: GitlabPolicy): Promise<GitlabPolicy>;
  /** A new token in place of the one in use, which ends. */
  rotateToken(expiresAt: number): Promise<string>;
  setEmail(email: string): Promise<void>;
  systemHooks(): Promise<readonly { readonly id: number; readonly url: string }[]>;
  addSystemHook(url: string, token: string): Promise<void>;
  /** Gone already is success. */
  removeSystemHook(id: number): Promise<void>;
}

/** `ca`: PEM of a root to trust besides the public ones; `reach`: connect there whatever the name says, `host:port`. */
export type ConnectGitlabAdmin = (
  address: { readonly url: string; readonly ca: string | null; readonly reach: string | null },
  token: string,
) => GitlabAdmin;

/** A record at a provider of names. */
export interface DnsRecord {
  readonly name: string;
  readonly type: 'A' | 'AAAA';
  readonly value: string;
  readonly ttl: number;
}

/** Rejects with `names.provider-refused`, `names.provider-unreachable` (retry), `names.no-such-zone`. */
export interface DnsProvider {
  /** Every record of type A and AAAA; one that is behind a proxy, or a CNAME in its place, says so in its value. */
  records(): Promise<readonly DnsRecord[]>;
  /**
   * One that is there already is success. Rejects with `names.record-differs` where somebody else has made another one for
   * the name, unless it may be replaced.
   */
  put(record: DnsRecord, options?: { readonly replace?: boolean }): Promise<void>;
}
/** `credentials` by the names lego has for them: `CF_DNS_API_TOKEN`; `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`. */
export type ConnectDnsProvider = (
  provider: 'cloudflare' | 'route53',
  zone: string,
  credentials: Readonly<Record<string, string>>,
) => DnsProvider;

/**
 * Asks an address of the stack once for its first page, as a browser would, whatever its certificate says. Connects to
 * `reach` instead of what the name leads to. Sends nothing secret. Never rejects.
 */
export type LookAtDoor = (
  url: string,
  reach: { readonly host: string; readonly port: number },
) => Promise<DoorAnswer>;

/** What answers where git asks over SSH. */
export interface SshAnswer {
  /** `SSH-2.0-OpenSSH_9.6`; `null`: nothing there speaks SSH. */
  readonly banner: string | null;
  /** Why there is no banner. */
  readonly why: string | null;
  /** Keys by which the server is known; `[]`: nobody could ask for them. */
  readonly keys: readonly { readonly type: string; readonly fingerprint: string }[];
}

/** Connects to a port and reads what it says first. Never rejects. */
export type LookAtSsh = (host: string, port: number) => Promise<SshAnswer>;

/** Asks one name server. Resolves with `[]` for a name that is not there; rejects with `names.no-answer`. */
export interface Resolver {
  /** `server`: `192.168.1.1` or `192.168.1.1:5353`; `null`: as programs of this machine resolve names. */
  resolve(name: string, type: 'A' | 'AAAA', server: string | null): Promise<readonly string[]>;
}

/** The stack that is to go on serving, whatever becomes of a run. */
export interface StackStanding {
  /** With which it last came up whole. */
  readonly answers: StackAnswers;
  /** False after `down`. */
  readonly isUp: boolean;
  /** Its files were kept (`StackFolder.previous`), because those in the folder are being replaced. */
  readonly isKept: boolean;
  /** Hash each service had then, by name. */
  readonly services: Readonly<Record<string, string>>;
  /** Image that has written each service's data last, by name; missing: not known. */
  readonly images?: Readonly<Record<string, string>> | undefined;
  /** What AutoGit had written when its files were kept: path to hash; missing: not known. */
  readonly written?: Readonly<Record<string, string>> | undefined;
  /** Root and certificate that it was served with; missing: not known. */
  readonly trust?: StackTrust | undefined;
  /** Another version has been started on its data and may have migrated it: there is no way back. */
  readonly isOutgrown?: boolean | undefined;
}

/** Contents of two files of a stack's folder; `null`: there was none. */
export interface StackTrust {
  /** `ca.crt` */
  readonly root: string | null;
  /** The file that tells Traefik which certificate to serve. */
  readonly served: string | null;
}

/** A lab with its data, such as one that gives its place to one of another name. */
export interface FormerLab {
  readonly lab: string;
  readonly data: string;
}

/** The journal of stacks. Every write has reached the disk when the method returns. */
export interface StackJournal {
  /** One that is still open ends as `interrupted`, also one that cannot be read. Restarts that the last one has left undone are the new one's. */
  begin(run: {
    readonly verb: StackVerb;
    readonly answers: StackAnswers;
    readonly wish: StackWish;
    readonly at: number;
  }): number;
  /** The one that has not ended; `null`: none. */
  open(): StackRun | null;
  last(verb?: StackVerb): StackRun | null;
  stepBegan(run: number, step: StackStep, at: number): void;
  stepEnded(run: number, step: StackStep, at: number): void;
  /** Why the run cannot go on: from now on it turns back. The first reason stays. */
  failed(run: number, failure: StackFailure): void;
  /** Services that must be restarted because a file they read was written anew; `[]`: it was done. */
  setRestarts(run: number, services: readonly string[]): void;
  end(run: number, outcome: string, at: number): void;
  /** What AutoGit wrote last, by path. */
  written(lab: string): Readonly<Record<string, string>>;
  /** A write of this file begins: whatever lies there until `wrote`, it is no person's. */
  writing(lab: string, path: string): void;
  /** Files of which a write has begun and not ended. */
  unfinished(lab: string): readonly string[];
  /** `hash` null: the file was removed. */
  wrote(lab: string, path: string, hash: string | null): void;
  /** Hash each service was last started with. */
  started(lab: string): Readonly<Record<string, string>>;
  setStarted(lab: string, services: Readonly<Record<string, string>>): void;
  /** Answers of the last `up` that was begun, unless it was taken back; `null`: none. */
  current(): StackAnswers | null;
  setCurrent(answers: StackAnswers | null): void;
  /** Labs of other names whose containers may still be there, oldest first. */
  former(): readonly FormerLab[];
  setFormer(labs: readonly FormerLab[]): void;
  /** Labs whose files and secrets may be here, each with the data that it had last; the one of the last `up` comes last. */
  labs(): readonly FormerLab[];
  setLabs(labs: readonly FormerLab[]): void;
  /** `null`: none has come up whole yet. */
  standing(): StackStanding | null;
  setStanding(standing: StackStanding | null): void;
  /** What has become of the newest tries to sign in; `null`: none. */
  signInTests(): SignInRecord | null;
  setSignInTests(record: SignInRecord): void;
}
