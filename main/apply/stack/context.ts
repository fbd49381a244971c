// What every step of a stack works with, and what it must say while it goes on.
import { AutoGitError } from '../../errors.ts';
import type { Log } from '../../log.ts';
import type { Issue } from '../../model/issue.ts';
import { ownAddress } from '../../model/stack/answers.ts';
import type { PullState, RenderedStack, StackRun } from '../../model/stack/stack.ts';
import type { Clock, Secrets } from '../../ports.ts';
import type {
  Compose,
  ComposeProject,
  ConnectGitlabAdmin,
  Crypto,
  LookAtDoor,
  StackFolder,
  StackImages,
  StackJournal,
} from '../../stack-ports.ts';

/** A port of the stack that something else has; `holder`: a program or a container, as far as it is known. */
export interface TakenPort {
  readonly port: number;
  readonly protocol: 'tcp' | 'udp';
  readonly holder: string | null;
}

/** How a GitLab is reached from this machine. */
export interface GitlabPlace {
  readonly url: string;
  /** PEM of a root to trust besides the public ones; `null`: none. */
  readonly ca: string | null;
  /** Where to connect whatever the name says, `host:port`; `null`: where the name leads. */
  readonly reach: string | null;
}

/** What the home's settings get to know of the stack's GitLab. */
export interface StackGitlab {
  readonly url: string;
  /** Absolute path of the root's PEM; `null`: the public ones suffice. */
  readonly ca: string | null;
  /** The engine's network on which runners find it. */
  readonly network: string;
  readonly connect: string | null;
}

/**
 * How a pool stands with its proof. `skipped`: it cannot, or need not be proven. `stuck`: somebody has to mend something
 * before its proof goes on.
 */
export interface PoolProof {
  readonly pool: string;
  readonly state: 'proven' | 'failed' | 'running' | 'waiting' | 'stuck' | 'skipped';
  readonly sentence: string;
  readonly fix: string | null;
}

/** The home around the stack: its settings and its pools. */
export interface StackHome {
  /** Address of a GitLab that this home serves and that is not the stack's, or `the sandbox`; `null`: none. */
  otherGitlab(): string | null;
  /** The home serves the stack's GitLab from now on, with the token among its secrets. Nothing is written that is there. */
  useGitlab(gitlab: StackGitlab): Promise<void>;
  /** The home serves no GitLab any more. */
  leaveGitlab(): Promise<void>;
  /** Its data is gone: of the next one at the same address neither proofs nor numbers of jobs and entries are true. */
  forgetGitlab(): void;
  /** Where GitLab's hooks may ring; `null`: nowhere. */
  hook(): { readonly url: string; readonly token: string } | null;
  proofs(): readonly PoolProof[];
  /** Asks for another proof of a pool. */
  prove(pool: string): void;
}

/** Made once; outlives the single run. */
export interface StackTools {
  readonly journal: StackJournal;
  readonly compose: Compose;
  readonly folder: StackFolder;
  readonly images: StackImages;
  readonly crypto: Crypto;
  readonly secrets: Secrets;
  readonly clock: Clock;
  readonly log: Log;
  readonly home: StackHome;
  readonly connectAdmin: ConnectGitlabAdmin;
  /** This home's identity. */
  readonly instance: string;
  /** Address of the engine: `unix:///run/user/1000/docker.sock`. Throws `stack.no-engine`. */
  engine(): string;
  /** Checks of the machine for this stack, made anew. */
  findings(stack: RenderedStack): Promise<readonly Issue[]>;
  /** Ports of the stack that something else than this stack has. */
  takenPorts(stack: RenderedStack): Promise<readonly TakenPort[]>;
  /** A file of this machine, for a certificate of the person's own. */
  readText(path: string): Promise<string>;
  /** Whether GitLab answers through its public address: `null` when it is ready, otherwise why not. Never rejects. */
  whyNotReady(place: GitlabPlace): Promise<string | null>;
  /** What is served at an address of the stack, and with which certificate. Never rejects. */
  readonly lookAtDoor: LookAtDoor;
  /** Whether the engine runs health checks: Podman without systemd does not. */
  runsHealthChecks(): boolean;
  /**
   * Whether Compose sees on this engine which containers are as they should be. It knows networks by their ids, and
   * Podman 4.3 gives each container their names for them, so that all containers would be made anew every time.
   */
  showsChanges(): boolean;
  /** A text without the secrets of this home, and without what looks like one. */
  clean(text: string): string;
}

export interface StepContext extends StackTools {
  /** As it was when the step began. */
  readonly run: StackRun;
  readonly stack: RenderedStack;
  readonly project: ComposeProject;
  readonly signal: AbortSignal;
  tell(news: { readonly message?: string; readonly pulls?: readonly PullState[] }): void;
}

/** One step of a run: safe to do again after a kill at any instruction. */
export type ApplyStep = (context: StepContext) => Promise<void>;

/** Where a stack's secret stands among those of the home. */
export function stackSecret(lab: string, name: string): string {
  return `stack/${lab}/${name}`;
}

export function projectOf(
  lab: string,
  { folder, engine }: Pick<StackTools, 'folder' | 'engine'>,
): ComposeProject {
  return { name: `autogit-${lab}`, folder: folder.pathOf(lab), engine: engine() };
}

/** What of a stack decides about its certificate, and about who asks GitLab. */
export type NamedStack = Pick<RenderedStack, 'lab' | 'domain' | 'names' | 'answers' | 'gitlabUrl'>;

/** Where the stack's GitLab is reached from this machine. */
export function placeOf(
  { stack, secrets }: { readonly stack: NamedStack; readonly secrets: Pick<Secrets, 'get'> },
  caOf: (stack: NamedStack, secrets: Pick<Secrets, 'get'>) => string | null,
): GitlabPlace {
  const address = ownAddress(stack.answers);
  const host = address?.includes(':') === true ? `[${address}]` : address;
  return {
    url: stack.gitlabUrl,
    ca: caOf(stack, secrets),
    reach: host === null ? null : `${host}:${stack.answers.ports.https}`,
  };
}

/** Let's Encrypt's staging certificates are trusted by nothing. */
export function isStaging(tls: RenderedStack['answers']['tls']): boolean {
  return (tls.mode === 'acme-dns' || tls.mode === 'acme-http') && tls.staging;
}

/** Throws the signal's reason: the core stops, and the run goes on with the next one. */
export function heedStop(signal: AbortSignal): void {
  signal.throwIfAborted();
}

/** An error of a stack. */
export function stackError(
  key: string,
  message: string,
  next: string,
  fields: Readonly<Record<string, string | number | boolean>> = {},
): AutoGitError {
  return new AutoGitError({ key, message, next, fields });
}
