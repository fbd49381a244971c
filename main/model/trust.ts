// Where programs look for the roots they trust, what was found there, and the steps that change it.

export const trustPlaceKinds = ['system', 'nss', 'firefox', 'engine', 'jobs'] as const;
/**
 * `system`: the system's own store; `nss`: databases of Chromium and others; `firefox`: profiles of Firefox;
 * `engine`: the container engine, for images of the lab's registry; `jobs`: programs in containers of jobs.
 */
export type TrustPlaceKind = (typeof trustPlaceKinds)[number];

export const trustStates = ['trusted', 'not-trusted', 'other', 'unavailable', 'unknown'] as const;
/** `other`: another root of AutoGit's is there; `unavailable`: AutoGit has no way or no right to change it. */
export type TrustState = (typeof trustStates)[number];

/** A root of this home, by which it is known wherever it is found. */
export interface KnownRoot {
  readonly lab: string;
  /** PEM, one certificate. */
  readonly certificate: string;
  /** SHA-256, hex without colons. */
  readonly fingerprint: string;
  /** The same as SHA-1, by which Windows and macOS name certificates. */
  readonly sha1: string;
}

/** How a store is changed. */
export type StoreWay =
  | {
      /** Each root is a file of its own. */
      readonly kind: 'files';
      readonly folder: string;
      readonly extension: '.crt' | '.pem';
      /** Programs, with arguments, that have to run after a file was added or was removed; `null`: none. */
      readonly refresh: { readonly added: readonly string[]; readonly removed: readonly string[] } | null;
      /** The folder is there for the lab alone: it goes with the last file. */
      readonly isOwnFolder: boolean;
    }
  | { readonly kind: 'nss'; readonly database: string; readonly exists: boolean }
  | { readonly kind: 'keychain'; readonly keychain: string }
  | { readonly kind: 'windows' };

/** A root that was found in a store. */
export interface FoundRoot {
  /** File name or nickname; `''` where a store has no names of ours. */
  readonly name: string;
  readonly fingerprint: string;
}

/** Why AutoGit may not change a store. */
export interface StoreObstacle {
  /** A sentence. */
  readonly why: string;
  /** The lines for a shell have to be run as root; without it, `install` first and then AutoGit again. */
  readonly needsRoot: boolean;
  /** Line that installs what is missing. */
  readonly install: string | null;
}

/** A store of roots, as it was found. */
export interface RootStore {
  readonly id: string;
  readonly kind: Exclude<TrustPlaceKind, 'jobs'>;
  readonly label: string;
  /** File or folder. */
  readonly path: string;
  readonly way: StoreWay;
  /** Roots that may be AutoGit's, by their names or fingerprints. */
  readonly found: readonly FoundRoot[];
  /** Fingerprints that programs find there; `null`: nobody could look. */
  readonly trusted: readonly string[] | null;
  /** `null`: AutoGit may change it. */
  readonly obstacle: StoreObstacle | null;
}

/** In the arguments of a step: the path of a file with its certificate. */
export const certificateArgument = '{certificate}';

/** A step of changing a store. */
export type StoreStep =
  | { readonly do: 'write'; readonly path: string; readonly content: string }
  /** `withFolder`: its folder, too, where that is empty then. Gone already is success. */
  | { readonly do: 'remove'; readonly path: string; readonly withFolder: boolean }
  /** For its owner alone. */
  | { readonly do: 'folder'; readonly path: string }
  | {
      readonly do: 'run';
      readonly program: string;
      readonly args: readonly string[];
      /** PEM for `certificateArgument`; `null`: none of the arguments is that. */
      readonly certificate: string | null;
    };

/** By file or nickname, AutoGit's roots are told apart by lab and the first characters of their fingerprint. */
const shownLength = 8;

/** File without its extension: `autogit-lab-1a2b3c4d`. */
export function rootFileName({ lab, fingerprint }: Pick<KnownRoot, 'lab' | 'fingerprint'>): string {
  return `autogit-${lab}-${fingerprint.slice(0, shownLength)}`;
}

/** Name in a database: `AutoGit lab 1a2b3c4d`. */
export function rootNickname({ lab, fingerprint }: Pick<KnownRoot, 'lab' | 'fingerprint'>): string {
  return `AutoGit ${lab} ${fingerprint.slice(0, shownLength)}`;
}

/** Whether a file name or nickname is one that AutoGit gives. */
export function isRootName(name: string): boolean {
  return /^(?:autogit-[a-z0-9-]+-[0-9a-f]{8}\.(?:crt|pem)|AutoGit [a-z0-9-]+ [0-9a-f]{8})$/.test(name);
}
