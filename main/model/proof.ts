// The proof of a pool: a tiny job that says from inside what the pool gives its jobs, and what became of it.
import type { GpuGrant } from './gpu.ts';
import type { Job } from './job.ts';
import type { Architecture } from './pool-container.ts';
import type { Instant, Problem } from './world.ts';

/**
 * What a pool promises its jobs. `job`: it can be made, and runs to its end; `gitlab`: the address and certificate that
 * jobs use; `trust`: programs in jobs trust the certificate without being told of its root.
 */
export const claimNames = [
  ...(['job', 'cpus', 'memory', 'arch', 'gpu', 'gitlab', 'trust', 'clone', 'artifact', 'registry'] as const),
] as const;
export type ClaimName = (typeof claimNames)[number];

/** `unknown`: the job could not tell. */
export interface Claim {
  readonly name: ClaimName;
  readonly state: 'held' | 'failed' | 'unknown';
  /** What was seen, one sentence. */
  readonly sentence: string;
  /** How it is mended; `null` where nothing has to be. */
  readonly fix: string | null;
}

/** `unproven`: nobody can say, because the job did not run, or could not tell something that matters. */
export interface Verdict {
  readonly outcome: 'proven' | 'failed' | 'unproven';
  readonly claims: readonly Claim[];
}

/** What a proof has left behind. It is kept as it is, and judged whenever somebody asks. */
export type Evidence =
  | {
      readonly kind: 'job';
      readonly succeeded: boolean;
      /** GitLab's word for why it failed. */
      readonly failureReason: string | null;
      /** The lines of its log that are its own. */
      readonly log: string;
      /** The file that it uploaded; `null`: there is none. */
      readonly artifact: string | null;
      /** The processor that it was promised; `null`: not known. */
      readonly arch: Architecture | null;
      /** The cards of its runner, where they are known. */
      readonly gpu: Pick<GpuGrant, 'vendor' | 'ids'> | null;
    }
  /** Nothing: it did not get as far as saying anything. */
  | { readonly kind: 'none'; readonly sentence: string; readonly fix: string };

/** One proof of one pool, open until `endedAt`. */
export interface ProofRecord {
  readonly id: number;
  readonly pool: string;
  /** Of what was proven: see `proofSpec`. */
  readonly spec: string;
  /** Makes what this job says unlike anything that another one has said. */
  readonly nonce: string;
  /** Proofs of the same pool in a row that did not succeed, with this one. */
  readonly tries: number;
  readonly startedAt: Instant;
  /** At GitLab; `null` before they are made. */
  readonly projectId: number | null;
  readonly jobId: number | null;
  readonly endedAt: Instant | null;
  readonly evidence: Evidence | null;
}

/** What is known of proofs. */
export interface ProofView {
  /** The open ones, and of each pool the newest that has ended. */
  readonly records: readonly ProofRecord[];
  /** When somebody asked for a proof of a pool, by its name. */
  readonly wishes: Readonly<Record<string, Instant>>;
}

/** `asked`: only those that somebody asks for. */
export type ProofMode = 'off' | 'asked' | 'on';

/** A sentence of why there is no proof, and what mends it. */
export type NoProof = Pick<Problem, 'message' | 'next'>;

const tagPrefix = 'autogit-pool-';

/** Name of the projects at GitLab in which proofs run. */
export const proofProject = 'autogit-proof';

/** The tag that one pool alone has: it is how its proof finds it. */
export function ownTag(pool: string): string {
  return `${tagPrefix}${pool}`;
}

/** Jobs of proofs are nobody's: they stand in no list, count for nobody's share, and wait behind all others. */
export function isProofJob({ tags, project }: Pick<Job, 'tags' | 'project'>): boolean {
  return project.endsWith(`/${proofProject}`) && tags.some((tag) => tag.startsWith(tagPrefix));
}

/** The file that a proof uploads. */
export const proofFile = 'autogit-proof.txt';

/** Stands in the file of a proof for the nonce, which is made with its record. */
export const nonceMark = '@NONCE@';
