// Proofs in the database.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openStore } from '../../../../main/adapters/store/open-store.ts';
import type { Evidence } from '../../../../main/model/proof.ts';
import type { Store } from '../../../../main/ports.ts';

let store: Store;
beforeEach(() => {
  store = openStore(':memory:', { now: () => 1_000_000 });
});
afterEach(() => store.close());

const begun = { pool: 'default', spec: 'abc', nonce: 'n', tries: 2, startedAt: 1_000 };
const evidence: Evidence = {
  ...{ kind: 'job', succeeded: true, failureReason: null, log: 'a\n"b"', artifact: null, arch: 'amd64' },
  gpu: { vendor: 'nvidia', ids: ['GPU-1'] },
};

describe('proofs', () => {
  it('are open until they end, and keep what they have left', () => {
    const id = store.openProof(begun);
    const open = { ...begun, id, projectId: null, jobId: null, endedAt: null, evidence: null };
    expect(store.proofs().records).toEqual([open]);
    store.updateProof(id, { projectId: 7, jobId: 70 });
    store.updateProof(id, { endedAt: 2_000, evidence });
    expect(store.proofs().records).toEqual([{ ...open, projectId: 7, jobId: 70, endedAt: 2_000, evidence }]);
  });

  it('are never two at a time for one pool', () => {
    store.openProof(begun);
    expect(() => store.openProof(begun)).toThrow();
    store.openProof({ ...begun, pool: 'other' });
    expect(store.proofs().records).toHaveLength(2);
  });

  it('that have ended are forgotten for the next that has', () => {
    const first = store.openProof(begun);
    store.updateProof(first, { endedAt: 2_000, evidence });
    const second = store.openProof(begun);
    expect(store.proofs().records.map(({ id }) => id)).toEqual([first, second]);
    store.updateProof(second, { endedAt: 3_000, evidence });
    expect(store.proofs().records.map(({ id }) => id)).toEqual([second]);
  });

  it('are asked for once for each pool, the last time counts, and go with their GitLab', () => {
    store.wishProof('default', 5);
    store.wishProof('default', 9);
    store.openProof(begun);
    expect(store.proofs().wishes).toEqual({ default: 9 });
    store.forgetGitlab();
    expect(store.proofs().records).toEqual([]);
  });
});
