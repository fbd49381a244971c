// What the home knows of a GitLab that was given up: with its data that goes, without it stays.
import { describe, expect, it } from 'vitest';
import type { OpenLab, World } from '../../../fakes/fake-lab.ts';
import { bringUp, during, stackAnswers, useStackCores } from '../../../fakes/stack-core.ts';

const cores = useStackCores();
let world: World;
let core: OpenLab;

/** A stack that stands, and a pool that was proven on it. */
async function open(): Promise<void> {
  world = cores.makeWorld();
  core = await cores.open(world);
  await bringUp(world, core, stackAnswers);
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
    await during(world, core.call('stack.destroy', { deleteData: true }));
    expect(proofs()).toBe(0);
  });

  it('leaves its proofs with its data', async () => {
    await open();
    await during(world, core.call('stack.destroy', {}));
    expect(proofs()).toBe(1);
  });
});
