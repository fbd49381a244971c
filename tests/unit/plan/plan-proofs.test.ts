// Which pool is proven when.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Pool } from '../../../main/model/pool.ts';
import { ownTag } from '../../../main/model/proof.ts';
import type { Evidence, ProofRecord, ProofView } from '../../../main/model/proof.ts';
import type { Action, Desired, Observed } from '../../../main/model/world.ts';
import { planProofs, proofSpec } from '../../../main/plan/plan-proofs.ts';
import { proofStateOf } from '../../../main/plan/proof-state.ts';
import {
  fresh,
  now,
  someDesired,
  someEntry,
  someJob,
  someObserved,
  somePool,
  stale,
} from '../../fakes/world.ts';
import type { WorldChange } from '../../fakes/world.ts';
import { runsBy } from '../../fakes/arbitrary-world.ts';

const containing = (text: string): unknown => expect.stringContaining(text);
const anyText: unknown = expect.any(String);

const day = 86_400_000;
const pool = somePool({ tags: ['docker', ownTag('default')] });
const entry = someEntry({ tags: pool.tags });
const good: Extract<Evidence, { kind: 'job' }> = {
  ...{ kind: 'job', succeeded: true, failureReason: null, arch: 'amd64', gpu: null },
  log: ['arch=x86_64', 'clone=yes', 'gitlab=yes', 'nvidia=', 'render=', 'end=yes']
    .map((fact) => `autogit-proof n ${fact}`)
    .join('\n'),
  artifact: 'autogit-proof n end=yes',
};
const bad: Evidence = { ...good, artifact: null };

const proof = (change: Partial<ProofRecord> = {}): ProofRecord => ({
  ...{ id: 1, pool: 'default', spec: proofSpec(pool, {}), nonce: 'n', tries: 1 },
  ...{ startedAt: now - 60_000, projectId: 7, jobId: 70, endedAt: now - 50_000, evidence: good },
  ...change,
});
const open = (change: Partial<ProofRecord> = {}): ProofRecord =>
  proof({ endedAt: null, evidence: null, ...change });

function planned(
  view: Partial<ProofView> = {},
  { wishes = {}, world = {}, at = now }: { wishes?: Partial<Desired>; world?: WorldChange; at?: number } = {},
) {
  const desired = someDesired({ proofs: 'on', pools: [pool], ...wishes });
  const proofs: ProofView = { records: [], wishes: {}, ...view };
  return planProofs(desired, someObserved({ entries: [entry], proofs, ...world }), at);
}
const kindsOf = ({ actions }: { readonly actions: readonly Action[] }): readonly string[] =>
  actions.map(({ kind }) => kind);

describe('a proof begins', () => {
  it('for a pool that is new, has changed, or was asked for', () => {
    expect(kindsOf(planned())).toEqual(['start-proof']);
    expect(kindsOf(planned({ records: [proof()] }))).toEqual([]);
    expect(kindsOf(planned({ records: [proof({ spec: 'other' })] }))).toEqual(['start-proof']);
    expect(kindsOf(planned({ records: [proof()], wishes: { default: now - 1 } }))).toEqual(['start-proof']);
    expect(kindsOf(planned({ records: [proof()], wishes: { default: now - 60_001 } }))).toEqual([]);
  });

  it('when jobs are to trust an own root from now on, and when they no longer are', () => {
    const trusting = { trustInJobs: true } as const;
    const withTrust = proof({ spec: proofSpec(pool, trusting) });
    expect(kindsOf(planned({ records: [proof()] }, { wishes: trusting }))).toEqual(['start-proof']);
    expect(kindsOf(planned({ records: [withTrust] }, { wishes: trusting }))).toEqual([]);
    expect(kindsOf(planned({ records: [withTrust] }))).toEqual(['start-proof']);
  });

  it('a day after the last one, and the plan wakes for it', () => {
    const { actions, wakeAt } = planned({ records: [proof()] });
    expect(actions).toEqual([]);
    expect(wakeAt).toBe(now - 60_000 + day);
    expect(kindsOf(planned({ records: [proof()] }, { at: wakeAt ?? 0 }))).toEqual(['start-proof']);
  });

  it.each([
    [1, 600_000],
    [2, 3_600_000],
    [3, 21_600_000],
    [9, day],
  ])('again after %i that did not succeed, after %i ms', (tries, wait) => {
    const records = [proof({ evidence: bad, tries })];
    expect(planned({ records }).wakeAt).toBe(now - 50_000 + wait);
    const [action] = planned({ records }, { at: now - 50_000 + wait }).actions;
    expect(action).toMatchObject({ kind: 'start-proof', tries: tries + 1 });
  });

  it.each([
    ['while AutoGit drains', { wishes: { mode: 'drain' } }],
    ['while the queue is not known', { world: { gitlab: stale({ jobs: [], lastBusy: {} }) } }],
    ['for a pool that is paused', { wishes: { pools: [{ ...pool, paused: true }] } }],
    ['for a pool that may have no runner', { wishes: { pools: [{ ...pool, max: 0 }] } }],
    [
      'for a pool of one project',
      { wishes: { pools: [{ ...pool, scope: { kind: 'project', path: 'a/b' } }] } },
    ],
    ['before GitLab knows the tag of the pool', { world: { entries: [someEntry()] } }],
    ['where proofs are off', { wishes: { proofs: 'off' } }],
    ['where nobody asked, and only then it would', { wishes: { proofs: 'asked' } }],
  ] as const)('never %s', (_, situation) => {
    expect(kindsOf(planned({}, situation))).toEqual([]);
  });

  it('after the jobs that wait for its pool, but not for ever', () => {
    const situation = { world: { jobs: [someJob()] } };
    const view = { records: [proof()], wishes: { default: now } };
    const { actions, wakeAt } = planned(view, situation);
    expect([actions, wakeAt]).toEqual([[], now + 3_600_000]);
    expect(kindsOf(planned(view, { ...situation, at: now + 3_600_000 }))).toEqual(['start-proof']);
    expect(kindsOf(planned(view, { world: { jobs: [someJob({ tags: ['other'] })] } }))).toEqual([
      'start-proof',
    ]);
  });

  it('for a pool that is new or has changed also while jobs wait for it', () => {
    const situation = { world: { jobs: [someJob()] } };
    expect(kindsOf(planned({}, situation))).toEqual(['start-proof']);
    expect(kindsOf(planned({ records: [proof({ spec: 'other' })] }, situation))).toEqual(['start-proof']);
  });

  it('one at a time, over all pools', () => {
    const pools = ['a', 'b'].map((name) => somePool({ name, tags: [ownTag(name)] }));
    const entries = pools.map(({ name, tags }, index) => someEntry({ pool: name, tags, entryId: index }));
    const situation = { wishes: { pools }, world: { entries } };
    expect(kindsOf(planned({}, situation))).toEqual(['start-proof']);
    const records = [open({ pool: 'a', spec: proofSpec(pools[0] ?? pool, {}) })];
    expect(kindsOf(planned({ records }, { ...situation, world: { entries, jobs: [proofJob()] } }))).toEqual(
      [],
    );
  });
});

const proofJob = (change = {}) =>
  someJob({ id: 70, tags: [...pool.tags], project: 'root/autogit-proof', ...change });

describe('a proof ends', () => {
  const endOf = (situation: Parameters<typeof planned>[1], record = open()): unknown =>
    planned({ records: [record] }, situation).actions[0];

  it('when its job has left the queue', () => {
    expect(endOf({})).toMatchObject({ kind: 'end-proof', how: 'read', arch: 'amd64' });
    expect(endOf({ world: { jobs: [proofJob()] } })).toBeUndefined();
    expect(endOf({ world: { gitlab: stale({ jobs: [], lastBusy: {} }) } })).toBeUndefined();
  });

  it('when nothing has come of it in half an hour, and the plan wakes for that', () => {
    const world = { jobs: [proofJob()] };
    const { wakeAt } = planned({ records: [open()] }, { world });
    expect(wakeAt).toBe(now - 60_000 + 1_800_000);
    expect(endOf({ world, at: wakeAt ?? 0 })).toMatchObject({ how: 'late' });
  });

  it('when nobody wants it any more, unless it runs', () => {
    for (const wishes of [
      { pools: [] },
      { pools: [{ ...pool, paused: true }] },
      { pools: [{ ...pool, cpus: 3 }] },
      { mode: 'drain' as const },
      { proofs: 'off' as const },
    ]) {
      expect(endOf({ wishes, world: { jobs: [proofJob()] } })).toMatchObject({ how: 'withdrawn' });
      const running = proofJob({ status: 'running', systemId: 'r_autoaaaaaaaa' });
      expect(endOf({ wishes, world: { jobs: [running] } })).toBeUndefined();
    }
  });

  it('when its start was cut off, and not while it is under way', () => {
    const cut = open({ jobId: null, projectId: null });
    expect(endOf({}, cut)).toMatchObject({ how: 'interrupted' });
    expect(
      endOf({ world: { inFlight: [{ key: 'start-proof:default', target: 'proof' }] } }, cut),
    ).toBeUndefined();
  });
});

describe('how a pool stands', () => {
  const stateOf = (view: Partial<ProofView>, wishes: Partial<Desired> = {}, own: Pool = pool) =>
    proofStateOf(own, { proofs: 'on', ...wishes }, { proofs: { records: [], wishes: {}, ...view } });

  it('is told with a date, and green after a proof of the pool as it is now alone', () => {
    expect(stateOf({ records: [proof()] })).toMatchObject({ state: 'proven', at: now - 50_000, fix: null });
    expect(stateOf({ records: [proof()] }, {}, { ...pool, cpus: 2 })).toMatchObject({
      state: 'unproven',
      at: null,
    });
    expect(stateOf({})).toMatchObject({ state: 'unproven', sentence: 'It has not been proven yet.' });
    expect(stateOf({ records: [proof(), open({ id: 2 })] })?.state).toBe('running');
    expect(stateOf({}, { proofs: 'off' })).toBeNull();
  });

  it('names what failed and its fix, and is an issue', () => {
    const failed = stateOf({ records: [proof({ evidence: bad })] });
    expect(failed).toMatchObject({
      state: 'failed',
      sentence: containing('not at GitLab'),
      fix: anyText,
    });
    expect(planned({ records: [proof({ evidence: bad })] }).issues).toEqual([
      expect.objectContaining({
        key: 'pool.proof-failed',
        subject: 'pool default',
        next: containing('autogit pool prove default'),
      }),
    ]);
    expect(planned({ records: [proof()] }).issues).toEqual([]);
  });

  it('says honestly where nothing can be proven', () => {
    const own = { ...pool, scope: { kind: 'project', path: 'lab/web' } } as const;
    expect(stateOf({}, {}, own)).toMatchObject({
      state: 'unproven',
      sentence: containing('cannot be proven here'),
    });
  });
});

/** A home over time: pools change, are paused and asked for; jobs of people wait; proofs run and end, well or not. */
const events: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.oneof(
    fc.record({ kind: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 2 * day }) }),
    fc.record({
      kind: fc.constantFrom('change', 'pause', 'wish', 'job', 'no-job' as const),
      pool: fc.integer({ min: 0, max: 2 }),
    }),
    fc.record({ kind: fc.constantFrom('drain', 'serve', 'crash' as const) }),
    fc.record({ kind: fc.constant('end' as const), well: fc.boolean() }),
  ),
  { maxLength: 60 },
);

describe('over time', () => {
  it('no pool has two proofs, none begins while AutoGit drains, and each is proven in the end', () => {
    fc.assert(
      fc.property(events, (steps) => {
        const home = new Home();
        for (const step of steps) home.take(step);
        home.settle();
      }),
      { numRuns: runsBy(4) },
    );
  });
});

type Step =
  | { readonly kind: 'wait'; readonly ms: number }
  | { readonly kind: 'change' | 'pause' | 'wish' | 'job' | 'no-job'; readonly pool: number }
  | { readonly kind: 'drain' | 'serve' | 'crash' }
  | { readonly kind: 'end'; readonly well: boolean };

class Home {
  #at = now;
  #mode: Desired['mode'] = 'serve';
  #pools: readonly Pool[] = ['a', 'b', 'c'].map((name) => somePool({ name, tags: [ownTag(name)] }));
  #records: readonly ProofRecord[] = [];
  #wishes: Record<string, number> = {};
  #waiting = new Set<string>();
  #serial = 0;

  take(step: Step): void {
    if (step.kind === 'wait') this.#at += step.ms;
    else if (step.kind === 'drain' || step.kind === 'serve') this.#mode = step.kind;
    else if (step.kind === 'crash')
      this.#records = this.#records.map((one) => (one.endedAt === null ? { ...one, jobId: null } : one));
    else if (step.kind === 'end') this.#end(step.well);
    else if ('pool' in step) this.#touch(step.kind, this.#pools[step.pool]?.name ?? '');
    this.#pass();
  }

  /** Left alone, it proves every pool that can be. */
  settle(): void {
    this.#mode = 'serve';
    this.#waiting.clear();
    for (let turn = 0; turn < 60; turn += 1) {
      this.#at += day / 4;
      this.#pass();
      this.#end(true);
    }
    const view = { records: this.#records, wishes: this.#wishes };
    for (const own of this.#pools.filter(({ paused }) => !paused))
      expect(proofStateOf(own, { proofs: 'on' }, { proofs: view })?.state).toBe('proven');
  }

  #touch(kind: string, name: string): void {
    if (kind === 'wish') this.#wishes[name] = this.#at;
    if (kind === 'job') this.#waiting.add(name);
    if (kind === 'no-job') this.#waiting.delete(name);
    this.#serial += 1;
    const change = kind === 'change' ? { cpus: this.#serial } : {};
    this.#pools = this.#pools.map((one) =>
      one.name === name ? { ...one, ...change, paused: kind === 'pause' ? !one.paused : one.paused } : one,
    );
  }

  #observed(): Observed {
    const jobs = this.#records.flatMap(({ endedAt, jobId, pool: name }) =>
      endedAt === null && jobId !== null
        ? [someJob({ id: jobId, tags: [ownTag(name)], project: 'root/autogit-proof' })]
        : [],
    );
    const people = [...this.#waiting].map((name) => someJob({ id: 1, tags: [ownTag(name)] }));
    return someObserved({
      gitlab: fresh({ jobs: [...jobs, ...people], lastBusy: {} }, this.#at),
      entries: this.#pools.map(({ name, tags }, index) => someEntry({ pool: name, tags, entryId: index })),
      proofs: { records: this.#records, wishes: this.#wishes },
    });
  }

  #pass(): void {
    const desired = someDesired({ proofs: 'on', mode: this.#mode, pools: this.#pools });
    const { actions } = planProofs(desired, this.#observed(), this.#at);
    expect(actions.filter(({ kind }) => kind === 'start-proof').length).toBeLessThanOrEqual(1);
    for (const action of actions) {
      if (action.kind === 'start-proof') this.#start(action);
      if (action.kind === 'end-proof') this.#close(action.record.id, null);
    }
    expect(this.#records.filter(({ endedAt }) => endedAt === null).length).toBeLessThanOrEqual(1);
  }

  #start({ pool: name, spec, tries }: Extract<Action, { kind: 'start-proof' }>): void {
    expect(this.#mode).toBe('serve');
    expect(this.#pools.find((one) => one.name === name)?.paused).toBe(false);
    this.#serial += 1;
    const id = this.#serial;
    this.#records = [
      ...this.#records,
      open({ id, pool: name, spec, tries, startedAt: this.#at, jobId: 1_000 + id }),
    ];
  }

  #end(well: boolean): void {
    const [running] = this.#records.filter(({ endedAt, jobId }) => endedAt === null && jobId !== null);
    const own = this.#pools.find(({ name }) => name === running?.pool);
    if (running === undefined || own === undefined) return;
    const limit = own.cpus === null ? '' : `autogit-proof n cpu=${own.cpus * 100_000} 100000\n`;
    this.#close(running.id, well ? { ...good, log: `${limit}${good.log}` } : bad);
  }

  #close(id: number, evidence: Evidence | null): void {
    const ended = evidence ?? ({ kind: 'none', sentence: 'It was given up.', fix: 'Wait.' } as const);
    this.#records = this.#records.map((one) =>
      one.id === id ? { ...one, endedAt: this.#at, evidence: ended } : one,
    );
  }
}
