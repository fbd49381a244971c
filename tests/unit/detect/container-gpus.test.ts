// CDI's files and the engine's own words about cards.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseCdiSpec, parseEngineDevices } from '../../../main/detect/container-gpus.ts';
import { hasRecordings, recording } from '../../fakes/hardware.ts';

describe('a file of CDI', () => {
  it('names its devices in full, as YAML and as JSON', () => {
    const yaml =
      'cdiVersion: 0.5.0\nkind: nvidia.com/gpu\ndevices:\n  - name: "0"\n    containerEdits: {}\n  - name: GPU-a\n';
    expect(parseCdiSpec(yaml)).toEqual(['nvidia.com/gpu=0', 'nvidia.com/gpu=GPU-a']);
    expect(parseCdiSpec('{"kind":"amd.com/gpu","devices":[{"name":"all"}]}')).toEqual(['amd.com/gpu=all']);
  });

  it('that is none says nothing', () => {
    for (const text of ['', 'kind: x', '- a\n- b', '{', 'a: &a [*a]', '\0', 'kind: 1\ndevices: []', null])
      expect(parseCdiSpec(text)).toBeNull();
    fc.assert(
      fc.property(fc.oneof(fc.anything(), fc.string({ unit: 'binary' })), (text) => {
        expect(parseCdiSpec(text)).toBeNull();
      }),
    );
  });
});

describe('the answer of an engine', () => {
  it.skipIf(!hasRecordings).each([
    ['info-desktop-28.2.2-nvidia-runtime', true, []],
    ['info-desktop-28.3.2-cdi-tail', false, ['docker.com/gpu=webgpu']],
    ['cli-golden-info-with-devices', false, ['com.example.device1', 'nvidia.com/gpu=gpu0']],
    ['cli-golden-info-no-swarm', false, []],
    ['info-minimal-27.0.1', false, []],
  ])('%s', (name, hasRuntime, cdiNames) => {
    const devices = parseEngineDevices(JSON.parse(recording(`docker/${name}.json`)));
    expect(devices.runtimes.includes('nvidia')).toBe(hasRuntime);
    expect(devices.cdiNames).toEqual(cdiNames);
  });

  it('of another form promises nothing', () => {
    for (const answer of [null, 1, '', [], { Runtimes: 1 }, { DiscoveredDevices: [{}] }])
      expect(parseEngineDevices(answer)).toEqual({ runtimes: [], cdiNames: [] });
  });
});
