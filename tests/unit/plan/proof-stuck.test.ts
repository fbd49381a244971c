// Which proofs nobody need wait for: those that go on only when somebody mends something.
import { describe, expect, it } from 'vitest';
import { ownTag } from '../../../main/model/proof.ts';
import type { ProofRecord } from '../../../main/model/proof.ts';
import type { Desired } from '../../../main/model/world.ts';
import { proofSpec } from '../../../main/plan/plan-proofs.ts';
import { whyProofStuck } from '../../../main/plan/proof-stuck.ts';
import {
  failed,
  now,
  problem,
  runnerImage,
  someDesired,
  someEntry,
  someJob,
  someNode,
  someObserved,
  somePool,
} from '../../fakes/world.ts';
import type { WorldChange } from '../../fakes/world.ts';

const pool = somePool({ tags: ['docker', ownTag('default')] });
const job = someJob({ id: 70, tags: [ownTag('default')] });
const open: ProofRecord = {
  ...{ id: 1, pool: 'default', spec: proofSpec(pool, {}), nonce: 'n', tries: 1, startedAt: now - 60_000 },
  ...{ projectId: 7, jobId: 70, endedAt: null, evidence: null },
};

function why(
  world: WorldChange = {},
  records: readonly ProofRecord[] = [open],
  wishes: Partial<Desired> = {},
) {
  const desired = someDesired({ proofs: 'on', pools: [pool], ...wishes });
  const observed = someObserved({
    ...{ entries: [someEntry({ tags: pool.tags })], jobs: [job], proofs: { records, wishes: {} } },
    ...world,
  });
  return whyProofStuck(pool, { desired, observed, now, clockTime: String });
}
const held = (key: string) => ({ backoff: [{ key, retryAt: now + 9, problem }] });

describe('a proof is stuck', () => {
  it('behind an image that cannot be got, and not behind one that is on its way', () => {
    expect(why({ view: { images: [] }, ...held(`pull-image:${runnerImage}`) })).toEqual({
      message: expect.stringContaining(
        `"${runnerImage}" of pool "default" cannot be got: It is broken.`,
      ) as unknown,
      next: 'Mend it.',
    });
    expect(why({ view: { images: [] } })).toBeNull();
  });

  it('without an engine, begun or not', () => {
    const nodes = { nodes: [someNode(failed)] };
    expect(why(nodes)).toMatchObject({ next: 'Mend it.' });
    expect(why(nodes, [])).toMatchObject({ next: 'Mend it.' });
    expect(why({ nodes: [] }, [])).toMatchObject({ next: expect.stringContaining('engine list') as unknown });
  });

  it('on a machine without its processor', () => {
    const other = somePool({ tags: pool.tags, arch: 'riscv64' });
    expect(why({}, [open], { pools: [other] })?.message).toContain('riscv64');
  });

  it('while AutoGit starts no runners', () => {
    expect(why({}, [], { mode: 'drain' })?.next).toContain('lab resume');
  });

  it('where its job cannot be made', () => {
    expect(why(held('start-proof:default'), [])).toEqual(problem);
    expect(why(held('start-proof:other'), [])).toBeNull();
  });
});

describe('a proof is not stuck', () => {
  it('while its job runs or a runner starts for it', () => {
    expect(why()).toBeNull();
    expect(why({ jobs: [{ ...job, status: 'running' }], nodes: [someNode(failed)] })).toBeNull();
    expect(why({ jobs: [], nodes: [someNode(failed)] })).toBeNull();
  });

  it('while it waits for another pool’s', () => {
    expect(why({ nodes: [someNode(failed)] }, [{ ...open, pool: 'other' }])).toBeNull();
    expect(why({ nodes: [someNode(failed)] }, [{ ...open, pool: 'other', endedAt: now }])).not.toBeNull();
  });
});
