// Who holds port 53, and the ways out.
import { describe, expect, it } from 'vitest';
import {
  holderNames,
  holderOf,
  leavesFree,
  nameServerHolders,
  nameServerNext,
  nameServerWays,
} from '../../../main/plan/name-server-ways.ts';

const lab = { domain: 'lab.home.arpa', address: '192.168.1.10' };

describe('who holds port 53', () => {
  it.each([
    ['systemd-resolve', '127.0.0.53', 'systemd-resolved'],
    [null, '127.0.0.54', 'systemd-resolved'],
    ['dnsmasq', '192.168.122.1', 'libvirt'],
    [null, '192.168.122.1', 'libvirt'],
    ['dnsmasq', '127.0.1.1', 'networkmanager'],
    ['dnsmasq', '0.0.0.0', 'dnsmasq'],
    ['pihole-FTL', '0.0.0.0', 'pi-hole'],
    ['AdGuardHome', '::', 'adguard'],
    ['unbound', '0.0.0.0', 'unbound'],
    ['named', '192.168.1.10', 'bind'],
    ['docker-proxy', '0.0.0.0', 'container'],
    ['aardvark-dns', '10.89.0.1', 'container'],
    ['something', '0.0.0.0', 'other'],
    [null, '0.0.0.0', 'other'],
  ] as const)('%s on %s is %s', (program, address, holder) => {
    expect(holderOf({ program, address })).toBe(holder);
  });

  it('leaves an address of its own free, and nothing when it listens everywhere', () => {
    expect(leavesFree('127.0.0.53', '192.168.1.10')).toBe(true);
    expect(leavesFree('192.168.1.10', '192.168.1.10')).toBe(false);
    expect(leavesFree('0.0.0.0', '192.168.1.10')).toBe(false);
    expect(leavesFree('::', '192.168.1.10')).toBe(false);
    expect(leavesFree('127.0.0.53', '0.0.0.0')).toBe(false);
  });
});

describe('ways out', () => {
  it.each(nameServerHolders)('there are for %s, and one always leaves it the port', (holder) => {
    const ways = nameServerWays(holder, lab);
    expect(ways.length).toBeGreaterThan(1);
    expect(ways.at(-1)?.text).toContain('5353');
    expect(nameServerNext(holder, lab)).toContain('docs/names.md');
    expect(holderNames[holder]).not.toBe('');
  });

  it('for systemd-resolved route the zone alone, and tell how its listener is switched off', () => {
    const texts = nameServerWays('systemd-resolved', lab).map(({ text }) => text ?? '');
    expect(texts.some((text) => text.includes('DNS=192.168.1.10\nDomains=~lab.home.arpa'))).toBe(true);
    expect(texts.some((text) => text.includes('DNSStubListener=no'))).toBe(true);
  });
});
