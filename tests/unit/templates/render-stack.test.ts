import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import type { StackFacts } from '../../../main/model/stack/stack.ts';
import { echo, readCompose } from './echo-template.ts';
import { fileOf, render, rendered, small } from './small-templates.ts';

const texts = z.record(z.string(), z.string());

describe('a stack', () => {
  it('is the same for the same answers, byte for byte, in whatever order templates come', () => {
    const templates = [echo, small('other', 'networks: [edge]')];
    expect(rendered({ templates })).toEqual(rendered({ templates: [...templates].reverse() }));
  });

  it('is one plain compose.yaml with networks, logs that end, and the hash of each service', () => {
    const stack = rendered({ templates: [echo] });
    const text = fileOf(stack, 'compose.yaml');
    expect(text).toMatch(/^# .*This is the folder that runs/);
    expect(readCompose(text)).toMatchObject({
      name: 'autogit-lab',
      services: {
        echo: {
          restart: 'unless-stopped',
          networks: { inner: null },
          logging: { driver: 'json-file', options: { 'max-size': '10m' } },
          labels: { 'autogit.stack.hash': stack.services[0]?.hash, 'autogit.stack.template': 'echo' },
        },
      },
      networks: { inner: { name: 'autogit-lab_inner', ipam: { config: [{ subnet: '172.29.1.0/24' }] } } },
    });
    expect(fileOf(stack, 'README.md')).toContain('docker compose up -d');
  });

  it('has no health check where nobody would run it: its container would never be healthy', () => {
    const checked = small('checked', 'healthcheck: { test: ["CMD", "true"] }');
    const engine: NonNullable<StackFacts['engine']> = {
      ...({ kind: 'podman', rootless: true, version: '4.3.1', apiVersion: '1.41' } as const),
      ...{ architecture: 'amd64', socket: '/run/user/1000/podman/podman.sock', lowestPort: 1 },
    };
    const checks = (checksHealth: boolean): readonly unknown[] => {
      const stack = rendered({ templates: [checked, echo], facts: { engine: { ...engine, checksHealth } } });
      const { services } = readCompose(fileOf(stack, 'compose.yaml'));
      expect(stack.services.map(({ hasHealthCheck }) => hasHealthCheck)).toEqual([true, false]);
      return ['checked', 'echo'].map((name) => services[name]?.['healthcheck']);
    };
    expect(checks(true)).toEqual([{ test: ['CMD', 'true'] }, undefined]);
    expect(checks(false)).toEqual([{ disable: true }, { disable: true }]);
  });

  it('changes the hash of a service with a file that it reads, and of no other one', () => {
    const question = { id: 'line', label: 'l', help: 'l', type: 'text', format: 'line', default: 'x' };
    const files = [{ from: 'f', to: 'reads/f', format: 'text' }];
    const reads = small(
      'reads',
      'volumes: [./reads:/f:ro]',
      { questions: [question], files },
      { f: '{{ answers.line | json }}' },
    );
    const [first, second] = ['a', 'b'].map(
      (line) => rendered({ templates: [reads, echo], answers: { templates: { reads: { line } } } }).services,
    );
    const hashOf = (services: typeof first, name: string) => services?.find((one) => one.name === name)?.hash;
    expect(hashOf(first, 'reads')).not.toBe(hashOf(second, 'reads'));
    expect(hashOf(first, 'echo')).toBe(hashOf(second, 'echo'));
    expect(hashOf(first, 'echo')).toMatch(/^[0-9a-f]{64}$/);
  });

  it('knows which services cannot go back to an older image', () => {
    const kept = small('kept', '', { upgrade: { backup: true } });
    const flags = rendered({ templates: [kept, echo] }).services.map(({ name, keepsForward }) => [
      name,
      keepsForward,
    ]);
    expect(Object.fromEntries(flags)).toEqual({ kept: true, echo: undefined });
  });

  it('lets no answer leave its place in any file', () => {
    const hostile = fc.oneof(
      fc.string(),
      fc.stringMatching(/^['"\\#{}$%: -]{1,20}$/),
      fc.constantFrom(
        '${HOME}',
        '$$HOME',
        '{{ lab.data }}',
        "' + `id` + '",
        '": x',
        '!!binary x',
        '*a',
        '- a',
        'yes',
        '0777',
      ),
    );
    const line = hostile.filter((text) => !/[\p{Cc}\p{Zl}\p{Zp}\p{Cs}]/u.test(text));
    const folder = fc.stringMatching(/^[A-Za-z0-9 $'"\\{}#%&!*?@-]{1,20}$/);
    fc.assert(
      fc.property(line, folder, (text, name) => {
        const data = `/srv/${name}`;
        const stack = rendered({ templates: [echo], answers: { data, templates: { echo: { line: text } } } });
        const service = readCompose(fileOf(stack, 'compose.yaml')).services['echo'];
        const undollar = (value: string) => value.replaceAll('$$', () => '$');
        const { DATA, LINE } = texts.parse(service?.['environment']);
        expect([undollar(DATA ?? ''), undollar(LINE ?? '')]).toEqual([data, text]);
        expect([DATA, LINE].join('').replaceAll('$$', '')).not.toContain('$');
        expect(service?.['volumes']).toMatchObject([
          { source: `${data.replaceAll('$', '$$$$')}/echo` },
          './echo/settings.yaml:/settings.yaml:ro',
        ]);
        expect(parse(fileOf(stack, 'echo/settings.yaml'))).toEqual({ data, line: text, last: true });
        expect(fileOf(stack, 'echo/settings.rb').split('\n')).toHaveLength(3);
        expect(stack.folders).toEqual([{ path: `${data}/echo`, holds: 'echoes' }]);
      }),
    );
  });

  it("gives GitLab an address that is a URL of that host and port, without a path, and SSH's port in its own", () => {
    const label = fc.stringMatching(/^[a-z][a-z0-9-]{0,10}[a-z0-9]$/);
    const port = fc.oneof(fc.constantFrom(443, 22, 8443, 1, 65_535), fc.integer({ min: 1, max: 65_535 }));
    fc.assert(
      fc.property(label, fc.option(fc.domain()), port, port, (lab, domain, https, ssh) => {
        const rendering = render({
          templates: [echo],
          answers: {
            lab,
            domain: domain === null ? null : `x.${domain}`,
            ports: { https, ssh, http: 80, dns: 53 },
          },
        });
        fc.pre(rendering.ok);
        const { stack } = rendering;
        const url = new URL(stack.gitlabUrl);
        expect(stack.gitlabUrl).toBe(`https://gitlab.${stack.domain}${https === 443 ? '' : `:${https}`}`);
        expect(stack.gitlabUrl).not.toMatch(/\/$/);
        expect([url.protocol, url.hostname, url.pathname]).toEqual(['https:', `gitlab.${stack.domain}`, '/']);
        expect(Number(url.port || 443)).toBe(https);
        expect(Number(new URL(stack.sshUrl).port || 22)).toBe(ssh);
        expect(readCompose(fileOf(stack, 'compose.yaml')).services['echo']?.['environment']).toMatchObject({
          URL: stack.gitlabUrl,
        });
      }),
    );
  });

  it('fills in every answer', () => {
    const { answers } = rendered({ templates: [echo], answers: { templates: { echo: { many: 5 } } } });
    expect(answers).toMatchObject({
      ...{ domain: 'lab.home.arpa', address: '192.168.1.10', preset: 'homelab' },
      dns: { mode: 'coredns', upstream: ['192.168.1.1'] },
      admin: { username: 'admin', email: 'admin@lab.home.arpa' },
      templates: { echo: { line: 'x', many: 5, colour: 'red', token: false } },
    });
  });

  it('has room for a folder whose name has blanks', () => {
    const stack = rendered({ templates: [echo], answers: { data: '/srv/My  Lab/' } });
    expect(stack.data).toBe('/srv/My  Lab');
    expect(readCompose(fileOf(stack, 'compose.yaml')).services['echo']?.['volumes']).toMatchObject([
      { source: '/srv/My  Lab/echo' },
      {},
    ]);
  });

  it('keeps its networks while nothing collides with them', () => {
    const kept = { 'autogit-lab_edge': '172.28.0.0/24' };
    expect(rendered({ templates: [echo], facts: { kept } }).networks[0]?.subnet).toBe('172.28.0.0/24');
    expect(
      rendered({ templates: [echo], facts: { kept, subnets: ['172.28.0.0/16'] } }).networks[0]?.subnet,
    ).toBe('172.29.0.0/24');
  });
});
