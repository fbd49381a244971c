// What the home knows of a GitLab that was given up: with its data that goes, without it stays.
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createTemplates } from '../../../../main/adapters/stack/templates.ts';
import type { TemplateSource } from '../../../../main/model/stack/template.ts';
import { closeLab, createWorld, openLab } from '../../../fakes/fake-lab.ts';
import type { OpenLab, World } from '../../../fakes/fake-lab.ts';

let templates: readonly TemplateSource[];
beforeAll(async () => {
  templates = await createTemplates({ own: '/nowhere' }).read();
});

const answers = {
  ...{ lab: 'lab', data: '/srv/lab', tls: { mode: 'local-ca' }, address: '192.168.1.10' },
  ...{ sso: 'off', dns: { mode: 'own' } },
};
const host = 'unix:///var/run/docker.sock';
const engine = { host, info: { host, isHere: true, version: '27.0.0', memoryBytes: 16e9, cpus: 8 } };

let world: World;
let core: OpenLab;
afterEach(() => closeLab(world, core));

/** Lets time go on until it is settled. */
async function during<T>(work: Promise<T>): Promise<T> {
  let isSettled = false;
  const settled = work.finally(() => (isSettled = true));
  settled.catch(() => undefined);
  await world.clock.until(() => isSettled, 3_600_000);
  return settled;
}

/** A stack that stands, and a pool that was proven on it. */
async function open(): Promise<void> {
  world = createWorld({ templates, engine, gitlab: { kind: 'none' }, pools: [] });
  core = await openLab(world, { act: true });
  const { plan } = await during(core.call('stack.plan', { answers: { ...answers } }));
  await during(core.call('stack.up', { answers: { ...answers }, plan: plan?.hash }));
  const at = world.clock.now();
  const proof = { pool: 'default', spec: 'spec', nonce: 'nonce', tries: 1, startedAt: at };
  const id = world.store.openProof(proof);
  const evidence = { kind: 'none', sentence: 'It is of the former GitLab.', fix: '' } as const;
  world.store.updateProof(id, { endedAt: at, evidence });
}

const proofs = (): number => world.store.proofs().records.length;

describe('a GitLab that is given up', () => {
  it('takes its proofs with its data: the next one at its address has not proven anything', async () => {
    await open();
    expect(proofs()).toBe(1);
    await during(core.call('stack.destroy', { deleteData: true }));
    expect(proofs()).toBe(0);
  });

  it('leaves its proofs with its data', async () => {
    await open();
    await during(core.call('stack.destroy', {}));
    expect(proofs()).toBe(1);
  });
});
