// How pools stand with their proofs, for the last step of `up`.
import { describe, expect, it } from 'vitest';
import type { PoolProof } from '../../../../main/apply/stack/context.ts';
import type { PoolView } from '../../../../main/contract/snapshot.ts';
import { createStackHome } from '../../../../main/coordinator/stack/stack-home.ts';
import { settingsSchema } from '../../../../main/model/settings.ts';
import type { Settings } from '../../../../main/model/settings.ts';
import { plan } from '../../../../main/plan/plan.ts';
import { failed, now, someDesired, someNode, someObserved, somePool } from '../../../fakes/world.ts';
import type { WorldChange } from '../../../fakes/world.ts';

type Proof = NonNullable<PoolView['proof']>;

function stateWith(
  proof: Partial<Proof> | null,
  world: WorldChange = {},
  settings: Partial<Settings> = {},
): PoolProof | undefined {
  const pool = somePool();
  const desired = someDesired({ proofs: 'on', pools: [pool] });
  const observed = someObserved({ proofs: { records: [], wishes: {} }, ...world });
  const whole: Proof = { state: 'unproven', at: null, sentence: 'Said.', fix: null, claims: [], ...proof };
  const home = createStackHome({
    settings: {
      current: () => settingsSchema.parse({ pools: [{ name: pool.name }], proofs: 'on', ...settings }),
      edit: () => Promise.reject(new Error('nothing is edited here')),
    },
    store: { wishProof: () => undefined, forgetGitlab: () => undefined },
    secrets: { sign: (text) => text },
    clock: { now: () => now },
    coordinator: {
      reconsider: () => undefined,
      refresh: () => undefined,
      look: () => ({ desired, observed, now, plan: plan(desired, observed, now) }),
    },
    snapshot: () => ({ pools: proof === null ? [] : [{ name: pool.name, proof: whole }] }),
  });
  return home.proofs()[0];
}

it('a stack that is up again leaves to the person whether jobs trust its root', async () => {
  const stack = { network: 'autogit-lab_inner', connect: null };
  const server = { kind: 'server', url: 'https://gitlab.lab.home.arpa', ca: '/home/ca.crt', stack } as const;
  let settings = settingsSchema.parse({ gitlab: { ...server, trustInJobs: false } });
  const desired = someDesired();
  const observed = someObserved();
  const home = createStackHome({
    settings: {
      current: () => settings,
      edit: (edit) => {
        const before = settings;
        settings = edit(before);
        return Promise.resolve({ before, after: settings });
      },
    },
    store: { wishProof: () => undefined, forgetGitlab: () => undefined },
    secrets: { sign: (text) => text },
    clock: { now: () => now },
    coordinator: {
      reconsider: () => undefined,
      refresh: () => undefined,
      look: () => ({ desired, observed, now, plan: plan(desired, observed, now) }),
    },
    snapshot: () => ({ pools: [] }),
  });
  const { url, ca } = server;
  await home.useGitlab({ url, ca, network: 'autogit-lab_inner', connect: '127.0.0.1:443' });
  expect(settings.gitlab).toMatchObject({ stack: { connect: '127.0.0.1:443' }, trustInJobs: false });
});

describe('a pool', () => {
  it('that was proven or is being proven is said to be', () => {
    expect(stateWith({ state: 'proven' })?.state).toBe('proven');
    expect(stateWith({ state: 'running' })?.state).toBe('running');
  });

  it('waits until its first proof has ended, which may have told nothing', () => {
    expect(stateWith(null)?.state).toBe('waiting');
    expect(stateWith({ at: null })?.state).toBe('waiting');
    expect(stateWith({ at: now, fix: 'Mend.' })).toMatchObject({
      state: 'failed',
      sentence: 'Said.',
      fix: 'Mend.',
    });
  });

  it('is stuck where nothing can come of its proof, with what mends it', () => {
    expect(stateWith(null, { nodes: [someNode(failed)] })).toMatchObject({ state: 'stuck', fix: 'Mend it.' });
    expect(stateWith({ state: 'proven' }, { nodes: [someNode(failed)] })?.state).toBe('proven');
  });

  it('is nobody’s hindrance where proofs are off', () => {
    expect(stateWith(null, {}, { proofs: 'off' })?.state).toBe('skipped');
  });
});
