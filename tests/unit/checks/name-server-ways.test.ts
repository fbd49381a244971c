// Who holds port 53, and the ways out.
import { describe, expect, it } from 'vitest';
import {
  holderOf,
  nameServerHolders,
  nameServerNext,
  otherDnsPort,
} from '../../../main/checks/stack/name-server-ways.ts';

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
    expect(holderOf({ program, address, container: null })).toBe(holder);
  });

  it.each([
    ['dns pihole/pihole:2025.04', 'pi-hole'],
    ['adguard adguard/adguardhome:latest', 'adguard'],
    ['names internetsystemsconsortium/bind9:9.20', 'bind'],
    ['other example/names:1', 'container'],
  ] as const)('the container %s is %s', (container, holder) => {
    expect(holderOf({ program: null, address: null, container })).toBe(holder);
  });
});

describe('ways out', () => {
  it.each(nameServerHolders)('there are for %s, and one always leaves it the port', (holder) => {
    const next = nameServerNext(holder, lab);
    expect(next).toContain(`(such as ${otherDnsPort})`);
    expect(next).toMatch(new RegExp(`192\\.168\\.1\\.10(?:[#:@]| port )${otherDnsPort}`));
    expect(next).toContain('docs/names.md');
  });

  it('take no port of mDNS, which desktops listen on', () => {
    expect(otherDnsPort).not.toBe(5353);
  });

  it('for systemd-resolved route the zone alone, and tell how its listener is switched off', () => {
    const next = nameServerNext('systemd-resolved', lab);
    expect(next).toContain(`DNS=192.168.1.10:${otherDnsPort} and Domains=~lab.home.arpa`);
    expect(next).toContain('DNSStubListener=no');
  });
});
