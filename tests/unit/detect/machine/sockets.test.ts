// Who listens: addresses as everybody writes them, and programs that are found, guessed by nobody, or found too late.
import fc from 'fast-check';
import { BlockList, isIPv6 } from 'node:net';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../../../main/adapters/host/clock.ts';
import type { Process, Programs } from '../../../../main/detect/machine/processes.ts';
import { detectPortHolders, parseSockets } from '../../../../main/detect/machine/sockets.ts';
import type { Probe } from '../../../../main/probe-port.ts';
import { runsBy } from '../../../fakes/arbitrary-world.ts';
import { fakeProbe } from '../../../fakes/hardware.ts';
import type { FakeMachine } from '../../../fakes/hardware.ts';

const hex = (value: number, digits: number): string => value.toString(16).toUpperCase().padStart(digits, '0');

/** As the kernel writes it: four words, each with its lowest byte first. */
function tableOf(groups: readonly number[]): string {
  const bytes = groups.flatMap((group) => [group >> 8, group & 255]);
  const local = [0, 4, 8, 12]
    .flatMap((at) => bytes.slice(at, at + 4).toReversed())
    .map((byte) => hex(byte, 2))
    .join('');
  return `   0: ${local}:0035 ${'0'.repeat(32)}:0000 07 00000000:00000000 00:00000000 00000000     0        0 31000 2 ffff 0\n`;
}

function addressOf(groups: readonly number[]): string {
  return parseSockets('udp', tableOf(groups))[0]?.address ?? '';
}

/** Its groups again: what is left out between two colons is zero. */
function expanded(address: string): readonly number[] {
  const [left = '', right] = address.split('::');
  const numbers = (text: string): readonly number[] =>
    text === '' ? [] : text.split(':').map((group) => parseInt(group, 16));
  if (right === undefined) return numbers(left);
  const [before, after] = [numbers(left), numbers(right)];
  return [...before, ...Array.from({ length: 8 - before.length - after.length }, () => 0), ...after];
}

describe('an address of IPv6', () => {
  it.each([
    [[0xfe80, 0, 0, 0, 1, 2, 3, 4], 'fe80::1:2:3:4'],
    [[0xfd00, 0, 0, 0, 0, 0, 0, 0x53], 'fd00::53'],
    [[0, 0, 0, 0, 0, 0, 0, 0], '::'],
    [[0, 0, 0, 0, 0, 0, 0, 1], '::1'],
    [[0x2001, 0xdb8, 0, 1, 0, 0, 0, 0], '2001:db8:0:1::'],
    [[0x2001, 0xdb8, 0, 1, 1, 1, 1, 1], '2001:db8:0:1:1:1:1:1'],
    [[0x2001, 0, 0, 1, 0, 0, 1, 1], '2001::1:0:0:1:1'],
  ])('of %j is %s', (groups, address) => {
    expect(addressOf(groups)).toBe(address);
  });

  it('is the one that the kernel means, whatever its groups, in the shortest form', () => {
    const group = fc.oneof(
      { weight: 2, arbitrary: fc.constant(0) },
      fc.constantFrom(0x10, 0xfe80),
      fc.nat(0xffff),
    );
    fc.assert(
      fc.property(fc.array(group, { minLength: 8, maxLength: 8 }), (groups) => {
        const address = addressOf(groups);
        expect(isIPv6(address)).toBe(true);
        expect(expanded(address)).toEqual(groups);
        const same = new BlockList();
        same.addAddress(groups.map((one) => one.toString(16)).join(':'), 'ipv6');
        expect(same.check(address, 'ipv6')).toBe(true);
        expect(/(?:^|:)0:0(?::|$)/.test(address) && !address.includes('::')).toBe(false);
      }),
      { numRuns: runsBy(20) },
    );
  });
});

const socketLine = (uid: number): string =>
  ` 350: 3500007F:0035 00000000:0000 07 00000000:00000000 00:00000000 00000000 ${uid}        0 21346 2 ffff 0\n`;
const machineOf = (uid: number, more: FakeMachine = {}): FakeMachine => ({
  ...more,
  files: { '/proc/net/udp': socketLine(uid) },
});
const all = (...seen: readonly Process[]): Programs => ({ seen, whyNotAll: null });

async function holderOf(probe: Probe, programs: Programs, clock = systemClock) {
  const { value, reasons } = await detectPortHolders(probe, clock, programs);
  return { dns: value.dns, mdns: value.mdns, why: reasons[''] };
}

describe('a program that listens', () => {
  const local = { protocol: 'udp', address: '127.0.0.53' };

  it('is known by its socket, where that can be seen', async () => {
    const links = { '/proc/611/fd/3': 'socket:[21346]' };
    const found = await holderOf(fakeProbe(machineOf(102, { links })), {
      seen: [{ pid: 611, name: 'systemd-resolve', uid: 102 }],
      whyNotAll: 'in a container',
    });
    expect(found.dns).toEqual([{ ...local, program: 'systemd-resolved', pid: 611 }]);
  });

  it('is known by its user, who runs nothing else', async () => {
    const found = await holderOf(fakeProbe(machineOf(102)), all({ pid: 611, name: 'unbound', uid: 102 }));
    expect(found.dns).toEqual([{ ...local, program: 'unbound', pid: 611 }]);
  });

  it('has no number where its user runs it twice', async () => {
    const twice = all({ pid: 7, name: 'avahi-daemon', uid: 102 }, { pid: 8, name: 'avahi-daemon', uid: 102 });
    const found = await holderOf(fakeProbe(machineOf(102)), twice);
    expect(found.dns).toEqual([{ ...local, program: 'avahi-daemon', pid: null }]);
  });

  it('is not known by its user where not all programs are seen', async () => {
    const some = { seen: [{ pid: 7, name: 'dig', uid: 102 }], whyNotAll: 'in a container' };
    const found = await holderOf(fakeProbe(machineOf(102)), some);
    expect(found.dns).toEqual([{ ...local, program: null, pid: null }]);
    expect(found.why).toContain('only root can see');
  });

  it('listens, whoever it is, where the search takes too long', async () => {
    const probe: Probe = {
      ...fakeProbe(machineOf(0, { self: { uid: 0, user: 'root' } })),
      list: () => new Promise<never>(() => undefined),
    };
    const hasty = { ...systemClock, sleep: () => Promise.resolve() };
    const found = await holderOf(probe, all({ pid: 1, name: 'systemd', uid: 0 }), hasty);
    expect([found.dns, found.mdns]).toEqual([[{ ...local, program: null, pid: null }], []]);
    expect(found.why).toContain('was not found in time');
  });

  it('is looked for no longer than the search may take', async () => {
    let looks = 0;
    let end = (): void => undefined;
    const late = new Promise<void>((resolve) => {
      end = resolve;
    });
    const probe: Probe = {
      ...fakeProbe(machineOf(0)),
      list: async () => {
        looks += 1;
        if (looks === 2) end();
        return [];
      },
    };
    const many = Array.from({ length: 5_000 }, (_, index) => ({ pid: index + 1, name: 'x', uid: 0 }));
    await holderOf(probe, all(...many), { ...systemClock, sleep: () => late });
    const atOnce = looks;
    await new Promise((resolve) => setImmediate(resolve));
    expect([atOnce < 100, looks - atOnce < 5]).toEqual([true, true]);
  });
});
