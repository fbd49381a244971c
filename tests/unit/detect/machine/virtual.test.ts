// Whether a machine is a real one, by what firmware and processors of such machines say, and what its disks then are.
import { describe, expect, it } from 'vitest';
import { detectDisks } from '../../../../main/detect/machine/disks.ts';
import { detectAround, virtualisationOf } from '../../../../main/detect/machine/virtual.ts';
import type { VirtualFacts } from '../../../../main/detect/machine/virtual.ts';
import { fakeProbe } from '../../../fakes/hardware.ts';

const nothing: VirtualFacts = { wsl: 'none', firmware: [], clocks: null, hypervisor: null, flagged: null };

/** `flagged`: of x86, whether the processor sees a hypervisor; `null` on arm. */
function kindOf(firmware: readonly string[], flagged: boolean | null, more: Partial<VirtualFacts> = {}) {
  return virtualisationOf({ ...nothing, firmware, flagged, ...more });
}

describe('a real machine', () => {
  it.each([
    ['a Chromebook', ['Kindred', 'Google', 'Google', 'coreboot']],
    ['a server of Oracle', ['ORACLE SERVER X8-2', 'Oracle Corporation', 'Oracle Corporation']],
    ['a machine that EC2 lends as a whole', ['m7i.metal-24xl', 'Amazon EC2', 'Amazon EC2']],
    ['a laptop of Microsoft', ['Surface Pro 7', 'Microsoft Corporation']],
    ['a machine whose firmware tells nothing', []],
  ])('is no virtual one: %s', (_, firmware) => {
    expect(kindOf(firmware, false)).toBe('none');
  });

  it('of EC2 is none on arm either, where processors say nothing', () => {
    expect(kindOf(['c7g.metal', 'Amazon EC2'], null)).toBe('none');
    expect(kindOf(['c7g.metally', 'Amazon EC2'], null)).toBe('kvm');
  });

  it('that says nothing at all is not known to be one on arm', () => {
    expect(kindOf([], null)).toBeNull();
  });
});

describe('a virtual machine', () => {
  it.each([
    ['kvm', ['Google Compute Engine', 'Google'], {}],
    ['kvm', ['c7i.large', 'Amazon EC2'], {}],
    ['kvm', ['Standard PC (Q35 + ICH9, 2009)', 'QEMU'], { clocks: 'kvm-clock tsc acpi_pm' }],
    ['qemu', ['Standard PC (Q35 + ICH9, 2009)', 'QEMU'], { clocks: 'tsc acpi_pm' }],
    ['virtualbox', ['VirtualBox', 'innotek GmbH', 'Oracle Corporation'], {}],
    ['hyper-v', ['Virtual Machine', 'Microsoft Corporation'], {}],
    ['vmware', ['VMware7,1', 'VMware, Inc.'], {}],
    ['other', ['something', 'somebody'], {}],
  ] as const)('is %s by %j', (kind, firmware, more) => {
    expect(kindOf(firmware, true, more)).toBe(kind);
  });

  it('of Xen need not see that it is one', () => {
    expect(kindOf([], false, { clocks: 'xen tsc' })).toBe('xen');
    expect(kindOf([], false, { hypervisor: 'xen' })).toBe('xen');
  });

  it('of QEMU on arm is KVM only where its firmware says so: there is no clock to tell it by', () => {
    const clocks = 'arch_sys_counter';
    expect(kindOf(['KVM Virtual Machine', 'QEMU'], null, { clocks })).toBe('kvm');
    expect(kindOf(['QEMU Virtual Machine', 'QEMU'], null, { clocks })).toBe('other');
    expect(kindOf(['vServer', 'QEMU'], null, { clocks })).toBe('other');
  });
});

describe('a disk', () => {
  const files = {
    '/proc/self/mountinfo': '22 1 259:2 / / rw - ext4 /dev/nvme0n1p2 rw\n',
    '/sys/dev/block/259:2/../queue/rotational': '1\n',
  };

  it('of a real machine is what the kernel says', async () => {
    const { value } = await detectDisks(fakeProbe({ files }), 'none');
    expect(value?.[0]?.ssd).toBe(false);
  });

  it('has another reason where the machine is virtual than where that is not known', async () => {
    const virtual = await detectDisks(fakeProbe({ files }), 'kvm');
    expect([virtual.value?.[0]?.ssd, virtual.reasons['0.ssd']]).toEqual([
      ...[null, 'a virtual machine does not see what its disks are made of'],
    ]);
    const unsure = await detectDisks(fakeProbe({ files }), null);
    expect(unsure.value?.[0]?.ssd).toBeNull();
    expect(unsure.reasons['0.ssd']).toContain('not known whether');
  });
});

describe('a process that the kernel counts apart', () => {
  const links = { '/proc/self/ns/pid': 'pid:[4026532000]' };
  const version = { '/proc/version': 'Linux version 6.1.0-18-amd64 (debian-kernel@lists)\n' };

  it('is in a container, also where its engine left no file', async () => {
    expect((await detectAround(fakeProbe({ links, files: version }))).value.container).toBe('other');
    expect((await detectAround(fakeProbe({ files: version }))).value.container).toBe('none');
  });

  it('is in none on WSL2, which counts every system apart', async () => {
    const files = { '/proc/version': 'Linux version 5.15.167.4-microsoft-standard-WSL2 (root@f9c826d)\n' };
    expect((await detectAround(fakeProbe({ links, files }))).value.container).toBe('none');
  });
});
