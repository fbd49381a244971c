// From a look at the machine to what allocation may hand out.
import { describe, expect, it } from 'vitest';
import { gpuOfCard, inventoryOf } from '../../../main/detect/host-gpus.ts';
import type { DetectedGpu, HostGpus } from '../../../main/detect/host-gpus.ts';
import { healthOf } from '../../../main/detect/health-of.ts';
import { allocate } from '../../../main/plan/gpus.ts';
import { now, someNeed } from '../../fakes/gpus.ts';

function card(id: string, over: Partial<DetectedGpu> = {}): DetectedGpu {
  const rest = {
    driver: '595.80',
    usedMiB: 0,
    utilization: 0,
    celsius: 40,
    watts: 20,
    mig: null,
    persistence: true,
    memoryErrors: 0,
  };
  const found = gpuOfCard({
    uuid: id,
    name: id,
    pciAddress: null,
    memoryMiB: 24_564,
    computeCapability: '8.9',
    ...rest,
  });
  return { ...found, ...over };
}

function answer(
  gpus: readonly DetectedGpu[],
  processes: HostGpus['processes'] = [],
  ours: readonly number[] = [],
): unknown {
  const toolkit = { installed: true, cdiNames: [], stale: null, noCgroups: null };
  const rest = { files: [], cdiNames: [], wsl: false, toolkit, issues: [], unknown: [] };
  const host: HostGpus = { gpus, processes, ...rest };
  const engine = {
    kind: 'docker',
    version: '28.3.0',
    rootless: false,
    runtimes: ['nvidia'],
    cdiNames: [],
    files: [],
  } as const;
  const health = healthOf(host, { node: 'n1', at: now, ours: new Set(ours) });
  const inventory = inventoryOf(host, 'n1', engine);
  const given = allocate(someNeed(), { inventory, held: [], reservations: [], health, now });
  return given.granted ? given.grant.ids : given.message;
}

describe('a card that was looked at', () => {
  it('is handed out', () => {
    expect(answer([card('a')])).toEqual(['a']);
  });

  it('is drained when it is too hot', () => {
    expect(answer([card('a', { celsius: 96 })])).toContain('too hot (96 °C');
  });

  it('is drained when its memory has errors that could not be corrected', () => {
    expect(answer([card('a', { memoryErrors: 2 })])).toContain('it reports errors (2 errors of its memory');
    expect(answer([card('a', { memoryErrors: null })])).toEqual(['a']);
  });

  it('is drained when its driver has lost it', () => {
    const trouble = { why: 'its driver does not list it', fix: 'Restart' };
    expect(answer([card('a', { trouble })])).toContain('its driver does not list it');
  });

  const game = { uuid: 'a', pid: 812, name: 'game', memoryMiB: 9000 };
  it('is left to the programs of its owner, and not to ours', () => {
    expect(answer([card('a')], [game])).toContain('game (process 812) holds 9000 MiB');
    expect(answer([card('a')], [game], [812])).toEqual(['a']);
    expect(answer([card('a'), card('b')], [game])).toEqual(['b']);
  });

  it('may be in use in each of its slices', () => {
    expect(answer([card('a'), card('s', { parent: 'a' })], [game])).toContain('game');
  });
});
