// How a pool stands with its proof, in words.
import type { Pool } from '../model/pool.ts';
import type { Claim } from '../model/proof.ts';
import type { Desired, Instant, Observed } from '../model/world.ts';
import { verdictOf } from './judge-proof.ts';
import { cannotProve, lastProof, proofSpec } from './plan-proofs.ts';

/** `running`: a proof is under way. Green is `proven` alone. */
export interface ProofState {
  readonly state: 'proven' | 'failed' | 'unproven' | 'running';
  /** When the last proof of the pool as it is now ended; `null`: there was none. */
  readonly at: Instant | null;
  /** One or more sentences. */
  readonly sentence: string;
  /** What to do; `null`: nothing. */
  readonly fix: string | null;
  readonly claims: readonly Claim[];
}

/** `null`: pools are not proven in this home, and none was. */
export function proofStateOf(
  pool: Pool,
  desired: Pick<Desired, 'proofs' | 'trustInJobs'>,
  { proofs: view }: Pick<Observed, 'proofs'>,
): ProofState | null {
  const { proofs = 'off' } = desired;
  if (view === undefined || proofs === 'off') return null;
  const last = lastProof(pool.name, view);
  const record = last?.spec === proofSpec(pool, desired) ? last : null;
  const verdict = record === null ? null : verdictOf(record, pool);
  const at = record?.endedAt ?? null;
  const claims = verdict?.claims ?? [];
  const unclear = claims.filter(
    ({ state }) => state === (verdict?.outcome === 'failed' ? 'failed' : 'unknown'),
  );
  const words = (some: readonly Claim[]): string => some.map(({ sentence }) => sentence).join(' ');
  const fix = unclear.find((one) => one.fix !== null)?.fix ?? null;
  if (view.records.some((one) => one.pool === pool.name && one.endedAt === null))
    return { state: 'running', at, sentence: 'Its proof is under way.', fix: null, claims };
  if (verdict?.outcome === 'proven')
    return {
      state: 'proven',
      at,
      sentence: 'What it promises was seen from inside a job.',
      fix: null,
      claims,
    };
  if (verdict?.outcome === 'failed') return { state: 'failed', at, sentence: words(unclear), fix, claims };
  const cannot = cannotProve(pool);
  if (cannot !== null) return { state: 'unproven', at, sentence: cannot.message, fix: cannot.next, claims };
  if (verdict !== null) return { state: 'unproven', at, sentence: words(unclear), fix, claims };
  if (proofs === 'asked' && last === null) return null;
  return {
    ...{ state: 'unproven', at, claims },
    sentence: last === null ? 'It has not been proven yet.' : 'It has changed since its last proof.',
    fix: proofs === 'asked' ? `Prove it: autogit pool prove ${pool.name}` : null,
  };
}
