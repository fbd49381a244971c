// Why a pool's proof does not go on before somebody mends something; what waits its turn, or is being got, is not stuck.
import type { Pool } from '../model/pool.ts';
import type { NoProof } from '../model/proof.ts';
import { explainJob, explainLab } from './explain.ts';
import type { WaitReason } from './explain.ts';
import type { Explanation, ExplainWorld } from './explanation.ts';
import { lastValue } from './freshness.ts';

/** A runner that could not start is tried again, but for the same reason: whoever waits sees whether it lasts. */
const stuckReasons: readonly WaitReason[] = [
  ...(['gitlab-refuses', 'draining', 'tearing-down', 'engine-unknown', 'engine-unreachable'] as const),
  ...(['network-missing', 'backing-off', 'stopped', 'start-failed'] as const),
  ...(['arch-broken', 'arch-unavailable', 'arch-gpu'] as const),
  ...(['gpu-held', 'gpu-unready', 'gpu-impossible'] as const),
];

function stuckBy(explanation: Explanation<WaitReason> | null): NoProof | null {
  if (explanation === null) return null;
  const { reason, sentence, data, next } = explanation;
  // An image that is on its way has no error.
  const isStuck = reason === 'image-missing' ? 'key' in data : stuckReasons.includes(reason);
  return isStuck ? { message: sentence, next } : null;
}

/** `null`: its proof runs, can go on by itself, waits for another pool's, or there is none to be made. */
export function whyProofStuck({ name }: Pool, world: ExplainWorld): NoProof | null {
  const { proofs, gitlab, backoff } = world.observed;
  const open = proofs?.records.filter(({ endedAt }) => endedAt === null) ?? [];
  const own = open.find(({ pool }) => pool === name);
  if (own !== undefined) {
    const job = lastValue(gitlab)?.jobs.find(({ id }) => id === own.jobId);
    return job?.status === 'pending' ? stuckBy(explainJob(job, world)) : null;
  }
  if (open.length > 0) return null;
  const refused = backoff.find(({ key, problem }) => key === `start-proof:${name}` && problem !== null);
  return stuckBy(explainLab(world)) ?? refused?.problem ?? null;
}
