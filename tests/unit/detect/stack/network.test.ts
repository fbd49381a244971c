// The machine's place in its network, from files of a real kernel.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  detectNetwork,
  ipv6Text,
  parseAddresses6,
  parseDefault6,
  parseLocalAddresses,
  parseRoutes,
} from '../../../../main/detect/stack/network.ts';
import { ended, fakeProbe } from '../../../fakes/hardware.ts';

const route =
  'Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n' +
  'eth0\t00000000\t010200C0\t0003\t0\t0\t100\t00000000\t0\t0\t0\n' +
  'wlan0\t00000000\t0101A8C0\t0003\t0\t0\t600\t00000000\t0\t0\t0\n' +
  'docker0\t000011AC\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0\n' +
  'eth0\t000200C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0\n' +
  'lo\t0000FFFF\t00000000\t0201\t0\t0\t0\t0000FFFF\t0\t0\t0\n';

const trie = `Main:
  +-- 0.0.0.0/0 3 0 4
     |-- 0.0.0.0
        /0 universe UNICAST
     +-- 127.0.0.0/8 2 0 2
           |-- 127.0.0.1
              /32 host LOCAL
     +-- 172.17.0.0/16 2 0 2
           |-- 172.17.0.0
              /16 link UNICAST
           |-- 172.17.0.1
              /32 host LOCAL
     +-- 192.0.2.0/24 2 0 2
           |-- 192.0.2.0
              /24 link UNICAST
           |-- 192.0.2.2
              /32 host LOCAL
        |-- 192.0.2.255
           /32 link BROADCAST
`;

const six =
  '00000000000000000000000000000001 01 80 10 80       lo\n' +
  '20010db8000000000000000000000042 04 40 00 80     eth0\n' +
  '20010db8000000000000000000000099 04 40 00 01     eth0\n' +
  'fd000000000000000000000000000002 04 40 00 82     eth0\n' +
  'fe8000000000000000fc00fffe000001 04 40 20 80     eth0\n';
const route6 =
  'fd000000000000000000000000000000 40 00000000000000000000000000000000 00 00000000000000000000000000000000 00000100 00000001 00000000 00000001     eth0\n' +
  '00000000000000000000000000000000 00 00000000000000000000000000000000 00 fd000000000000000000000000000001 00000400 00000002 00000000 00000003     eth0\n' +
  '00000000000000000000000000000000 00 00000000000000000000000000000000 00 00000000000000000000000000000000 ffffffff 00000001 00000000 00200200       lo\n';
const files = {
  '/proc/net/route': route,
  '/proc/net/fib_trie': trie,
  '/proc/net/if_inet6': six,
  '/proc/net/ipv6_route': route6,
};

describe('the network', () => {
  it('is the one behind the best way out', async () => {
    expect(await detectNetwork(fakeProbe({ files }))).toEqual({
      ...{ address: '192.0.2.2', address6: 'fd00::2', ipv6: 'out' },
      addresses: ['172.17.0.1', '192.0.2.2'],
      addresses6: ['2001:db8::42', '2001:db8::99', 'fd00::2'],
      subnets: ['172.17.0.0/16', '192.0.2.0/24'],
    });
  });

  it('asks for the way where a network has two addresses of this machine', async () => {
    const two = trie.replace(
      '|-- 192.0.2.255',
      '|-- 192.0.2.7\n              /32 host LOCAL\n        |-- 192.0.2.255',
    );
    const answer = '192.0.2.1 dev eth0 src 192.0.2.7 uid 1000 \n    cache \n';
    const run = (program: string) => ended(program === 'ip' ? answer : '');
    const network = await detectNetwork(fakeProbe({ files: { ...files, '/proc/net/fib_trie': two }, run }));
    expect(network.address).toBe('192.0.2.7');
  });

  it('does not take the halves of everything, by which a VPN stands for the way out, for networks', async () => {
    const tunnel =
      'tun0\t00000000\t0100080A\t0003\t0\t0\t0\t00000080\t0\t0\t0\n' +
      'tun0\t00000080\t0100080A\t0003\t0\t0\t0\t00000080\t0\t0\t0\n' +
      'tun0\t0000080A\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0\n' +
      'eth0\t0000000A\t010200C0\t0003\t0\t0\t0\t000000FF\t0\t0\t0\n';
    const network = await detectNetwork(
      fakeProbe({ files: { ...files, '/proc/net/route': route + tunnel } }),
    );
    expect(network.address).toBe('192.0.2.2');
    expect(network.subnets).toEqual(['172.17.0.0/16', '192.0.2.0/24', '10.8.0.0/24', '10.0.0.0/8']);
  });

  it('is unknown where nothing tells it, and off where the kernel has no IPv6', async () => {
    expect(await detectNetwork(fakeProbe({}))).toMatchObject({ address: null, ipv6: null, subnets: [] });
    const four = { '/proc/net/route': route, '/proc/net/fib_trie': trie };
    expect((await detectNetwork(fakeProbe({ files: four }))).ipv6).toBe('off');
  });

  it('writes IPv6 addresses as people do', () => {
    expect(ipv6Text('fe8000000000000000fc00fffe000001')).toBe('fe80::fc:ff:fe00:1');
    expect(ipv6Text('20010db8000000000001000000000001')).toBe('2001:db8::1:0:0:1');
    expect(ipv6Text('00000000000000000000000000000000')).toBe('::');
    expect(ipv6Text('00000000000000000000000000000001')).toBe('::1');
    expect(ipv6Text('20010db8000100020003000400050006')).toBe('2001:db8:1:2:3:4:5:6');
    expect(ipv6Text('fd000000000000010000000000000000')).toBe('fd00:0:0:1::');
  });

  it('lets nothing that is no such file through, and never throws', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        for (const parse of [parseRoutes, parseLocalAddresses, parseAddresses6, parseDefault6])
          expect(parse(`${text}\n`)).toEqual([]);
      }),
    );
    for (const parse of [parseRoutes, parseLocalAddresses, parseAddresses6, parseDefault6])
      expect(parse(null)).toEqual([]);
  });
});
