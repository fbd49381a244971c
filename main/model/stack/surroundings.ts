// What is around a stack on its machine and stands in its way, or answers for it. `null` everywhere: not known.
import type { AcmeFailure } from './acme-log.ts';
import type { PortHolder } from '../machine.ts';

/** A port of this machine that is in use. */
export interface TakenPort extends PortHolder {
  readonly port: number;
}

/** A container of the engine, whoever has made it. */
export interface NeighbourContainer {
  readonly id: string;
  readonly name: string;
  readonly image: string;
  readonly isRunning: boolean;
  /** Compose project it belongs to. */
  readonly project: string | null;
  readonly service: string | null;
  /** Whether its stack is one of AutoGit's, of whatever lab. */
  readonly isOfStack: boolean;
  /** Ports of this machine it is published on. */
  readonly ports: readonly number[];
}

/** The file system below the data folder. */
export interface DataMount {
  readonly mount: string;
  readonly fileSystem: string;
  readonly readOnly: boolean;
  /** Bytes. */
  readonly freeBytes: number | null;
  readonly totalBytes: number | null;
}

/** A folder or volume for data, as it is found. */
export interface DataPlace {
  readonly path: string;
  readonly exists: boolean;
  /** Nothing but AutoGit's mark is in it. */
  readonly isEmpty: boolean;
  /** Whether AutoGit's mark is in it. */
  readonly isMarked: boolean | null;
  /** Whether the files of the stack that was here before name it. */
  readonly isKnown: boolean;
}

/** What answers at an address of the stack, as seen from this machine. */
export interface DoorAnswer {
  readonly url: string;
  /** Of the first answer; `null`: none came. */
  readonly status: number | null;
  readonly location: string | null;
  readonly cookies: readonly string[];
  /** Body's beginning, for knowing whose page it is. */
  readonly body: string;
  readonly certificate: ServedCertificate | null;
  /** How far this machine's clock is ahead of the answer's `Date`, in milliseconds; to the second at best. */
  readonly clockAheadMs: number | null;
}

export interface ServedCertificate {
  readonly subject: string;
  readonly issuer: string;
  /** Host names, wildcards among them. */
  readonly names: readonly string[];
  /** Milliseconds since 1970. */
  readonly from: number;
  readonly to: number;
  /** SHA-256: `AB:CD:…`; missing: not known. */
  readonly fingerprint?: string;
  /** `EC P-256`; missing: not known. */
  readonly key?: string;
}

/** What name servers say of one name of the lab. */
export interface NameAnswer {
  readonly name: string;
  /** As programs of this machine resolve it; `[]`: no such name. */
  readonly here: readonly string[] | null;
  /** As the stack's own name server answers; `null`: it does not, or there is none. */
  readonly lab: readonly string[] | null;
}

/** Authelia's file of people, as far as it decides whether Authelia starts. */
export interface PeopleFileState {
  readonly state: 'fine' | 'missing' | 'empty' | 'broken' | 'nobody';
  /** What is wrong with it, with the line. */
  readonly why: string | null;
}

export interface StackSurroundings {
  /** Missing or `null`: nobody could look, or people are kept elsewhere. */
  readonly people?: PeopleFileState | null;
  /** Why a place cannot be reached; `null`: it can. Missing: not asked. */
  readonly unreached?: { readonly directory?: string | null; readonly mail?: string | null };
  /** Those of the wanted ports that something listens on. */
  readonly ports: readonly TakenPort[] | null;
  readonly containers: readonly NeighbourContainer[] | null;
  /** Compose project of the lab that stands under another name, which a start takes down; `null`: there is none. */
  readonly formerProject: string | null;
  readonly dataMount: DataMount | null;
  /** Of the lab as a whole. */
  readonly dataFolder: DataPlace | null;
  /** Of the folders for data. */
  readonly folders: readonly DataPlace[];
  /** Volumes of the project that the engine has. */
  readonly volumes: readonly string[] | null;
  /** Volumes that the rendered project names, as the engine knows them. */
  readonly wantedVolumes: readonly string[];
  /** A file below `secrets/` that others may read. */
  readonly openSecrets: readonly string[];
  readonly devNull: 'device' | 'file' | 'missing' | null;
  /** By how much this machine's clock is ahead of a time server's. */
  readonly clock: { readonly aheadMs: number; readonly source: string } | null;
  /** Addresses of this machine. */
  readonly addresses: readonly string[];
  readonly addresses6: readonly string[];
  /** Whether the address is lent (DHCP) and may become another. */
  readonly isAddressLent: boolean | null;
  readonly ipv6: 'off' | 'local' | 'out' | null;
  /** Whether SELinux refuses what it has no rule for. */
  readonly selinux: boolean | null;
  /** Version of the Python `docker-compose`, where it is there. */
  readonly oldCompose: string | null;
  /** Name servers of the machine, loopback left out. */
  readonly resolvers: readonly string[];
  readonly doors: readonly DoorAnswer[];
  /** What Traefik has written of certificates that it did not get, oldest first; missing: nobody looked. */
  readonly acmeFailures?: readonly AcmeFailure[];
  readonly names: readonly NameAnswer[];
  /** `19.3.0`, as GitLab itself says. */
  readonly gitlabVersion: string | null;
  /** Of the runner's program in the image that pools use. */
  readonly runnerVersion: string | null;
  /** How often each container was restarted within the last hour, by name; a missing one: not known. */
  readonly restartsInHour: Readonly<Record<string, number>>;
}
