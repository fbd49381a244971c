// The files of a certificate that a person has, as they were seen, and what is said of them.
import type { CertificateFacts, ChainEnd } from './certificate-facts.ts';

/** A file as it was found. */
export interface SeenText {
  /** `null`: its contents were given without a file. */
  readonly path: string | null;
  /** `null`: it could not be read. */
  readonly text: string | null;
  /** Why not. */
  readonly why: string | null;
}

export interface OwnSeen {
  readonly certificate: SeenText;
  readonly key: SeenText;
  /** What was given of the authority; `null`: nothing. */
  readonly ca: SeenText | null;
  /** All of the certificate's file, in its order; `null`: one of them cannot be read. */
  readonly facts: readonly CertificateFacts[] | null;
  /** Why they cannot be read. */
  readonly damage: string | null;
  /** To which of them the key belongs; `null`: none, or nobody knows. */
  readonly keyFits: number | null;
  /** Why the key cannot be read. */
  readonly keyDamage: string | null;
  /** `null`: what was given of the authority cannot be read. */
  readonly end: ChainEnd | null;
}

/** What a certificate has to be for. */
export interface OwnWanted {
  readonly domain: string;
  /** Host names of the stack. */
  readonly names: readonly string[];
  /** Those that only some stacks have. */
  readonly optional: readonly string[];
}

export interface OwnCheck {
  /** `certificate.names` */
  readonly key: string;
  readonly label: string;
  readonly state: 'good' | 'warning' | 'bad' | 'unknown';
  readonly message: string;
  readonly next: string | null;
  /** Key of the error with which a run refuses what is bad. */
  readonly problem: string;
}

/** What a judgement says, without where it stands. */
export type Verdict = Pick<OwnCheck, 'state' | 'message' | 'next' | 'problem'>;

export function good(message: string): Verdict {
  return { state: 'good', message, next: null, problem: '' };
}

export function fatalProblem(problem: string, message: string, next: string): Verdict {
  return { state: 'bad', message, next, problem };
}

export function mildProblem(problem: string, message: string, next: string): Verdict {
  return { state: 'warning', message, next, problem };
}

export function unknown(message: string): Verdict {
  return { state: 'unknown', message, next: null, problem: '' };
}
