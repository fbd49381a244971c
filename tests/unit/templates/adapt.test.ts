import { describe, expect, it } from 'vitest';
import { bindPorts, labelled } from '../../../main/templates/adapt.ts';
import type { Json, JsonMap } from '../../../main/templates/compose-part.ts';
import { portsOf } from '../../../main/templates/mounts.ts';
import { parse } from 'yaml';
import { z } from 'zod';
import { bundledTemplates, someFacts } from '../../fakes/stack-templates.ts';
import { fileOf, rendered } from './small-templates.ts';

const templates = bundledTemplates();
function bound(ports: Json, address: string | null): JsonMap {
  const [template] = templates;
  if (template === undefined) throw new Error('there are templates');
  return bindPorts({ name: 'x', template, spec: { ports } }, address).spec;
}

describe('ports on one address', () => {
  it('get it in both of the ways to write them, an IPv6 address in brackets where colons part', () => {
    const ports = ['80:80', '53:53/udp', { target: 22, published: 2222, protocol: 'tcp' }];
    expect(bound(ports, '10.0.0.2')['ports']).toEqual([
      ...['10.0.0.2:80:80', '10.0.0.2:53:53/udp'],
      { target: 22, published: 2222, protocol: 'tcp', host_ip: '10.0.0.2' },
    ]);
    expect(bound(ports, 'fd00::2')['ports']).toEqual([
      ...['[fd00::2]:80:80', '[fd00::2]:53:53/udp'],
      { target: 22, published: 2222, protocol: 'tcp', host_ip: 'fd00::2' },
    ]);
    for (const address of ['10.0.0.2', 'fd00::2'])
      expect(portsOf(bound(ports, address)).map((port) => port?.address)).toEqual([
        address,
        address,
        address,
      ]);
  });

  it('keep one of their own, and are on all without an answer', () => {
    const own = ['127.0.0.1:80:80', '[::1]:81:81', { target: 1, published: 1, host_ip: '127.0.0.1' }];
    expect(bound(own, '10.0.0.2')['ports']).toEqual(own);
    expect(bound(['80:80'], null)['ports']).toEqual(['80:80']);
  });

  it('show in what is rendered', () => {
    const stack = rendered({ templates, answers: { bind: 'fd00::2', ssh: 'direct', dns: { mode: 'own' } } });
    expect(new Set(stack.ports.map(({ address }) => address))).toEqual(new Set(['fd00::2']));
  });
});

describe('labels of SELinux', () => {
  it('are put on folders of the stack and of its data, and on nothing else of the machine', () => {
    const volumes = [
      './x:/x',
      './y:/y:ro',
      './z:/z:Z',
      '/srv/lab/x:/d',
      '/srv/laboratory:/e',
      'name:/v',
      '/t',
    ];
    expect(labelled({ volumes }, '/srv/lab')['volumes']).toEqual([
      ...['./x:/x:z', './y:/y:ro,z', './z:/z:Z', '/srv/lab/x:/d:z', '/srv/laboratory:/e', 'name:/v', '/t'],
    ]);
    const long = (source: string): JsonMap => ({ type: 'bind', source, target: '/x' });
    const bind = { selinux: 'z', create_host_path: true };
    expect(
      labelled({ volumes: [long('./x'), long('/srv/lab/x'), long('/run/docker.sock')] }, '/srv/lab'),
    ).toEqual({
      volumes: [{ ...long('./x'), bind }, { ...long('/srv/lab/x'), bind }, long('/run/docker.sock')],
    });
  });

  it('are put on secrets, which are mounted as Compose would', () => {
    const secrets = ['a', { source: 'b' }, { source: 'c', target: 'd' }, { source: 'e', target: '/f' }];
    const bind = { selinux: 'z', create_host_path: true };
    const mount = (source: string, target: string): JsonMap => ({
      ...{ type: 'bind', source: `./secrets/${source}`, target, read_only: true, bind },
    });
    expect(labelled({ image: 'x', secrets }, '/srv/lab')).toEqual({
      image: 'x',
      volumes: [
        mount('a', '/run/secrets/a'),
        mount('b', '/run/secrets/b'),
        mount('c', '/run/secrets/d'),
        mount('e', '/f'),
      ],
    });
    expect(labelled({ image: 'x' }, '/srv/lab')).toEqual({ image: 'x' });
  });

  it('are rendered for an engine that asks for them, and change every container that reads files', () => {
    const { engine } = someFacts();
    if (engine === null) throw new Error('the fake has an engine');
    const without = rendered({ templates });
    const confined = rendered({ templates, facts: { engine: { ...engine, selinux: true } } });
    const compose = z
      .looseObject({ services: z.record(z.string(), z.looseObject({ volumes: z.unknown() })) })
      .parse(parse(fileOf(confined, 'compose.yaml')));
    expect(compose).not.toHaveProperty('secrets');
    expect(JSON.stringify(compose.services['gitlab']?.volumes)).toContain('./secrets/gitlab-root-password');
    expect(JSON.stringify(compose.services['socket-proxy']?.volumes)).not.toContain('selinux');
    expect(fileOf(without, 'compose.yaml')).not.toContain('selinux');
    expect(confined.services.map(({ secrets }) => secrets)).toEqual(
      without.services.map(({ secrets }) => secrets),
    );
    const changed = confined.services.filter(({ hash }, index) => hash !== without.services[index]?.hash);
    expect(changed.map(({ name }) => name)).toEqual(
      confined.services.map(({ name }) => name).filter((name) => name !== 'socket-proxy'),
    );
  });
});
