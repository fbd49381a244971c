// What answers about names mean.
import { describe, expect, it } from 'vitest';
import { judgeNames, lanSentence } from '../../../main/plan/judge-names.ts';
import type { Viewpoint } from '../../../main/model/stack/names.ts';
import type { NameCase, NameView } from '../../../main/plan/judge-names.ts';

const name = 'gitlab.lab.home.arpa';
const right = '192.168.1.10';

function view(from: Viewpoint, v4: readonly string[] | null, v6: readonly string[] | null = []): NameView {
  const who = { machine: '', lab: '192.168.1.10:53', network: '192.168.1.1', container: 'gitlab' }[from];
  return { from, who, seen: [{ name, v4, v6 }], silence: v4 === null ? 'timed out' : null };
}

function judge(views: readonly NameView[], change: Partial<NameCase> = {}) {
  const domain = 'lab.home.arpa';
  const names = [{ name, what: 'GitLab', addresses: [right] }];
  const judged = judgeNames({
    ...{ domain, names, subnets: ['172.30.0.0/24'], hasServer: true, published: null, views },
    ...change,
  });
  const verdicts = judged.views.map(({ from, names: all }) => `${from} ${all[0]?.verdict ?? ''}`);
  return { verdicts, ...judged, sentence: lanSentence(judged.views, domain) };
}

describe('answers about names', () => {
  it('are right everywhere, inside by the proxy itself', () => {
    const judged = judge([
      view('machine', [right]),
      view('lab', [right]),
      view('network', [right]),
      view('container', ['172.30.0.2']),
    ]);
    expect(judged.findings).toEqual([]);
    expect(judged.sentence).toBe('Devices of this network find lab.home.arpa.');
  });

  it('are wrong where they lead somewhere else, also to the network of a stack from outside', () => {
    expect(judge([view('network', ['10.0.0.1'])]).verdicts).toEqual(['network wrong-address']);
    expect(judge([view('network', ['172.30.0.2'])]).verdicts).toEqual(['network wrong-address']);
    expect(judge([view('network', [right, '10.0.0.1'])]).findings[0]).toMatchObject({
      key: 'names.wrong-address',
      severity: 'error',
      message: expect.stringContaining('10.0.0.1') as string,
    });
  });

  it('are missing, and devices do not find the lab', () => {
    const judged = judge([view('machine', []), view('lab', [right]), view('network', [])]);
    expect(judged.verdicts).toEqual(['machine missing', 'lab right', 'network missing']);
    expect(judged.sentence).toBe(
      'Devices that ask 192.168.1.1, as this network tells them to, do not find lab.home.arpa.',
    );
  });

  it('are remembered as missing on a machine whose name server has them', () => {
    const judged = judge([view('machine', []), view('network', [right])]);
    expect(judged.verdicts).toEqual(['machine cached', 'network right']);
    expect(judged.findings[0]?.next).toContain('resolvectl flush-caches');
  });

  it('are remembered as missing, or hidden, by a name server when the provider has them', () => {
    const judged = judge([view('network', [])], { published: true });
    expect(judged.verdicts).toEqual(['network cached']);
    expect(judged.findings[0]?.next).toContain('DNS rebinding');
  });

  it('come by mDNS where the domain is .local, whether it works here or not', () => {
    const local = { domain: 'lab.local' };
    expect(judge([view('machine', []), view('network', [right])], local).verdicts[0]).toBe('machine by-mdns');
    expect(judge([view('machine', [right]), view('network', [])], local).verdicts[0]).toBe('machine by-mdns');
  });

  it('are known to this machine only', () => {
    const judged = judge([view('machine', [right]), view('network', [])]);
    expect(judged.verdicts).toEqual(['machine only-here', 'network missing']);
  });

  it('say nothing about the machine when no name server of the network could be asked', () => {
    expect(judge([view('machine', [right]), view('network', null, null)]).verdicts).toEqual([
      'machine right',
      'network no-answer',
    ]);
    expect(judge([view('machine', [right])]).sentence).toContain('nobody can say');
  });

  it('lead elsewhere by IPv6 alone', () => {
    const judged = judge([view('network', [right], ['2001:db8::1'])]);
    expect(judged.verdicts).toEqual(['network v6-elsewhere']);
    expect(judged.findings[0]?.message).toContain('2001:db8::1');
    expect(judge([view('network', [], ['2001:db8::1'])]).verdicts).toEqual(['network wrong-address']);
  });

  it('do not come, with the reason, and that is an error for the name server of the lab', () => {
    expect(judge([view('lab', null, null)]).findings).toMatchObject([
      { key: 'names.no-answer', severity: 'error', message: expect.stringContaining('timed out') as string },
    ]);
    expect(judge([view('network', null, null)]).findings).toMatchObject([{ severity: 'warning' }]);
  });

  it('are not told where nobody answers for IPv4 and there is none for IPv6: that is no missing name', () => {
    const half = { ...view('network', null, []), silence: null };
    expect(judge([view('machine', [right]), half]).verdicts).toEqual(['machine right', 'network no-answer']);
    expect(judge([view('network', [], null)]).verdicts).toEqual(['network missing']);
  });

  it('differ between two name servers, of which a device may ask either', () => {
    const judged = judge([view('network', [right]), { ...view('network', []), who: '9.9.9.9' }]);
    expect(judged.sentence).toContain('those that ask 9.9.9.9 do not');
  });
});
