// What the stack is rendered to, judged by those who read it: Compose, Authelia's own schemas, Ruby.
import { execFile, spawn } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { text as textOf } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { createCrypto } from '../../main/adapters/stack/crypto.ts';
import { filterAuthelia } from './authelia-filter.ts';
import { pairwise } from './pairwise.ts';
import { describeWithPeer, findCompose, findRuby } from './peers.ts';
import { contentOf, stackCases } from './stack-matrix.ts';
import type { StackCase } from './stack-matrix.ts';

const run = promisify(execFile);
const cases = stackCases();
const [compose, ruby] = [await findCompose(), await findRuby()];
const fixtures = process.env['AUTOGIT_FIXTURES'];

describe('the cases', () => {
  it('have every two choices of different questions', () => {
    const counts = [3, 2, 4, 1, 2];
    const rows = pairwise(counts);
    const meet = (first: number, second: number): number =>
      new Set(rows.map((row) => `${row[first]} ${row[second]}`)).size;
    for (const [first, count] of counts.entries())
      for (const [second, other] of counts.entries())
        if (first < second) expect(meet(first, second)).toBe(count * other);
    expect(rows.length).toBeLessThan(16);
    expect(rows.every((row) => row.every((choice, question) => choice < (counts[question] ?? 0)))).toBe(true);
  });
});

describeWithPeer('Compose', compose, (program) => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'autogit-rendered-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it.each(cases)('accepts $title without a word', async ({ stack, facts, answers }) => {
    const project = await mkdtemp(join(folder, 'case-'));
    await writeFile(join(project, 'compose.yaml'), contentOf(stack, 'compose.yaml'));
    const { stdout, stderr } = await run(program(), ['config', '--format', 'json'], { cwd: project });
    expect(stderr).toBe('');
    const resolved = resolvedSchema.parse(JSON.parse(stdout));
    expect(resolved.name).toBe(stack.project);
    expect(Object.keys(resolved.services).toSorted()).toEqual(
      stack.services.map(({ name }) => name).toSorted(),
    );
    expect(publishedBy(resolved)).toEqual(
      stack.ports.map(({ service, port, protocol }) => `${service} ${port}/${protocol}`).toSorted(),
    );
    const secrets = [...new Set(stack.services.flatMap((service) => service.secrets))].toSorted();
    const mounts = Object.values(resolved.services).flatMap(({ volumes }) => volumes);
    const ours = mounts.filter(({ source }) => source !== facts.engine?.socket);
    if (facts.engine?.selinux === true) {
      // Compose would mount them without a label.
      expect(resolved.secrets).toEqual({});
      const mounted = mounts.flatMap(({ source }) => /\/secrets\/([^/]+)$/.exec(source)?.[1] ?? []);
      expect([...new Set(mounted)].toSorted()).toEqual(secrets);
      expect(ours.every(({ bind }) => bind?.selinux === 'z' && bind.create_host_path)).toBe(true);
      expect(mounts.length - ours.length).toBe(1);
    } else {
      expect(Object.keys(resolved.secrets).toSorted()).toEqual(secrets);
      expect(ours.every(({ bind }) => bind?.selinux === undefined)).toBe(true);
    }
    for (const { host_ip, target } of Object.values(resolved.services).flatMap(({ ports }) => ports))
      expect(host_ip).toBe(target === 1053 ? stack.answers.address : (answers.bind ?? undefined));
    // `config` writes `$` doubled, as Compose reads it.
    const sources = resolved.services['gitlab']?.volumes.map(({ source }) => source.replaceAll('$$', '$'));
    expect(sources).toContain(`${stack.data}/gitlab/data`);
    expect(sources?.every((source) => source.startsWith(stack.data) || source.startsWith(project))).toBe(
      true,
    );
  });
});

const resolvedSchema = z.object({
  name: z.string(),
  services: z.record(
    z.string(),
    z.object({
      ports: z
        .array(
          z.object({
            ...{ published: z.string(), protocol: z.string(), target: z.int() },
            host_ip: z.string().optional(),
          }),
        )
        .default([]),
      volumes: z
        .array(
          z.object({
            source: z.string(),
            bind: z
              .object({ selinux: z.string().optional(), create_host_path: z.boolean().optional() })
              .optional(),
          }),
        )
        .default([]),
    }),
  ),
  secrets: z.record(z.string(), z.object({ file: z.string() })).default({}),
});

function publishedBy({ services }: z.infer<typeof resolvedSchema>): readonly string[] {
  return Object.entries(services)
    .flatMap(([name, { ports }]) =>
      ports.map(({ published, protocol }) => `${name} ${published}/${protocol}`),
    )
    .toSorted();
}

describe.skipIf(fixtures === undefined)("Authelia's schemas", () => {
  const withAuthelia = cases.filter(({ answers }) => answers.sso === 'authelia');
  let secrets: Readonly<Record<string, string>>;
  let check: (schema: 'configuration' | 'user-database', value: unknown) => unknown;
  beforeAll(async () => {
    const crypto = createCrypto();
    secrets = {
      'authelia-oidc-key': await crypto.rsaKey(),
      'authelia-gitlab-digest': await crypto.pbkdf2('secret'),
      'authelia-admin-digest': await crypto.argon2id('password'),
    };
    // Its patterns are written for Go, and escape what needs no escape.
    const ajv = new Ajv2020({ strict: false, allErrors: true, unicodeRegExp: false });
    addFormats.default(ajv);
    for (const schema of ['configuration', 'user-database']) {
      const file = await readFile(join(fixtures ?? '', 'authelia', `${schema}.json`), 'utf8');
      ajv.addSchema(z.record(z.string(), z.unknown()).parse(JSON.parse(file)), schema);
    }
    check = (schema, value) => {
      ajv.validate(schema, value);
      return ajv.errors;
    };
  });

  it.each(withAuthelia)('accept the configuration of $title', ({ stack }) => {
    const filtered = filterAuthelia(
      contentOf(stack, 'authelia/configuration.yml'),
      (name) => secrets[name] ?? '',
    );
    expect(filtered).not.toContain('{{');
    expect(check('configuration', parse(filtered))).toBeNull();
  });

  it('accept the first people, as the container writes them', async () => {
    const one = withAuthelia.find(({ answers }) => answers.directory.kind === 'file');
    if (one === undefined) throw new Error('no case has Authelia');
    const people = await firstPeople(one, secrets['authelia-admin-digest'] ?? '');
    const database = parse(people.first) as unknown;
    expect(database).toMatchObject({ users: { admin: { password: secrets['authelia-admin-digest'] } } });
    expect(check('user-database', database)).toBeNull();
    expect(people.second, 'what Authelia has written since is kept').toBe('users: {}\n');
  });
});

/** Runs the container's start twice, with programs of this machine in Authelia's place. */
async function firstPeople({ stack }: StackCase, digest: string) {
  const folder = await mkdtemp(join(tmpdir(), 'autogit-people-'));
  const at = (path: string): string => join(folder, path);
  try {
    for (const path of [
      'config/first-users.yml',
      'config/start.sh',
      'data/.keep',
      'secrets/authelia-admin-digest',
    ])
      await mkdir(dirname(at(path)), { recursive: true });
    await writeFile(at('config/first-users.yml'), contentOf(stack, 'authelia/first-users.yml'));
    await writeFile(at('secrets/authelia-admin-digest'), digest);
    const script = contentOf(stack, 'authelia/start.sh')
      .replaceAll('/run/secrets/', at('secrets/'))
      .replaceAll('/data/', at('data/'))
      .replaceAll('/config/', at('config/'))
      .replace('exec authelia', 'exec echo');
    await writeFile(at('config/start.sh'), script);
    const start = () => run('sh', [at('config/start.sh')]);
    await start();
    const first = await readFile(at('data/users_database.yml'), 'utf8');
    await writeFile(at('data/users_database.yml'), 'users: {}\n');
    await start();
    return { first, second: await readFile(at('data/users_database.yml'), 'utf8') };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

describeWithPeer("GitLab's settings in Ruby", ruby, (program) => {
  const script = fileURLToPath(new URL('gitlab_settings.rb', import.meta.url));
  let settings: readonly unknown[];
  beforeAll(async () => {
    const child = spawn(program(), [script], { stdio: ['pipe', 'pipe', 'inherit'] });
    child.stdin.end(JSON.stringify(cases.map(({ stack }) => contentOf(stack, 'gitlab/gitlab.rb'))));
    settings = z.array(z.unknown()).parse(JSON.parse(await textOf(child.stdout)));
  });

  it.each(cases.map((one, index) => ({ ...one, index })))('say what $title asks for', ({ index, ...one }) => {
    expect(settings[index]).toMatchObject(expectedSettings(one));
  });

  it('have the sizes of each preset', () => {
    const sizes = new Map(cases.map(({ stack }, index) => [stack.preset, settings[index]]));
    expect(sizes.get('minimal')).toMatchObject({
      puma: { worker_processes: 0, exporter_enabled: false },
      sidekiq: { concurrency: 5 },
      postgresql: { shared_buffers: '128MB' },
      gitaly: { env: { GOMEMLIMIT: '512MiB', GITALY_COMMAND_SPAWN_MAX_PARALLEL: '2' } },
      prometheus_monitoring: { enable: false },
      gitlab_kas: { enable: false },
    });
    expect(sizes.get('homelab')).toMatchObject({
      puma: { worker_processes: 2 },
      sidekiq: { concurrency: 10 },
      gitlab_rails: { env: { MALLOC_CONF: 'dirty_decay_ms:1000,muzzy_decay_ms:1000' } },
    });
    expect(sizes.get('team')).toMatchObject({
      sidekiq: { concurrency: 20 },
      postgresql: { shared_buffers: '1024MB' },
      prometheus_monitoring: { enable: true },
      gitlab_kas: { enable: true },
    });
    expect(sizes.get('beast')).toMatchObject({
      puma: { worker_processes: 16 },
      sidekiq: { concurrency: 25 },
    });
    expect(JSON.stringify(sizes.get('team'))).not.toContain('MALLOC_CONF');
    const turns = [
      'SmartHTTPService/PostUploadPackWithSidechannel',
      'SSHService/SSHUploadPackWithSidechannel',
    ];
    const limits = [...turns, 'SmartHTTPService/PostReceivePack', 'SSHService/SSHReceivePack'].map(
      (call) => ({
        ...{ rpc: `/gitaly.${call}`, max_per_repo: 3, max_queue_wait: '10m', max_queue_size: 100 },
      }),
    );
    for (const small of ['minimal', 'homelab'] as const)
      expect(sizes.get(small)).toMatchObject({ gitaly: { configuration: { concurrency: limits } } });
    for (const large of ['team', 'beast'] as const)
      expect(JSON.stringify(sizes.get(large)), large).not.toContain('concurrency":[');
  });
});

function expectedSettings({ answers, facts, stack }: StackCase): Readonly<Record<string, unknown>> {
  const { ports, sso, templates } = answers;
  const port = ports.https === 443 ? '' : `:${ports.https}`;
  const mail = templates['mail'];
  const registry = templates['registry'];
  return {
    external_url: `https://gitlab.${stack.domain}${port}`,
    ...(registry === undefined ? {} : { registry_external_url: `https://registry.${stack.domain}${port}` }),
    letsencrypt: { enable: false },
    registry:
      registry === undefined
        ? { enable: false }
        : { enable: true, nginx: { listen_port: 5050, listen_https: false }, storage_delete_enabled: false },
    gitlab_rails: {
      nginx: { listen_port: 80, listen_https: false, hsts_max_age: 0, real_ip_header: 'X-Forwarded-For' },
      gitlab_shell_ssh_port: ports.ssh,
      initial_root_password: 'value of gitlab-root-password',
      // Jobs are in the stack's networks, and the engine shows clients by IPv6 as one of them.
      monitoring_whitelist: ['127.0.0.0/8', '::1/128'],
      // Without root nobody can tell one client from another.
      rack_attack_git_basic_auth: {
        enabled: facts.engine?.rootless !== true,
        ip_whitelist: ['127.0.0.1', stack.networks[0]?.subnet.replace(/0\/24$/, '1')],
        maxretry: 10,
        findtime: 60,
        bantime: 3600,
      },
      gitlab_email_enabled: mail !== undefined,
      ...(mail === undefined ? {} : expectedMail(mail)),
      omniauth_enabled: sso !== 'off',
      ...(sso === 'off' ? {} : expectedSignIn(answers, stack.domain, port)),
    },
  };
}

function expectedMail(mail: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const { username, security = 'starttls', port = 587 } = mail;
  return {
    ...{ smtp_enable: true, smtp_address: mail['host'], smtp_port: port, gitlab_email_from: mail['from'] },
    ...{ smtp_domain: 'example.org', smtp_tls: security === 'tls' },
    smtp_enable_starttls_auto: security === 'starttls',
    ...(username === undefined ? {} : { smtp_user_name: username, smtp_password: 'value of mail-password' }),
  };
}

/** As a provider says it, a person's address is theirs only where it vouches for that; root has one, too. */
function expectedSignIn(
  { sso, oidc, directory, templates }: StackCase['answers'],
  domain: string,
  port: string,
): Readonly<Record<string, unknown>> {
  const isPublic = oidc?.provider === 'google';
  const own = sso === 'authelia';
  return {
    omniauth_allow_single_sign_on: ['openid_connect'],
    omniauth_block_auto_created_users: !own && isPublic,
    omniauth_auto_link_user: own && directory.kind === 'file' ? ['openid_connect'] : false,
    omniauth_providers: [
      own || oidc === null
        ? {
            ...expectedProvider(domain, port),
            label: templates['authelia']?.['label'] ?? 'Authelia',
          }
        : expectedOther(oidc, expectedProvider(domain, port)),
    ],
  };
}

function expectedOther(
  { issuer, clientId, label }: NonNullable<StackCase['answers']['oidc']>,
  own: ReturnType<typeof expectedProvider>,
): Readonly<Record<string, unknown>> {
  const client_options = {
    ...own.args.client_options,
    identifier: clientId,
    secret: 'value of oidc-client-secret',
  };
  const scope = ['openid', 'profile', 'email'];
  return { ...own, label: label ?? 'Google', args: { ...own.args, issuer, scope, client_options } };
}

function expectedProvider(domain: string, port: string) {
  return {
    name: 'openid_connect',
    args: {
      issuer: `https://auth.${domain}${port}`,
      client_auth_method: 'basic',
      pkce: true,
      client_options: {
        ...{ identifier: 'gitlab', secret: 'value of authelia-gitlab-secret' },
        redirect_uri: `https://gitlab.${domain}${port}/users/auth/openid_connect/callback`,
      },
    },
  };
}
