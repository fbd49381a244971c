// Where a stack's ports are published, and whether its containers may use its files.
import { describe, expect, it } from 'vitest';
import type { StackPresent } from '../../../main/model/stack/stack.ts';
import { appliedOf } from '../../fakes/some-stack.ts';
import { findingIn, keysOf, ourStack, someFacts } from '../../fakes/stack-subject.ts';
import type { Change } from '../../fakes/stack-subject.ts';

const { engine } = someFacts;
if (engine === null) throw new Error('the fake has an engine');

/** As it was rendered for an engine without SELinux. */
const unlabelled: StackPresent = {
  ...appliedOf(ourStack),
  files: [{ path: 'compose.yaml', content: 'services: {}', hash: 'h' }],
};

describe('ports and files of a stack', () => {
  it('says nothing of SELinux where the engine does not use it, nothing is refused, or files are labelled', () => {
    const confined = { facts: { engine: { ...engine, selinux: true as const } } };
    const files = [{ path: 'compose.yaml', content: 'bind: { selinux: z }', hash: 'h' }];
    expect(keysOf({ around: { selinux: true }, rest: { present: unlabelled } })).not.toContain(
      'stack.selinux',
    );
    for (const change of [
      { ...confined, around: { selinux: false }, rest: { present: unlabelled } },
      { ...confined, around: { selinux: true }, rest: { present: { ...unlabelled, files } } },
      { ...confined, around: { selinux: true }, rest: { present: null } },
    ])
      expect(keysOf(change)).not.toContain('stack.selinux');
  });

  it('says nothing of ports on the address of the names, or on all', () => {
    for (const bind of ['192.168.1.10', '0.0.0.0', null]) expect(keysOf({ answers: { bind } })).toEqual([]);
  });

  it.each<readonly [what: string, change: Change, key: string, severity: string]>([
    [
      'files without the labels of SELinux',
      { facts: { engine: { ...engine, selinux: true } }, rest: { present: unlabelled } },
      'stack.selinux',
      'warning',
    ],
    ['ports on an address of nobody', { answers: { bind: '10.9.9.9' } }, 'stack.bind-elsewhere', 'error'],
    [
      'ports on another address than the names',
      { answers: { bind: '10.0.0.2' }, around: { addresses: ['192.168.1.10', '10.0.0.2'] } },
      'stack.bind-unnamed',
      'warning',
    ],
    [
      'an IPv6 address beside ports on one for IPv4',
      {
        answers: { address6: 'fd00::1', bind: '192.168.1.10' },
        around: { addresses6: ['fd00::1'] },
        stack: {
          ports: [{ port: 443, protocol: 'tcp', address: '192.168.1.10', service: 'traefik', what: 'web' }],
        },
      },
      'stack.ipv6-unserved',
      'warning',
    ],
  ])('are said to be wrong because of %s', (_, change, key, severity) => {
    const found = findingIn(change, key);
    expect(found.severity).toBe(severity);
    expect(found.message).toMatch(/[.!)]$/);
    expect(found.evidence.length).toBeGreaterThan(0);
  });
});
