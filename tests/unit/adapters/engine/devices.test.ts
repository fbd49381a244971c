// What engines say of devices, as recorded.
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { devicesInfo, toEngineDevices } from '../../../../main/adapters/engine/devices.ts';
import { hasRecordings, recording } from '../../../fakes/hardware.ts';

const devicesOf = (answer: unknown): ReturnType<typeof toEngineDevices> =>
  toEngineDevices(z.object(devicesInfo).parse(answer));

describe('what an engine says of devices', () => {
  it.skipIf(!hasRecordings).each([
    ['info-desktop-28.2.2-nvidia-runtime', true, []],
    ['info-desktop-28.3.2-cdi-tail', false, ['docker.com/gpu=webgpu']],
    ['cli-golden-info-with-devices', false, ['com.example.device1', 'nvidia.com/gpu=gpu0']],
    ['cli-golden-info-no-swarm', false, []],
    ['info-minimal-27.0.1', false, []],
  ])('%s', (name, hasRuntime, cdiNames) => {
    const devices = devicesOf(JSON.parse(recording(`docker/${name}.json`)));
    expect(devices.runtimes.includes('nvidia')).toBe(hasRuntime);
    expect(devices.cdiNames).toEqual(cdiNames);
  });

  it('promises CDI only where the engine reads its files', () => {
    expect(devicesOf({ CDISpecDirs: ['/etc/cdi'] }).cdi).toBe(true);
    for (const answer of [{}, { CDISpecDirs: null }, { CDISpecDirs: [] }, { CDISpecDirs: 1 }])
      expect(devicesOf(answer).cdi).toBe(false);
  });

  it('promises nothing in another form', () => {
    for (const answer of [{}, { Runtimes: 1 }, { DiscoveredDevices: [{}] }])
      expect(devicesOf(answer)).toEqual({ runtimes: [], cdiNames: [], cdi: false });
  });
});
