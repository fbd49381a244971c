import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { StackFacts } from '../../../main/model/stack/stack.ts';
import { templateSchema } from '../../../main/model/stack/template.ts';
import type { TemplateSource } from '../../../main/model/stack/template.ts';
import { echo, readCompose } from './echo-template.ts';
import { fileOf, manifest, own, problems, rendered, small } from './small-templates.ts';

const engine: NonNullable<StackFacts['engine']> = {
  ...{ kind: 'docker', rootless: false, version: '28.5.2', apiVersion: '1.51', architecture: 'amd64' },
  ...{ socket: '/var/run/docker.sock', lowestPort: null },
};

describe('the templates of a stack', () => {
  const fixed = small('sso', '', { kind: 'fixed', when: 'sso == "authelia"' });
  const option = small('mail', '', { kind: 'option', needs: ['sso'] });

  it('are the core, those an answer asks for, and those that are named', () => {
    const templates = [option, fixed, echo];
    expect(rendered({ templates }).templates).toEqual(['echo', 'sso']);
    expect(rendered({ templates, answers: { sso: 'off' } }).templates).toEqual(['echo']);
    expect(rendered({ templates, answers: { templates: { mail: {} } } }).templates).toEqual([
      'echo',
      'sso',
      'mail',
    ]);
  });

  it('need what they need', () => {
    const found = problems({
      templates: [option, fixed, echo],
      answers: { sso: 'off', templates: { mail: {} } },
    });
    expect(found.map(({ field, key }) => [field, key])).toEqual([['templates.mail.needs', 'template.needs']]);
    expect(found[0]?.next).toContain('sso == "authelia"');
  });

  it('know of each other, also of those that are not there', () => {
    const asks = small(
      'asks',
      'environment: { MAIL: {% if has.mail and of.mail.port == 25 %}"yes"{% else %}"no"{% endif %} }',
    );
    const port = small('mail', '', {
      kind: 'option',
      questions: [{ id: 'port', label: 'p', help: 'p', type: 'number', min: 1, max: 99, default: 25 }],
    });
    const mail = (answers: Readonly<Record<string, unknown>>) =>
      readCompose(fileOf(rendered({ templates: [asks, port], answers }), 'compose.yaml')).services['asks']?.[
        'environment'
      ];
    expect(mail({})).toEqual({ MAIL: 'no' });
    expect(mail({ templates: { mail: {} } })).toEqual({ MAIL: 'yes' });
    expect(mail({ templates: { mail: { port: 26 } } })).toEqual({ MAIL: 'no' });
  });

  it('ask for secrets only where they are wanted, and never see them', () => {
    expect(rendered({ templates: [echo] }).secrets).toEqual([]);
    expect(
      rendered({ templates: [echo], answers: { templates: { echo: { token: true } } } }).secrets,
    ).toEqual([{ name: 'echo-token', kind: 'asked', of: null, label: 'A token', template: 'echo' }]);
  });

  it("ask for what Let's Encrypt's proof at a provider takes", () => {
    const tls = { mode: 'acme-dns', email: 'a@b.com', provider: 'porkbun' };
    expect(
      rendered({ templates: [echo], answers: { domain: 'lab.a.com', tls } }).secrets.map(({ name }) => name),
    ).toEqual(['acme-porkbun-api-key', 'acme-porkbun-secret-api-key']);
  });

  it.each([
    ['a value without a filter', { 'compose.yaml': 'services: {} # {{ lab.name }}' }, 'template.render'],
    ['an unknown variable', { 'compose.yaml': 'services: {} # {{ lab.nam | json }}' }, 'template.render'],
    ['broken YAML', { 'compose.yaml': 'services: [' }, 'template.compose'],
    ['services that are none', { 'compose.yaml': 'services: [a]' }, 'template.compose'],
  ])('with %s are refused with the place', (_, files, key) => {
    const found = problems({ templates: [{ ...small('bad', ''), files }] });
    expect(found.map((one) => [one.field, one.key])).toEqual([['templates.bad.compose.yaml', key]]);
    expect(found[0]?.message).toContain('bad');
  });

  it.each([
    ['is not there', {}, 'text', 'template.file-missing'],
    ['is no YAML', { f: 'a: [' }, 'yaml', 'template.syntax'],
    ['is no JSON', { f: '{' }, 'json', 'template.syntax'],
    ['has a control character', { f: 'a\u0007' }, 'text', 'template.syntax'],
    ['can not be rendered', { f: '{{ lab.data | word }}' }, 'text', 'template.render'],
  ])('whose file %s are refused', (_, files, format, key) => {
    const template = small('bad', '', { files: [{ from: 'f', to: 'bad/f', format }] }, files);
    expect(
      problems({ templates: [template], answers: { data: '/srv/my lab' } }).map((found) => found.key),
    ).toEqual([key]);
  });

  it.each([
    [
      'a broken when of a file',
      { files: [{ from: 'f', to: 'bad/f', format: 'text', when: 'nothing.there' }] },
      'template.expression',
    ],
    ['a broken when of itself', { kind: 'fixed', when: 'nothing' }, 'template.expression'],
    [
      'a port that is none',
      { ports: [{ port: 'lab.name', protocol: 'tcp', service: 'bad', what: 'x' }] },
      'template.expression',
    ],
    ['a broken regular expression', { harmless: ['('] }, 'template.expression'],
    [
      'a port it does not publish',
      { ports: [{ port: '99', protocol: 'tcp', service: 'bad', what: 'x' }] },
      'template.port',
    ],
    [
      'a secret of a secret it has not',
      { secrets: [{ name: 'a', kind: 'pbkdf2-of', of: 'b', label: 'x' }] },
      'template.secret',
    ],
    [
      'a default that is no choice',
      { questions: [{ id: 'a', label: 'a', help: 'a', type: 'choice', choices: ['x', 'y'], default: 'z' }] },
      'template.question',
    ],
  ])('with %s are refused', (_, change, key) => {
    const found = problems({ templates: [{ ...small('bad', ''), manifest: manifest('bad', change) }] });
    expect(found.map((one) => one.key)).toContain(key);
  });

  it('publish each port once', () => {
    const port = (id: string) =>
      small(id, 'ports: ["{{ lab.sshPort | word }}:22"]', {
        ports: [{ port: 'lab.sshPort', protocol: 'tcp', service: id, what: id }],
      });
    expect(rendered({ templates: [port('a')] }).ports).toEqual([
      { port: 2222, protocol: 'tcp', address: '0.0.0.0', service: 'a', what: 'a' },
    ]);
    expect(problems({ templates: [port('a'), port('b')] }).map(({ key }) => key)).toEqual([
      'stack.port-twice',
    ]);
    const low = { engine: { ...engine, lowestPort: 3000 } };
    expect(
      problems({
        templates: [port('a')],
        facts: low,
        answers: { ports: { http: 8080, https: 8443, ssh: 2222, dns: 5353 } },
      }).map(({ field }) => field),
    ).toEqual(['ports.ssh']);
  });

  it('let GitLab take what the preset says, and add up', () => {
    const { memory } = rendered({ templates: [small('gitlab', ''), echo] });
    expect(memory).toEqual({ leastMiB: 3_584 + 10, usualMiB: 4_096 + 20 });
  });

  it('of a person can be added as a folder only', () => {
    const template = own('ollama', 'environment: { A: {{ answers.model | json }} }', {
      questions: [
        { id: 'model', label: 'Model', help: 'Which.', type: 'text', format: 'line', default: 'small' },
      ],
    });
    const stack = rendered({
      templates: [echo, template],
      answers: { templates: { ollama: { model: "it's" } } },
    });
    expect(readCompose(fileOf(stack, 'compose.yaml')).services['ollama']?.['environment']).toEqual({
      A: "it's",
    });
  });

  it('are as docs/templates.md shows one', async () => {
    const page = await readFile(new URL('../../../docs/templates.md', import.meta.url), 'utf8');
    const blocks = [...page.matchAll(/```(json|yaml)\n(.*?)```/gs)].map(([, kind, text = '']) => ({
      kind,
      text,
    }));
    const json = blocks.find(({ kind }) => kind === 'json')?.text ?? '';
    const yaml = blocks.find(({ text }) => text.startsWith('services:'))?.text ?? '';
    const wiki: TemplateSource = {
      manifest: templateSchema.parse({
        ...z.record(z.string(), z.unknown()).parse(JSON.parse(json)),
        needs: [],
      }),
      origin: 'own',
      files: { 'compose.yaml': yaml, 'files/wiki.yaml': 'title: {{ answers.title | json }}\n' },
    };
    const stack = rendered({ templates: [echo, wiki], answers: { templates: { wiki: { title: 'Ours' } } } });
    expect(fileOf(stack, 'wiki/wiki.yaml')).toBe('title: "Ours"\n');
    expect(stack.services.find(({ name }) => name === 'wiki')?.secrets).toEqual(['wiki-key']);
  });
});
