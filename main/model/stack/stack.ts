// The stack as data: what the machine offers it, what is rendered, what is there, what a plan would change.
import type { Issue } from '../issue.ts';
import type { AnswerValue, Preset, StackAnswers } from './answers.ts';

/** What of the machine and its engine decides about a stack. `null`: not known. */
export interface StackFacts {
  readonly memoryBytes: number | null;
  readonly threads: number | null;
  /** The first IPv4 address of this machine in its network. */
  readonly address: string | null;
  readonly address6: string | null;
  /** `Europe/Berlin`. */
  readonly timezone: string | null;
  /** Name servers the machine asks, without loopback addresses. */
  readonly resolvers: readonly string[];
  /** Networks that the machine reaches or its engine has, without those of this stack: `192.168.1.0/24`. */
  readonly subnets: readonly string[];
  /** Subnets that networks of this stack have or had, by the networks' names: `autogit-lab_edge`. Missing: none. */
  readonly kept?: Readonly<Record<string, string>>;
  /** Names of those networks that the engine has now. Missing: none. */
  readonly standing?: readonly string[];
  readonly engine: {
    readonly kind: 'docker' | 'podman';
    readonly rootless: boolean;
    readonly version: string;
    readonly apiVersion: string;
    /** In Docker's words: `amd64`. */
    readonly architecture: string;
    /** File path of its socket on this machine; `null`: it is elsewhere. */
    readonly socket: string | null;
    readonly lowestPort: number | null;
    /** False: nobody runs health checks there. Missing: somebody does. */
    readonly checksHealth?: boolean;
    /** It confines containers with SELinux: only what is labelled for them may be mounted. Missing: no. */
    readonly selinux?: true;
  } | null;
  readonly compose: { readonly version: string } | null;
  /** Ways to certificates of Let's Encrypt that have worked (`acmeWay`). Missing: none. */
  readonly acmeProven?: readonly string[];
  /** The user AutoGit runs as. */
  readonly uid: number | null;
  readonly gid: number | null;
  /** What the file says that the answers name as root of the directory of people. Missing: they name none. */
  readonly directoryRoot?: DirectoryRoot;
  /** What the file says that the answers name as root of another provider of sign-in. Missing: they name none. */
  readonly oidcRoot?: DirectoryRoot;
}

/** Certificates as the lines between their marks, or why they cannot be used. */
export type DirectoryRoot =
  | { readonly certificates: readonly (readonly string[])[]; readonly problem?: undefined }
  | { readonly certificates?: undefined; readonly problem: Omit<AnswerProblem, 'field'> };

/** A file of the stack's folder as it should be. */
export interface RenderedFile {
  /** Below the stack's folder, with `/`: `gitlab/gitlab.rb`. */
  readonly path: string;
  readonly content: string;
  readonly mode: 0o644 | 0o600;
  readonly template: string;
  /** Written only where it is missing: from then on it belongs to its service, which changes it. */
  readonly once?: true;
}

/** A secret, which lies in a file of its own, `secrets/<name>`, mode 0600. Its value is nowhere in the plan. */
export interface NeededSecret {
  readonly name: string;
  readonly kind: 'random' | 'password' | 'rsa-key' | 'pbkdf2-of' | 'argon2id-of' | 'asked';
  readonly of: string | null;
  readonly label: string;
  readonly template: string;
}

export interface RenderedService {
  readonly name: string;
  readonly template: string;
  readonly image: string;
  /** Of the whole service as it will run, files it reads and secrets it has included: another hash, another container. */
  readonly hash: string;
  /** Paths of rendered files that it reads; a change of one restarts it. */
  readonly files: readonly string[];
  readonly secrets: readonly string[];
  /** By its template; where nobody runs health checks, its container has none. */
  readonly hasHealthCheck: boolean;
  /** Reads the root to trust, once, when it starts. */
  readonly readsRoot?: true;
  /** Names of the labels that its container has by compose.yaml. Missing: none. */
  readonly labels?: readonly string[];
  /** Another image of it may migrate its data: an older one cannot come back over that. */
  readonly keepsForward?: true;
  /** Versions, oldest first, at which another image of it has to stop on its way: `18.5`. */
  readonly stops?: readonly string[];
}

export interface RenderedPort {
  readonly port: number;
  readonly protocol: 'tcp' | 'udp';
  /** Address it is published on: `192.168.1.10`, `0.0.0.0`. */
  readonly address: string;
  readonly service: string;
  readonly what: string;
}

export interface RenderedImage {
  readonly reference: string;
  readonly bytes: number;
  readonly services: readonly string[];
}

/** Something a template wants beyond the rules; shown in red, and given only where `grants` names it. */
export interface WantedGrant {
  /** `monitoring: host root mount` */
  readonly grant: string;
  readonly why: string;
  readonly given: boolean;
}

export interface RenderedMilestone {
  readonly key: string;
  readonly service: string;
  readonly waiting: string;
  readonly usually: string;
  readonly log: string | null;
}

/** A name below the lab's domain, and where it leads. */
export interface RenderedName {
  readonly name: string;
  readonly what: string;
  readonly addresses: readonly string[];
}

/** The whole stack as it should be. Pure result of answers, templates and facts; the same in, the same out. */
export interface RenderedStack {
  /** Compose project: `autogit-<lab>`. */
  readonly project: string;
  readonly lab: string;
  readonly domain: string;
  readonly preset: Preset;
  /** `https://gitlab.lab.home.arpa`, with the port where it is another. */
  readonly gitlabUrl: string;
  /** Address of GitLab's SSH: `ssh://git@gitlab.lab.home.arpa:2222`. */
  readonly sshUrl: string;
  readonly data: string;
  /** Answers with every default filled in. */
  readonly answers: StackAnswers;
  readonly templates: readonly string[];
  readonly services: readonly RenderedService[];
  readonly files: readonly RenderedFile[];
  readonly secrets: readonly NeededSecret[];
  readonly images: readonly RenderedImage[];
  readonly ports: readonly RenderedPort[];
  /** Absolute paths. */
  readonly folders: readonly { readonly path: string; readonly holds: string }[];
  readonly networks: readonly {
    /** As the engine knows it: `autogit-lab_edge`. */
    readonly name: string;
    readonly subnet: string;
    readonly what: string;
  }[];
  readonly names: readonly RenderedName[];
  readonly milestones: readonly RenderedMilestone[];
  /** Regular expressions by service. */
  readonly harmless: Readonly<Record<string, readonly string[]>>;
  readonly grants: readonly WantedGrant[];
  readonly memory: { readonly leastMiB: number; readonly usualMiB: number };
  /** Let's Encrypt's staging authority is asked first: once that has worked, the stack is rendered for the real one. */
  readonly isTrial?: true;
}

/** What rendering answers: a stack, or everything that is wrong with the answers, each with the field. */
export type Rendering =
  | { readonly ok: true; readonly stack: RenderedStack; readonly warnings: readonly Issue[] }
  | { readonly ok: false; readonly problems: readonly AnswerProblem[] };

export interface AnswerProblem {
  /** Path of the answer: `domain`, `templates.mail.host`. */
  readonly field: string;
  /** Stable, documented in docs/errors.md: `stack.name-underscore`. */
  readonly key: string;
  readonly message: string;
  readonly next: string;
}

/** A file as it lies in the stack's folder. */
export interface PresentFile {
  readonly path: string;
  readonly content: string;
  /** Hex SHA-256 of the content. */
  readonly hash: string;
}

/** What is there of a stack. */
export interface StackPresent {
  /** Answers of the last `up` that was begun; `null`: none. */
  readonly answers: StackAnswers | null;
  /** Files in the stack's folder; `null`: there is no such folder. Never those below `secrets/`. */
  readonly files: readonly PresentFile[] | null;
  /** What AutoGit wrote last: path to hash. */
  readonly written: Readonly<Record<string, string>>;
  /** Names of the secrets that exist. */
  readonly secrets: readonly string[];
  /** References that the engine has; `null`: nobody could ask. */
  readonly images: readonly string[] | null;
  /** Containers of the Compose project; `null`: nobody could ask. */
  readonly containers: readonly StackContainer[] | null;
  /** Hash that each service was last started with, by name. */
  readonly started: Readonly<Record<string, string>>;
  /** Of the folders for data those that exist, absolute. Missing: not looked at. */
  readonly folders?: readonly string[];
  /** Services that have to be started anew though nothing of theirs changes, each with why. Missing: none. */
  readonly restarts?: Readonly<Record<string, string>>;
  /** Image that has written each service's data last, by service; missing: not known. */
  readonly dataImages?: Readonly<Record<string, string>>;
  /** The project of the lab's former name; missing: the lab has kept its name. */
  readonly former?: {
    readonly project: string;
    /** `null`: nobody could ask. */
    readonly containers: readonly StackContainer[] | null;
  };
}

export interface StackContainer {
  readonly id: string;
  readonly name: string;
  readonly service: string;
  readonly image: string;
  readonly state: 'created' | 'running' | 'paused' | 'restarting' | 'removing' | 'exited' | 'dead';
  /** `none`: it has no health check. */
  readonly health: 'none' | 'starting' | 'healthy' | 'unhealthy';
  readonly exitCode: number | null;
  /** Milliseconds since 1970; `null`: not started or not told. */
  readonly startedAt: number | null;
  /** How often the engine has restarted it; `null`: not told. */
  readonly restarts: number | null;
}

export interface FileChange {
  readonly path: string;
  readonly change: 'create' | 'update' | 'remove' | 'same';
  /** A person has changed it since AutoGit wrote it, or made it: it is never overwritten without an answer. */
  readonly byHand: boolean;
  /** Unified diff from what is there to what would be; '' for `same`. */
  readonly diff: string;
}

export interface ServiceChange {
  readonly service: string;
  readonly change: 'create' | 'recreate' | 'restart' | 'start' | 'remove' | 'none';
  readonly why: string;
  /** How long it will not answer, about; seconds. */
  readonly awaySeconds: number;
}

export interface AnswerChange {
  /** `policy.sessionDays` */
  readonly path: string;
  readonly from: string;
  readonly to: string;
}

/** What `up` would do. */
export interface StackPlan {
  readonly project: string;
  readonly folder: string;
  readonly gitlabUrl: string;
  readonly preset: Preset;
  readonly files: readonly FileChange[];
  readonly services: readonly ServiceChange[];
  readonly pulls: readonly { readonly reference: string; readonly bytes: number }[];
  readonly newFolders: readonly { readonly path: string; readonly holds: string }[];
  readonly newSecrets: readonly { readonly name: string; readonly label: string }[];
  /** Secrets only the person has: `up` cannot go on without. */
  readonly askedSecrets: readonly { readonly name: string; readonly label: string }[];
  readonly ports: readonly RenderedPort[];
  readonly names: readonly RenderedName[];
  readonly networks: RenderedStack['networks'];
  readonly grants: readonly WantedGrant[];
  /** Answers that are others than before, also those that no file shows. Missing: none. */
  readonly answers?: readonly AnswerChange[];
  /** What stands against it (errors) or should be known. */
  readonly issues: readonly Issue[];
  /** Nothing at all would be done. */
  readonly isNothing: boolean;
  /** Stable over the same plan: what a person has agreed to. */
  readonly hash: string;
}

/** The steps of `up`, in their order; each is journalled. */
export const stackSteps = [
  ...['preflight', 'folders', 'secrets', 'files', 'pull', 'start', 'health', 'configure', 'runners'],
] as const satisfies readonly string[];
export type StackStep =
  'preflight' | 'folders' | 'secrets' | 'files' | 'pull' | 'start' | 'health' | 'configure' | 'runners';

export type StackVerb = 'up' | 'down' | 'restart' | 'destroy';

/** One go at `up`, `down`, `restart` or `destroy`, as the store keeps it. */
export interface StackRun {
  readonly id: number;
  readonly verb: StackVerb;
  readonly answers: StackAnswers;
  /** Options of the verb. */
  readonly wish: StackWish;
  readonly startedAt: number;
  readonly endedAt: number | null;
  /** `done`, `rolled-back`, or the key of the error that ended it; `null`: goes on, or was killed. */
  readonly outcome: string | null;
  readonly steps: readonly StackStepRecord[];
  /** Why it could not go on; missing: nothing stood against it. */
  readonly failure?: StackFailure;
  /** Services that its start has to restart; missing: none. */
  readonly restarts?: readonly string[];
}

/** An error that ended a run, as data. */
export interface StackFailure {
  readonly step: StackStep;
  readonly key: string;
  readonly message: string;
  readonly next: string;
}

export interface StackWish {
  /** Paths of files that a person changed and that may be overwritten (`replace`) or stay (`keep`). */
  readonly files: Readonly<Record<string, 'replace' | 'keep'>>;
  /** `restart`: these services; empty: all. `up`: these are restarted where it does not start them anew. */
  readonly services: readonly string[];
  /** `destroy`: data, too. */
  readonly deleteData: boolean;
  /** `up`: without the backup that is made before an upgrade. Missing: with it. */
  readonly withoutBackup?: boolean | undefined;
}

export interface StackStepRecord {
  readonly step: StackStep;
  readonly startedAt: number;
  /** `null`: began and did not end. */
  readonly endedAt: number | null;
}

/** What is told while a run goes on. */
export interface StackProgress {
  readonly run: number;
  readonly verb: StackVerb;
  readonly step: StackStep | null;
  /** One sentence: `GitLab is migrating its database, usually 3-5 minutes on this machine`. */
  readonly message: string;
  /** Bytes of `pull`, by image and by layer. */
  readonly pulls: readonly PullState[];
  readonly outcome: string | null;
  readonly error: { readonly key: string; readonly message: string; readonly next: string } | null;
}

export interface PullState {
  readonly reference: string;
  readonly layers: readonly {
    readonly id: string;
    readonly status: string;
    readonly current: number;
    readonly total: number;
  }[];
  readonly current: number;
  readonly total: number;
  readonly done: boolean;
}

export type { AnswerValue };
