// The forms of a lab's names, and what a provider has to get.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nameRows, nameSnippets, recordChanges, sameAddress } from '../../../main/plan/names.ts';
import type { NameForm } from '../../../main/model/stack/names.ts';
import type { LabNames } from '../../../main/plan/names.ts';

const lab: LabNames = {
  domain: 'lab.home.arpa',
  names: [
    { name: 'gitlab.lab.home.arpa', what: 'GitLab', addresses: ['192.168.1.10', 'fd00::10'] },
    { name: 'auth.lab.home.arpa', what: 'sign-in', addresses: ['192.168.1.10', 'fd00::10'] },
  ],
  addresses: ['192.168.1.10', 'fd00::10'],
  server: { address: '192.168.1.10', port: 53 },
};
const textOf = (form: NameForm, of: LabNames = lab): string =>
  nameSnippets(of).find((one) => one.form === form)?.text ?? '';

describe('the records of a lab', () => {
  it('are one for each name and address', () => {
    expect(nameRows(lab).map(({ name, type, value }) => `${name} ${type} ${value}`)).toEqual([
      'gitlab.lab.home.arpa A 192.168.1.10',
      'gitlab.lab.home.arpa AAAA fd00::10',
      'auth.lab.home.arpa A 192.168.1.10',
      'auth.lab.home.arpa AAAA fd00::10',
    ]);
  });

  it('are one line of a hosts file for each address, which a person finds again', () => {
    expect(textOf('hosts')).toBe(
      '# begin autogit lab.home.arpa\n' +
        '192.168.1.10 gitlab.lab.home.arpa auth.lab.home.arpa\n' +
        'fd00::10 gitlab.lab.home.arpa auth.lab.home.arpa\n' +
        '# end autogit lab.home.arpa\n',
    );
  });

  it('are lines of a zone file with full names, one by one and as a wildcard', () => {
    expect(textOf('zone')).toContain('gitlab.lab.home.arpa. 300 IN AAAA fd00::10\n');
    expect(textOf('zone')).toContain('*.lab.home.arpa. 300 IN A 192.168.1.10\n');
  });

  it('send name servers to that of the lab, past what they do to private answers', () => {
    expect(textOf('dnsmasq')).toBe('server=/lab.home.arpa/192.168.1.10\nrebind-domain-ok=/lab.home.arpa/\n');
    expect(textOf('unbound')).toContain('local-zone: "home.arpa." nodefault');
    expect(textOf('unbound')).toContain('private-domain: "lab.home.arpa"');
    expect(textOf('resolved')).toBe('[Resolve]\nDNS=192.168.1.10\nDomains=~lab.home.arpa\n');
  });

  it('name the port of the name server where it is another than 53', () => {
    const other = { ...lab, server: { address: '192.168.1.10', port: 5353 } };
    expect(textOf('dnsmasq', other)).toContain('/192.168.1.10#5353\n');
    expect(textOf('unbound', other)).toContain('forward-addr: 192.168.1.10@5353\n');
    expect(textOf('openwrt', other)).toContain('/192.168.1.10#5353');
    expect(textOf('openwrt', other)).not.toContain("server='/lab.home.arpa/'");
    expect(textOf('resolved', other)).toContain('DNS=192.168.1.10:5353\n');
  });

  it('are answered by name servers themselves where the lab has none', () => {
    const own = { ...lab, server: null };
    expect(textOf('dnsmasq', own)).toBe(
      'address=/lab.home.arpa/192.168.1.10\naddress=/lab.home.arpa/fd00::10\nlocal=/lab.home.arpa/\n',
    );
    expect(textOf('unbound', own)).toContain('local-zone: "lab.home.arpa." redirect');
    expect(textOf('unbound', own)).toContain('local-data: "lab.home.arpa. 300 IN AAAA fd00::10"');
    expect(textOf('openwrt', own)).toContain("dhcp.@dnsmasq[0].address='/lab.home.arpa/fd00::10'");
    // Questions for the other family would go upstream without it.
    expect(textOf('openwrt', own)).toContain("dhcp.@dnsmasq[0].server='/lab.home.arpa/'");
    expect(textOf('resolved', own)).toContain('/etc/hosts');
  });
});

describe('what a provider has to get', () => {
  it('is what it lacks and what it has otherwise, and nothing else of the zone', () => {
    const present = [
      { name: 'gitlab.lab.home.arpa', type: 'A', value: '10.0.0.1' },
      { name: 'Auth.lab.home.arpa.', type: 'A', value: '192.168.1.10' },
      { name: 'auth.lab.home.arpa', type: 'AAAA', value: 'fd00:0:0::0010' },
      { name: 'mail.lab.home.arpa', type: 'A', value: '203.0.113.7' },
    ] as const;
    expect(
      recordChanges(lab, present).map(({ change, name, type, from }) => [change, name, type, from]),
    ).toEqual([
      ['update', 'gitlab.lab.home.arpa', 'A', '10.0.0.1'],
      ['create', 'gitlab.lab.home.arpa', 'AAAA', ''],
      ['same', 'auth.lab.home.arpa', 'A', '192.168.1.10'],
      ['same', 'auth.lab.home.arpa', 'AAAA', 'fd00:0:0::0010'],
    ]);
  });

  it('is nothing more once it was given', () => {
    const address = fc.oneof(fc.ipV4(), fc.ipV6());
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.domain(), address), { maxLength: 8 }), (pairs) => {
        const unique = new Map(pairs.map(([name, value]) => [name.toLowerCase(), value]));
        const names = [...unique].map(([name, value]) => ({ name, what: 'x', addresses: [value] }));
        const given = nameRows({ names });
        expect(recordChanges({ names }, given).every(({ change }) => change === 'same')).toBe(true);
      }),
    );
  });
});

describe('addresses', () => {
  it('of IPv6 are the same however they are written', () => {
    expect(sameAddress('fd00::10', 'FD00:0:0:0:0:0:0:0010')).toBe(true);
    expect(sameAddress('::1', '0:0:0:0:0:0:0:1')).toBe(true);
    expect(sameAddress('fd00::1', 'fd00::10')).toBe(false);
    expect(sameAddress('1.2.3.4', '1.2.3.40')).toBe(false);
  });
});
