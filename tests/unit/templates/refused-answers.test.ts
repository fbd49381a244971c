import { describe, expect, it } from 'vitest';
import type { StackFacts } from '../../../main/model/stack/stack.ts';
import { echo } from './echo-template.ts';
import { problems, render, small } from './small-templates.ts';

const engine: NonNullable<StackFacts['engine']> = {
  ...{ kind: 'docker', rootless: false, version: '28.5.2', apiVersion: '1.51', architecture: 'amd64' },
  ...{ socket: '/var/run/docker.sock', lowestPort: null },
};

type Row = readonly [
  what: string,
  answers: Readonly<Record<string, unknown>>,
  facts: Partial<StackFacts>,
  field: string,
  key: string,
];
type Warned = readonly [
  what: string,
  answers: Readonly<Record<string, unknown>>,
  facts: Partial<StackFacts>,
  key: string,
];

describe('answers that can not work here', () => {
  it.each<Row>([
    ['a domain', { domain: 'home.arpa' }, {}, 'domain', 'stack.name-public-suffix'],
    ['a folder', { data: '/etc' }, {}, 'data', 'stack.data-system'],
    ['one port for two', { ports: { https: 80 } }, {}, 'ports.https', 'stack.port-twice'],
    ['SSH where https is', { ports: { ssh: 443 } }, {}, 'ports.ssh', 'stack.port-twice'],
    [
      'a low port without root',
      {},
      { engine: { ...engine, rootless: true, lowestPort: 1024 } },
      'ports.http',
      'stack.port-low',
    ],
    ['no address', {}, { address: null }, 'address', 'stack.address-unknown'],
    ['an address of nobody', { address: '0.0.0.0' }, {}, 'address', 'stack.address-invalid'],
    ['an address of a group', { address: '239.1.2.3' }, {}, 'address', 'stack.address-invalid'],
    [
      'a name as name server',
      { dns: { mode: 'coredns', upstream: ['router'] } },
      {},
      'dns.upstream.0',
      'stack.dns-upstream',
    ],
    [
      'a name server with code',
      { dns: { mode: 'coredns', upstream: ['1.1.1.1 {'] } },
      {},
      'dns.upstream.0',
      'stack.dns-upstream',
    ],
    [
      'a name server with a line',
      { dns: { mode: 'coredns', upstream: ['1.1.1.1\n}'] } },
      {},
      'dns.upstream.0',
      'stack.answer-control',
    ],
    [
      'itself as name server',
      { dns: { mode: 'coredns', upstream: ['192.168.1.10'] } },
      {},
      'dns.upstream.0',
      'stack.dns-loop',
    ],
    [
      'a zone elsewhere',
      { domain: 'lab.a.com', dns: { mode: 'provider', provider: 'cloudflare', zone: 'b.com' } },
      {},
      'dns.zone',
      'stack.dns-zone',
    ],
    [
      "Let's Encrypt for a home",
      { tls: { mode: 'acme-http', email: 'a@b.com' } },
      {},
      'tls.mode',
      'stack.tls-not-public',
    ],
    [
      'a provider nobody knows',
      { domain: 'lab.a.com', tls: { mode: 'acme-dns', email: 'a@b.com', provider: 'magic' } },
      {},
      'tls.provider',
      'stack.tls-provider',
    ],
    [
      'a certificate of nowhere',
      { tls: { mode: 'own', certificate: 'x.pem', key: '/k' } },
      {},
      'tls.certificate',
      'stack.path-relative',
    ],
    [
      'a branch that git refuses',
      { policy: { defaultBranch: 'a..b' } },
      {},
      'policy.defaultBranch',
      'stack.branch-name',
    ],
    ['an engine elsewhere', {}, { engine: { ...engine, socket: null } }, 'engine', 'stack.engine-elsewhere'],
    [
      'no network left',
      {},
      { subnets: ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16'] },
      'networks',
      'stack.no-subnet',
    ],
    ['a template that is not there', { templates: { ecco: {} } }, {}, 'templates.ecco', 'template.unknown'],
    [
      'an answer nobody asked for',
      { templates: { echo: { lines: 'x' } } },
      {},
      'templates.echo.lines',
      'template.unknown-answer',
    ],
    [
      'a text for a number',
      { templates: { echo: { many: 'x' } } },
      {},
      'templates.echo.many',
      'template.answer',
    ],
    [
      'a number that is too big',
      { templates: { echo: { many: 10 } } },
      {},
      'templates.echo.many',
      'template.answer',
    ],
    [
      'another choice',
      { templates: { echo: { colour: 'green' } } },
      {},
      'templates.echo.colour',
      'template.answer',
    ],
    ['no host', { templates: { echo: { host: 'a b' } } }, {}, 'templates.echo.host', 'template.answer'],
    [
      'a host with code',
      { templates: { echo: { host: '$(id)' } } },
      {},
      'templates.echo.host',
      'template.answer',
    ],
    [
      'two lines for one',
      { templates: { echo: { line: 'a\nb' } } },
      {},
      'templates.echo.line',
      'stack.answer-control',
    ],
    [
      'a secret in the answers',
      { templates: { echo: { token: 'hunter2' } } },
      {},
      'templates.echo.token',
      'template.secret-answer',
    ],
  ])('%s: the field, a key and a next step', (_, answers, facts, field, key) => {
    const found = problems({ templates: [echo], answers, facts });
    expect(found.map((one) => [one.field, one.key])).toContainEqual([field, key]);
    for (const { message, next } of found) {
      expect(message).toMatch(/\.$|\?$|: /);
      expect(next).not.toBe('');
      expect(JSON.stringify([message, next])).not.toContain('hunter2');
    }
  });

  it('says all of them at once', () => {
    const found = problems({
      templates: [echo],
      answers: { domain: 'home.arpa', data: '/etc', ports: { https: 80 } },
    });
    expect(found.map(({ field }) => field)).toEqual(['domain', 'data', 'ports.https']);
  });

  it('lets two mistakes of a template’s own answers be seen by their fields', () => {
    const needs = small('needs', '', {
      questions: [
        { id: 'host', label: 'Host', help: 'Name one.', type: 'text', format: 'host', default: null },
      ],
    });
    expect(problems({ templates: [needs] })).toEqual([
      expect.objectContaining({
        field: 'templates.needs.host',
        key: 'template.answer-missing',
        next: 'Name one.',
      }),
    ]);
  });
});

describe('what should be known', () => {
  it.each<Warned>([
    ['.local', { domain: 'lab.local' }, {}, 'stack.name-local'],
    ['a folder that is emptied', { data: '/tmp/lab' }, {}, 'stack.data-temporary'],
    ['a preset that is too big', { preset: 'beast' }, {}, 'stack.preset-big'],
    ['an address of this machine alone', { address: '127.0.0.1' }, {}, 'stack.address-loopback'],
    ['no name server of the machine', {}, { resolvers: [] }, 'stack.dns-no-resolver'],
    [
      'another port for the proof',
      { domain: 'lab.a.com', ports: { http: 8080 }, tls: { mode: 'acme-http', email: 'a@b.com' } },
      {},
      'stack.acme-port',
    ],
    ['a grant that nothing wants', { grants: ['x: privileged'] }, {}, 'template.grant-unused'],
  ])('%s is a warning', (_, answers, facts, key) => {
    const rendering = render({ templates: [echo], answers, facts });
    expect(rendering.ok ? rendering.warnings.map((warning) => warning.key) : rendering.problems).toEqual([
      key,
    ]);
  });
});
