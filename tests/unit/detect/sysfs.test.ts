// What the kernel's files say of cards: recorded machines, whole and damaged.
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { findAmdName, findPciName, parseAmdFiles, parseKfdNode } from '../../../main/detect/amd.ts';
import type { AmdFiles } from '../../../main/detect/amd.ts';
import { explainDriver, isIntegratedIntel, parsePciGpu } from '../../../main/detect/pci.ts';
import type { PciFiles, PciGpu } from '../../../main/detect/pci.ts';
import { hasRecordings, recording, recordings } from '../../fakes/hardware.ts';

/** A recorded tree: path to content, or to where a link leads. */
type Tree = Readonly<Record<string, unknown>>;

function treeOf(name: string): Tree {
  const value: unknown = JSON.parse(recording(name));
  return { ...(typeof value === 'object' ? value : {}) };
}

function textIn(tree: Tree, path: string): string | null {
  const value = tree[path];
  return typeof value === 'string' ? value : null;
}

const absent: PciFiles = {
  ...{ class: null, vendor: null, device: null, revision: null, uevent: null, numa_node: null },
  ...{ driver: null, drm: [], isVirtual: false },
};

interface Device {
  readonly name: string;
  readonly address: string;
  readonly files: PciFiles;
}

/** The devices of a recorded tree, under `/sys/class/drm/card1/device` or under their own address. */
function devicesIn(name: string): readonly Device[] {
  const tree = treeOf(name);
  const folders = [...new Set(Object.keys(tree).flatMap((path) => /^(.*)\/vendor$/.exec(path)?.[1] ?? []))];
  return folders.map((folder) => {
    const uevent = textIn(tree, `${folder}/uevent`);
    const link = tree[`${folder}/driver`];
    return {
      name,
      address: /PCI_SLOT_NAME=(.*)/.exec(uevent ?? '')?.[1] ?? folder.split('/').at(-1) ?? '',
      files: {
        ...absent,
        class: textIn(tree, `${folder}/class`),
        vendor: textIn(tree, `${folder}/vendor`),
        device: textIn(tree, `${folder}/device`),
        revision: textIn(tree, `${folder}/revision`),
        uevent,
        numa_node: textIn(tree, `${folder}/numa_node`),
        driver: typeof link === 'object' && link !== null && 'symlink' in link ? String(link.symlink) : null,
      },
    };
  });
}

const recordedDevice = z.object({
  slot: z.string(),
  pci_class: z.string(),
  pci_id: z.string(),
  driver: z.string().nullable(),
  drm: z.array(z.string()),
});

const trees = recordings('sysfs');
const devices = hasRecordings ? trees.flatMap(devicesIn) : [];

function found(name: string): readonly PciGpu[] {
  return devices
    .filter((device) => device.name === `sysfs/${name}.json`)
    .flatMap(({ address, files }) => parsePciGpu(address, files) ?? []);
}

describe.skipIf(!hasRecordings)('a recorded bus', () => {
  it.each([
    ['nvidia-rtx4080', 'nvidia', '0000:09:00.0', '2704', 'nvidia'],
    ['amd-rx7900xtx', 'amd', '0000:03:00.0', '744c', 'amdgpu'],
    ['amd-strixpoint', 'amd', null, '150e', 'amdgpu'],
    ['amd-hd7870', 'amd', null, '6818', 'radeon'],
    ['intel-a380-i915', 'intel', null, '56a5', 'i915'],
    ['intel-b580', 'intel', null, 'e20b', 'xe'],
    ['intel-tigerlake', 'intel', '0000:00:02.0', '9a49', 'xe'],
    ['ghw-vm-virtio-plus-p100', 'nvidia', '0000:06:00.0', '15f8', 'nvidia'],
    ['ghw-intel-alderlake-p-igpu', 'intel', '0000:00:02.0', '46a6', 'i915'],
  ])('%s has its card', (name, vendor, address, device, driver) => {
    const gpus = found(name);
    expect(gpus).toHaveLength(1);
    expect(gpus[0]).toMatchObject({ vendor, device, driver });
    if (address !== null) expect(gpus[0]?.address).toBe(address);
  });

  it('has no card in the graphics of a management processor', () => {
    expect(found('ghw-server-matrox-bmc')).toEqual([]);
  });

  it('tells integrated graphics of Intel from its cards', () => {
    const integrated = ['intel-tigerlake', 'intel-cometlake', 'intel-a380-xe', 'intel-b580'].map((name) =>
      found(name).map(isIntegratedIntel),
    );
    expect(integrated).toEqual([[true], [true], [false], [false]]);
  });

  it('cut anywhere has the same card, one of which less is known, or none', () => {
    for (const { address, files } of devices) {
      const whole = parsePciGpu(address, files);
      for (const name of ['class', 'vendor', 'device', 'revision', 'uevent', 'numa_node'] as const)
        for (let cut = 0; cut < (files[name]?.length ?? 0); cut++) {
          const part = parsePciGpu(address, { ...files, [name]: files[name]?.slice(0, cut) ?? null });
          for (const [key, value] of Object.entries(part ?? {}))
            expect([null, whole === null ? undefined : Reflect.get(whole, key)]).toContain(value);
        }
    }
  });

  it('of 50 hosts has the cards of three makers alone', () => {
    const hosts = z
      .array(z.object({ devices: z.array(recordedDevice) }))
      .parse(JSON.parse(recording('pci/udev-display-devices.json')));
    const all = hosts.flatMap((host) => host.devices);
    const gpus = all.flatMap((device) => {
      const driver = device.driver === null ? '' : `DRIVER=${device.driver}\n`;
      const uevent = `${driver}PCI_CLASS=${device.pci_class}\nPCI_ID=${device.pci_id}\n`;
      return parsePciGpu(device.slot, { ...absent, uevent, drm: device.drm }) ?? [];
    });
    const expected = all.filter(
      ({ pci_class, pci_id, driver, slot }) =>
        /^(10DE|1002|8086):/.test(pci_id) &&
        pci_class.startsWith('3') &&
        !(pci_id.startsWith('8086') && driver === null && !slot.endsWith('.0')),
    );
    expect(gpus).toHaveLength(expected.length);
    // Eight A100 of a DGX have no driver, which is why they cannot be used.
    expect(
      gpus.filter((gpu) => gpu.vendor === 'nvidia' && gpu.driver === null && explainDriver(gpu) !== null)
        .length,
    ).toBeGreaterThan(7);
    for (const { renderNode } of gpus)
      expect(renderNode ?? '/dev/dri/renderD128').toMatch(/^\/dev\/dri\/renderD1\d\d$/);
  });
});

describe('a device on the bus', () => {
  const files: PciFiles = {
    ...absent,
    class: '0x030000\n',
    vendor: '0x10de\n',
    device: '0x2684\n',
    driver: '../../bus/pci/drivers/nvidia',
  };
  it.each<[string, Partial<PciFiles>]>([
    ['sound of a card', { class: '0x040300\n' }],
    ['a bridge', { class: '0x060400\n' }],
    ['another maker', { vendor: '0x1a03\n' }],
    ['a part of a card for virtual machines', { isVirtual: true }],
    ['binary garbage', { class: '\0\u0001', uevent: '\0' }],
    ['a class that was cut', { class: '0x0300' }],
  ])('is no card: %s', (_, over) => {
    expect(parsePciGpu('0000:01:00.0', { ...files, ...over })).toBeNull();
  });

  it('is a card of its driver, with its render node', () => {
    expect(
      parsePciGpu('0000:01:00.0', { ...files, drm: ['card1', 'renderD129', 'controlD64'] }),
    ).toMatchObject({
      driver: 'nvidia',
      renderNode: '/dev/dri/renderD129',
      numaNode: null,
    });
  });

  it.each([
    ['nvidia', null],
    ['nouveau', 'nouveau'],
    ['vfio-pci', 'virtual machines'],
    [null, 'no driver'],
  ])('with driver %s', (driver, why) => {
    const gpu = parsePciGpu('0000:01:00.0', { ...files, driver });
    const said = gpu === null ? null : explainDriver(gpu);
    if (why === null) expect(said).toBeNull();
    else expect(said?.why).toContain(why);
  });
});

describe.skipIf(!hasRecordings)("AMD's files", () => {
  const none: AmdFiles = {
    ...{ mem_info_vram_total: null, mem_info_vram_used: null, mem_info_gtt_total: null },
    ...{ mem_info_gtt_used: null, product_name: null, in1_label: null, temp1_input: null },
  };
  const amd = (name: string): ReturnType<typeof parseAmdFiles> => {
    const tree = treeOf(`sysfs/${name}.json`);
    const read = (file: string): string | null =>
      textIn(tree, `/sys/class/drm/card1/device/${file}`) ??
      textIn(tree, `/sys/class/drm/card0/device/${file}`);
    const label = Object.keys(tree).find((path) => path.endsWith('/in1_label'));
    const heat = Object.keys(tree).find((path) => /\/hwmon\d+\/temp1_input$/.test(path));
    return parseAmdFiles({
      mem_info_vram_total: read('mem_info_vram_total'),
      mem_info_vram_used: read('mem_info_vram_used'),
      mem_info_gtt_total: read('mem_info_gtt_total'),
      mem_info_gtt_used: read('mem_info_gtt_used'),
      product_name: read('product_name'),
      in1_label: label === undefined ? null : textIn(tree, label),
      temp1_input: heat === undefined ? null : textIn(tree, heat),
    });
  };
  it.each([
    ['amd-rx6900xt', 16_368, false],
    ['amd-vega56', 8176, false],
    ['amd-rx580', 4096, false],
    ['amd-phoenix', 4096 + 29_977, true],
    ['amd-strixpoint', 512 + 15_679, true],
    ['amd-hd7870', null, false],
  ])('of %s', (name, memoryMiB, integrated) => {
    expect(amd(name)).toMatchObject({ memoryMiB, integrated });
  });

  it('say how hot the card is', () => {
    expect(amd('amd-rx6900xt').celsius).toBe(56);
    const celsius = (temp1_input: string): number | null => parseAmdFiles({ ...none, temp1_input }).celsius;
    expect(celsius('94500\n')).toBe(95);
    for (const text of ['94500', '999000\n', 'hot\n', '\n']) expect(celsius(text)).toBeNull();
  });

  it("say what is used of the machine's memory as well, where programs get that", () => {
    const used = { mem_info_vram_used: '1073741824\n', mem_info_gtt_used: '2147483648\n' };
    expect(parseAmdFiles({ ...none, ...used }).usedMiB).toBe(1_024);
    const integrated = { ...none, ...used, in1_label: 'vddnb\n' };
    expect(parseAmdFiles(integrated).usedMiB).toBe(3_072);
    expect(parseAmdFiles({ ...integrated, mem_info_gtt_used: null }).usedMiB).toBeNull();
  });

  it('have no number that is not whole', () => {
    for (const text of [
      '17163091968',
      '1716309',
      '',
      '\n',
      '17,163\n',
      'ERR!\n',
      '-1\n',
      '99999999999999999999\n',
      '\0\n',
    ])
      expect(parseAmdFiles({ ...none, mem_info_vram_total: text }).memoryMiB).toBeNull();
  });

  it.each([
    [
      'amd/kfd/kfd-topology-parsing.json',
      [
        [128, null],
        [129, null],
      ],
    ],
    ['sysfs/amd-phoenix.json', [[128, 'gfx1103']]],
  ])('name what can compute in %s', (name, nodes) => {
    const tree = treeOf(name);
    const properties = Object.keys(tree)
      .filter((path) => path.endsWith('/properties'))
      .sort();
    const parsed = properties.flatMap((path) => parseKfdNode(textIn(tree, path)) ?? []);
    expect(parsed.map(({ renderMinor, target }) => [renderMinor, target])).toEqual(nodes);
  });

  it('of a divided card name each part, and cut anywhere never another one', () => {
    const tree = treeOf('amd/kfd/kfd-topology-mi308.json');
    const texts = Object.keys(tree)
      .filter((path) => path.endsWith('/properties'))
      .map((path) => textIn(tree, path) ?? '');
    const parsed = texts.flatMap((text) => parseKfdNode(text) ?? []);
    expect(parsed.length).toBeGreaterThan(3);
    expect(new Set(parsed.map(({ target }) => target))).toEqual(new Set(['gfx942']));
    for (const text of texts)
      for (let cut = 0; cut < text.length; cut++) {
        const part = parseKfdNode(text.slice(0, cut));
        if (part !== null) {
          expect(part.renderMinor).toBe(parseKfdNode(text)?.renderMinor);
          expect([null, 'gfx942']).toContain(part.target);
        }
      }
  });
});

describe('names', () => {
  const amdIds = '# comment\n1.0.0\n744C,\tC8,\tAMD Radeon RX 7900 XTX\n744C,\tCC,\tAMD Radeon RX 7900 XT\n';
  const pciIds =
    '# x\n1002  AMD\n\t744c  Navi 31\n\t\t1002 0e3b  Board\n8086  Intel Corporation\n\te20b  Battlemage G21 [Arc B580]\n';
  it('are those of the list', () => {
    expect(findAmdName(amdIds, '744c', 'c8')).toBe('AMD Radeon RX 7900 XTX');
    expect(findAmdName(amdIds, '744c', null)).toBeNull();
    expect(findPciName(pciIds, '8086', 'e20b')).toBe('Battlemage G21 [Arc B580]');
    expect(findPciName(pciIds, '8086', '744c')).toBeNull();
    expect(findPciName(null, '8086', '744c')).toBeNull();
  });
});
