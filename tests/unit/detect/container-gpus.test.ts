// CDI's files and the NVIDIA container toolkit: what stands between a card and a container.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { detectContainerGround, parseCdiSpec, parseNoCgroups } from '../../../main/detect/container-gpus.ts';
import { fakeProbe } from '../../fakes/hardware.ts';

const yaml =
  'cdiVersion: 0.5.0\nkind: nvidia.com/gpu\ndevices:\n  - name: "0"\n    containerEdits: {}\n  - name: GPU-a\n';
const mounts = (version: string): string =>
  `containerEdits:\n  mounts:\n  - hostPath: /usr/lib/x86_64-linux-gnu/libcuda.so.${version}\n    containerPath: /x\n`;

describe('a file of CDI', () => {
  it('names its devices in full, as YAML and as JSON', () => {
    expect(parseCdiSpec(yaml)).toEqual({ names: ['nvidia.com/gpu=0', 'nvidia.com/gpu=GPU-a'], drivers: [] });
    expect(parseCdiSpec('{"kind":"amd.com/gpu","devices":[{"name":"all"}]}')?.names).toEqual([
      'amd.com/gpu=all',
    ]);
  });

  it('says for which driver it was made', () => {
    expect(parseCdiSpec(yaml + mounts('595.80'))?.drivers).toEqual(['595.80']);
    expect(parseCdiSpec(yaml + mounts('1'))?.drivers).toEqual([]);
    expect(parseCdiSpec(yaml + mounts('1.1'))?.drivers).toEqual([]);
  });

  it('that is cut anywhere is for no other driver', () => {
    const whole = yaml + mounts('595.80.12');
    for (let cut = 0; cut < whole.length; cut++)
      expect([undefined, [], ['595.80.12']]).toContainEqual(parseCdiSpec(whole.slice(0, cut))?.drivers);
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

describe('the NVIDIA container toolkit', () => {
  it('is there where its program is', async () => {
    const devices = { '/usr/bin/nvidia-ctk': { group: 0, mode: 0o755 } };
    expect((await detectContainerGround(fakeProbe({ devices }), null)).toolkit.installed).toBe(true);
    expect((await detectContainerGround(fakeProbe({}), null)).toolkit).toEqual({
      ...{ installed: false, cdiNames: [], stale: null, noCgroups: null },
    });
  });

  it('has made its file for another driver, unless one file is for the driver that is loaded', async () => {
    const files = { '/etc/cdi/nvidia.yaml': yaml + mounts('570.86.15') };
    const stale = async (driver: string | null, more: Readonly<Record<string, string>> = {}) =>
      (await detectContainerGround(fakeProbe({ files: { ...files, ...more } }), driver)).toolkit.stale;
    expect(await stale('595.80')).toEqual({ made: '570.86.15', loaded: '595.80' });
    expect(await stale('570.86.15')).toBeNull();
    expect(await stale(null)).toBeNull();
    expect(await stale('595.80', { '/var/run/cdi/nvidia.yaml': yaml + mounts('595.80') })).toBeNull();
  });

  it.each<[string | null, boolean | null]>([
    [null, null],
    ['[nvidia-container-cli]\nno-cgroups = true\n', true],
    ['  no-cgroups=true # rootless\n', true],
    ['#no-cgroups = true\n', false],
    ['no-cgroups = false\n', false],
    ['', false],
  ])('leaves control groups alone only where its settings say so: %j', (text, expected) => {
    expect(parseNoCgroups(text)).toBe(expected);
  });
});
