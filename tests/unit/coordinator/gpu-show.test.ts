// `gpu.show` in the whole core: the card in detail, with what the engine in use can do with it.
import { afterEach, describe, expect, it } from 'vitest';
import { closeLab, createWorld, openLab } from '../../fakes/fake-lab.ts';
import type { OpenLab, World } from '../../fakes/fake-lab.ts';
import { amdMachine } from '../../fakes/hardware.ts';

const opened: [World, OpenLab][] = [];

afterEach(async () => {
  for (const [world, lab] of opened.splice(0)) await closeLab(world, lab);
});

async function start(): Promise<OpenLab> {
  const world = createWorld({});
  const lab = await openLab(world, { machine: amdMachine(2) });
  opened.push([world, lab]);
  return lab;
}

describe('gpu.show', () => {
  it('has one card, its files, and how the engine is asked for it', async () => {
    const lab = await start();
    expect(await lab.call('gpu.show', { id: '0000:04:00.0' })).toMatchObject({
      ...{ id: '0000:04:00.0', vendor: 'amd', form: 'card' },
      memory: { totalMiB: 24_560, kind: 'own' },
      containers: { usable: true, way: 'files', asks: ['/dev/kfd', '/dev/dri/renderD129'], groups: ['109'] },
    });
  });

  it('of a card that is not there says which there are', async () => {
    const lab = await start();
    await expect(lab.call('gpu.show', { id: 'GPU-x' })).rejects.toMatchObject({
      key: 'gpu.unknown',
      next: expect.stringContaining('0000:03:00.0') as string,
    });
  });
});
