// The requests about this machine on a whole core with fakes: which engine is asked, and what the doctor makes of it.
import { afterEach, describe, expect, it } from 'vitest';
import { machineSchema } from '../../../main/model/machine.ts';
import { closeLab, createWorld, openLab } from '../../fakes/fake-lab.ts';
import type { OpenLab, World } from '../../fakes/fake-lab.ts';
import { amdMachine } from '../../fakes/hardware.ts';
import type { FakeMachine } from '../../fakes/hardware.ts';

const open: [World, OpenLab][] = [];
afterEach(async () => {
  for (const [world, lab] of open.splice(0)) {
    await closeLab(world, lab);
    world.store.close();
  }
});

async function start(world: World, machine: FakeMachine = {}): Promise<OpenLab> {
  const lab = await openLab(world, { machine });
  open.push([world, lab]);
  return lab;
}

describe('machine.detect', () => {
  it('describes the machine with the engine in use, which is asked once more', async () => {
    const world = createWorld();
    const lab = await start(world, amdMachine(1));
    const before = world.engines.asked.length;
    const machine = await lab.call('machine.detect', {});
    expect(machineSchema.parse(machine)).toEqual(machine);
    expect(machine.engine).toMatchObject({ address: world.engine.host, isHere: true });
    expect(machine.gpus).toHaveLength(1);
    expect(world.engines.asked.length).toBe(before + 1);
  });

  it('says why there is no engine', async () => {
    const world = createWorld();
    const lab = await start(world);
    world.engines.unlink(world.engine.host);
    const machine = await lab.call('machine.detect', {});
    expect(machine.engine).toBeNull();
    expect(machine.reasons['engine']).toContain('There is no container engine at');
  });
});

describe('doctor.run', () => {
  it('finds what is wrong, the most urgent first, and each thing once', async () => {
    const world = createWorld();
    const lab = await start(world, {
      ...amdMachine(1),
      files: {
        ...amdMachine(1).files,
        '/proc/meminfo': 'MemTotal: 16000000 kB\nMemAvailable: 100000 kB\nSwapTotal: 0 kB\nSwapFree: 0 kB\n',
      },
    });
    world.engines.unlink(world.engine.host);
    const doctor = await lab.call('doctor.run', { area: 'hardware' });
    expect(doctor).toMatchObject({ healthy: false, areas: ['hardware'] });
    expect(doctor.findings.map(({ key }) => key).slice(0, 2)).toEqual(['host.no-engine', 'host.memory-low']);
    expect(doctor.checks).toBeGreaterThan(15);
    const names = doctor.findings.map(({ key, subject }) => `${key} ${subject}`);
    expect(new Set(names).size).toBe(names.length);
    expect(doctor.unknown.length).toBeGreaterThan(5);
  });

  it('is content with a machine on which only remarks are left, and asks every area by default', async () => {
    const doctor = await (await start(createWorld())).call('doctor.run', {});
    expect(doctor.areas).toEqual(['hardware', 'stack', 'names', 'backups']);
    expect(doctor.healthy).toBe(doctor.findings.every(({ severity }) => severity === 'info'));
  });
});
