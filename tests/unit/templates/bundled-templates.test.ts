import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { presets } from '../../../main/model/stack/answers.ts';
import type { AnswerValue } from '../../../main/model/stack/answers.ts';
import type { RenderedStack } from '../../../main/model/stack/stack.ts';
import type { Question, Template } from '../../../main/model/stack/template.ts';
import { bareOutputs } from '../../../main/templates/liquid.ts';
import { bundledTemplates } from '../../fakes/stack-templates.ts';
import { fileOf, render, rendered } from './small-templates.ts';

const templates = bundledTemplates();
const ids = templates.map(({ manifest }) => manifest.id);

/** Values of a question that have to show in what is rendered. */
function valuesOf(question: Question): readonly AnswerValue[] {
  switch (question.type) {
    case 'boolean':
      return [true, false];
    case 'secret':
      return question.optional ? [true, false] : [true];
    case 'number':
      return [question.min, question.max];
    case 'choice':
      return question.choices;
    case 'text':
      return texts[question.format];
  }
}

const texts = {
  line: ['One line', 'It\'s "another" $line: {{ x }} #1'],
  host: ['one.example.org', 'two.example.org'],
  email: ['one@example.org', 'two@example.org'],
  path: ['/srv/one', '/srv/two two'],
  username: ['one', 'two@example.org'],
} as const;

type Answers = Record<string, AnswerValue>;

/** Answers to what has no default. */
function least(manifest: Template): Answers {
  const open = manifest.questions.filter(
    (question) => question.type !== 'secret' && question.default === null,
  );
  return Object.fromEntries(open.map((question) => [question.id, valuesOf(question)[0] ?? true]));
}

const everything: Readonly<Record<string, Answers>> = Object.fromEntries(
  templates.map(({ manifest }) => [manifest.id, least(manifest)]),
);
const needed = Object.fromEntries(
  templates
    .filter(({ manifest }) => manifest.kind !== 'option')
    .map(({ manifest }) => [manifest.id, least(manifest)]),
);

/** What the programs read, by file: neither words for people nor the hashes that those change. */
function readFiles({ files }: RenderedStack): ReadonlyMap<string, string> {
  const read = files.filter(({ path }) => !path.endsWith('README.md'));
  const isRead = (line: string): boolean => !/^\s*(?:#|autogit\.stack\.hash:)/.test(line);
  return new Map(read.map(({ path, content }) => [path, content.split('\n').filter(isRead).join('\n')]));
}

function whatRuns(stack: RenderedStack): string {
  return JSON.stringify([...readFiles(stack)]);
}

/** Files that are not the same in both. */
function otherFiles(one: RenderedStack, other: RenderedStack): readonly string[] {
  const [here, there] = [readFiles(one), readFiles(other)];
  const paths = new Set([...here.keys(), ...there.keys()]);
  return [...paths].filter((path) => here.get(path) !== there.get(path)).toSorted();
}

const [compose, corefile, ruby] = ['compose.yaml', 'coredns/Corefile', 'gitlab/gitlab.rb'];
const [authelia, users] = ['authelia/configuration.yml', 'authelia/first-users.yml'];
const people = [authelia, users, 'authelia/start.sh'];
const [traefik, dashboard] = ['traefik/traefik.yml', 'traefik/dynamic/dashboard.yml'];
const middlewares = 'traefik/dynamic/middlewares.yml';

const tlsModes = {
  'local-ca': { tls: { mode: 'local-ca' } },
  own: { tls: { mode: 'own', certificate: '/srv/cert.pem', key: '/srv/key.pem' } },
  'acme-dns': { tls: { mode: 'acme-dns', email: 'me@example.org', provider: 'cloudflare' } },
  'acme-dns at AWS, a try': {
    tls: { mode: 'acme-dns', email: 'me@example.org', provider: 'route53', staging: true },
  },
  'acme-http': { tls: { mode: 'acme-http', email: 'me@example.org' } },
} as const;

describe('the bundled templates', () => {
  it('are all that lie in compose-templates, each whole', () => {
    const folders = readdirSync(new URL('../../../compose-templates', import.meta.url));
    expect(ids).toEqual(folders.toSorted());
    expect(ids).toEqual(
      expect.arrayContaining(['authelia', 'coredns', 'gitlab', 'mail', 'registry', 'traefik']),
    );
    for (const { manifest, files } of templates) {
      expect(Object.keys(files)).toEqual(expect.arrayContaining(['compose.yaml', 'README.md']));
      const used = new Set([...manifest.files.map(({ from }) => from), 'compose.yaml', 'README.md']);
      expect(Object.keys(files).filter((path) => !used.has(path))).toEqual([]);
    }
  });

  it('write no value without a filter of its syntax', () => {
    const bare = templates.flatMap(({ manifest, files }) =>
      Object.entries(files)
        .filter(([path]) => path !== 'README.md')
        .flatMap(([path, text]) =>
          bareOutputs(text, path === 'compose.yaml' ? 'compose' : 'file').map(
            (output) => `${manifest.id}/${path}: ${output}`,
          ),
        ),
    );
    expect(bare).toEqual([]);
  });

  it('lead names to an IPv6 address only where the answers have one', () => {
    const facts = { address6: 'fd00::10' };
    const addresses = (stack: RenderedStack): readonly string[] => stack.names[0]?.addresses ?? [];
    expect(addresses(rendered({ templates, facts }))).toEqual(['192.168.1.10']);
    const answered = rendered({ templates, facts, answers: { address6: 'fd00::11' } });
    expect(addresses(answered)).toEqual(['192.168.1.10', 'fd00::11']);
    expect(answered.answers.address6).toBe('fd00::11');
  });

  it('are rendered from three answers, want nothing granted, and are the same again', () => {
    const stack = rendered({ templates });
    expect(stack.templates).toEqual(['gitlab', 'traefik', 'authelia', 'coredns']);
    expect(stack.grants).toEqual([]);
    expect(rendered({ templates })).toEqual(stack);
    expect(stack.secrets.map(({ name }) => name)).toContain('gitlab-root-password');
    expect(stack.milestones.length).toBeGreaterThan(0);
  });

  const questions = templates.flatMap(({ manifest }) =>
    manifest.questions.map((question) => [manifest.id, question.id, question] as const),
  );

  /** Only then may browsers be made to insist on https. */
  const trustedEverywhere = {
    answers: { domain: 'lab.example.org', tls: { mode: 'acme-http', email: 'ana@example.org' } },
    facts: { acmeProven: ['acme-http port-80 lab.example.org'] },
  };

  it.each(questions)('%s asks for %s, and each answer makes a difference', (id, name, question) => {
    const made = valuesOf(question).map((value) =>
      whatRuns(
        rendered({
          ...{ templates, ...(name === 'hstsDays' ? trustedEverywhere : {}) },
          answers: {
            ...(name === 'hstsDays' ? trustedEverywhere.answers : {}),
            templates: { ...everything, [id]: { ...everything[id], [name]: value } },
          },
        }),
      ),
    );
    expect(new Set(made).size).toBe(made.length);
  });

  it.each(templates.filter(({ manifest }) => manifest.kind === 'option').map(({ manifest }) => manifest.id))(
    '%s can be left out and makes a difference',
    (id) => {
      const without = rendered({ templates, answers: { templates: needed } });
      const withIt = rendered({ templates, answers: { templates: { ...needed, [id]: everything[id] } } });
      expect(whatRuns(withIt)).not.toBe(whatRuns(without));
    },
  );

  it.each([
    ['sso', { sso: 'off' }, [...people, compose, ruby, dashboard, middlewares, traefik]],
    ['dns.mode', { dns: { mode: 'own' } }, [compose, corefile]],
    ['dns.upstream', { dns: { mode: 'coredns', upstream: ['9.9.9.9', 'tls://1.1.1.1'] } }, [corefile]],
    ['ssh', { ssh: 'traefik' }, [compose, traefik]],
    ['ports.https', { ports: { https: 8443 } }, [authelia, compose, ruby, traefik]],
    ['ports.http', { ports: { http: 8080 } }, [compose, traefik]],
    ['ports.ssh', { ports: { ssh: 2022 } }, [compose, ruby]],
    ['ports.dns', { ports: { dns: 5353 } }, [compose]],
    ['domain', { domain: 'lab.example.org' }, [authelia, users, compose, corefile, ruby, dashboard]],
    ['address', { address: '192.168.1.99' }, [compose, corefile]],
    ['address6', { address6: 'fd00::10' }, [corefile]],
    ['bind', { bind: '192.168.1.99' }, [compose]],
    ['admin.username', { admin: { username: 'me' } }, [users]],
    ['admin.email', { admin: { email: 'me@example.org' } }, [users]],
    ['data', { data: '/srv/another folder' }, [compose]],
    ['tls', { tls: tlsModes.own.tls }, [compose]],
  ])('the answer %s makes a difference to those files that programs read it in', (_, answers, files) => {
    expect(otherFiles(rendered({ templates, answers }), rendered({ templates }))).toEqual(files);
  });

  it('are different in every preset', () => {
    const made = presets.map((preset) => whatRuns(rendered({ templates, answers: { preset } })));
    expect(new Set(made).size).toBe(presets.length);
  });

  const matrix = Object.entries(tlsModes).flatMap(([tls, mode]) =>
    ['authelia', 'off'].flatMap((sso) =>
      [
        { mode: 'coredns' },
        { mode: 'own' },
        { mode: 'provider', provider: 'cloudflare', zone: 'example.org' },
      ].flatMap((dns) =>
        ['direct', 'traefik'].map((ssh) => [tls, sso, dns.mode, ssh, { ...mode, sso, dns, ssh }] as const),
      ),
    ),
  );

  it.each(matrix)('stand with tls %s, sso %s, dns %s, ssh %s', (_, __, ___, ____, answers) => {
    const chosen = Object.fromEntries(
      templates
        .filter(({ manifest }) => manifest.kind === 'option')
        .map(({ manifest }) => [manifest.id, everything[manifest.id]]),
    );
    const rendering = render({
      templates,
      answers: { ...answers, domain: 'lab.example.org', data: '/srv/my $lab', templates: chosen },
    });
    if (!rendering.ok) throw new Error(JSON.stringify(rendering.problems, null, 2));
    const { stack } = rendering;
    const compose = fileOf(stack, 'compose.yaml');
    expect(parse(compose)).toEqual(parse(compose, { schema: 'yaml-1.1' }));
    expect(compose).toContain('/srv/my $$lab/');
    // Every secret that a service reads exists, and every one that is made is read, or is what another is made of.
    const read = new Set(stack.services.flatMap(({ secrets }) => secrets));
    const made = stack.secrets.map(({ name }) => name);
    expect([...read].filter((name) => !made.includes(name) && name !== 'tls-key')).toEqual([]);
    expect(made.filter((name) => !read.has(name) && !stack.secrets.some(({ of }) => of === name))).toEqual(
      [],
    );
    // Each public name has a router: its service carries the label, or Traefik's own file does.
    for (const { name } of stack.names)
      expect(stack.files.some(({ content }) => content.includes(`Host(\`${name}\`)`))).toBe(true);
  });

  it.each(['docker', 'podman'] as const)('stand under %s without root', (kind) => {
    const engine = {
      ...{ kind, rootless: true, version: '5', apiVersion: '1.41', architecture: 'arm64', lowestPort: 1024 },
      socket: '/run/user/1000/engine.sock',
    };
    const ports = { http: 8080, https: 8443, ssh: 2222, dns: 5353 };
    const stack = rendered({ templates, facts: { engine }, answers: { ports } });
    expect(fileOf(stack, 'compose.yaml')).toContain('/run/user/1000/engine.sock');
    expect(fileOf(stack, 'compose.yaml')).not.toContain('start_interval');
  });

  it('publish only what they name, and each port of the answers', () => {
    const { ports } = rendered({
      templates,
      answers: { ports: { http: 8080, https: 8443, ssh: 2022, dns: 5353 } },
    });
    expect([...new Set(ports.map(({ port }) => port))].toSorted((a, b) => a - b)).toEqual([
      2022, 5353, 8080, 8443,
    ]);
  });
});
