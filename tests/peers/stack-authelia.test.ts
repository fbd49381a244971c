// The real Authelia with the rendered files and secrets of ours: it accepts them, and lets the first person in.
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { createCrypto } from '../../main/adapters/stack/crypto.ts';
import { autheliaRules } from '../../main/checks/authelia/index.ts';
import { readWrittenMessage } from '../../main/model/stack/sign-in-code.ts';
import { renderStack } from '../../main/templates/render-stack.ts';
import { acceptedSetups, brokenEnvironment, brokenSetups, brokenText } from '../fakes/broken-authelia.ts';
import { bundledTemplates, someAnswers, someFacts } from '../fakes/stack-templates.ts';
import { freePorts, startPeer } from './peer-process.ts';
import type { PeerProcess } from './peer-process.ts';
import { describeWithPeer, findAuthelia } from './peers.ts';
import { readerPassword } from './slapd.ts';
import { contentOf, stackCases } from './stack-matrix.ts';
import type { StackCase } from './stack-matrix.ts';

const run = promisify(execFile);
const authelia = await findAuthelia();
const cases = stackCases().filter(({ answers }) => answers.sso === 'authelia');
const password = 'correct horse battery';
const someDirectory = {
  ...{ kind: 'ldap', address: 'ldaps://ldap.example.net', baseDn: 'dc=example,dc=net' },
  user: 'cn=reader,dc=example,dc=net',
};

describeWithPeer('Authelia', authelia, (program) => {
  let folder: string;
  let secrets: Readonly<Record<string, string>>;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'autogit-authelia-'));
    secrets = await makeSecrets();
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it.each(cases)('accepts the configuration of $title', async (one) => {
    const { config, env } = await place(folder, one, secrets, 9);
    const { stdout, stderr } = await run(program(), ['config', 'validate', '--config', config], { env });
    const lines = `${stdout}${stderr}`.split('\n').map((line) => line.trim());
    const warnings = lines.filter((line) => line.startsWith('- '));
    expect(lines[0]).toMatch(
      /^Configuration parsed and loaded (?:successfully without errors|with warnings)/,
    );
    // A relay without encryption is the person's choice, and Authelia says what it means.
    const isOpen = one.answers.templates['mail']?.['security'] === 'none';
    expect(warnings).toEqual(isOpen ? [expect.stringContaining("option 'disable_starttls'")] : []);
  });

  it('accepts a directory at an IPv6 address, which its schema does not know', async () => {
    const answers = someAnswers({ directory: { ...someDirectory, address: 'ldaps://[fd00::5]:3890' } });
    const rendering = renderStack({ answers, templates: bundledTemplates(), facts: someFacts() });
    if (!rendering.ok) throw new Error(JSON.stringify(rendering.problems));
    const one = { title: '', answers, facts: someFacts(), stack: rendering.stack };
    const { config, env } = await place(folder, one, secrets, 9);
    const { stdout } = await run(program(), ['config', 'validate', '--config', config], { env });
    expect(stdout).toContain('successfully without errors');
  });

  it.each(brokenSetups)("refuses what breaks $rule, as AutoGit's check does: $ours", async (broken) => {
    const change = broken.directory === true ? { directory: someDirectory } : {};
    const said = await validated(change, (text) => brokenText(text, broken), broken);
    const isWarning = autheliaRules.find(({ id }) => id === broken.rule)?.severity === 'warning';
    if (broken.ours === undefined) expect(said).toMatch(isWarning ? /with warnings/ : /errors?:/i);
    else
      expect(said, 'a rule of our own that has become one of Authelia').not.toMatch(
        /^Configuration .*with errors/m,
      );
  });

  it.each(acceptedSetups)('starts with $title, which AutoGit must not refuse', async (accepted) => {
    const said = await validated({}, (text) => brokenText(text, accepted), {});
    expect(said).toMatch(/^Configuration parsed and loaded (?:successfully without errors|with warnings)/);
  });

  /** What Authelia says of a rendered configuration that is changed. */
  async function validated(
    answers: Readonly<Record<string, unknown>>,
    change: (text: string) => string,
    variables: Parameters<typeof brokenEnvironment>[1],
  ): Promise<string> {
    const rendering = renderStack({
      ...{ answers: someAnswers(answers), templates: bundledTemplates(), facts: someFacts() },
    });
    if (!rendering.ok) throw new Error(JSON.stringify(rendering.problems));
    const one = { title: '', answers: someAnswers(answers), facts: someFacts(), stack: rendering.stack };
    const placed = await place(folder, one, secrets, 9);
    // Places lie elsewhere here; what is changed names them as the container does.
    const text = change(contentOf(one.stack, 'authelia/configuration.yml'));
    await writeFile(placed.config, hereIn(placed.at, 9)(text));
    const env = brokenEnvironment(placed.env, variables);
    const { stdout, stderr } = await run(program(), ['config', 'validate', '--config', placed.config], {
      env,
    }).catch((error: unknown) => z.object({ stdout: z.string(), stderr: z.string() }).parse(error));
    return `${stdout}${stderr}`;
  }

  it('lets the first person in, speaks as the public address, and keeps what it writes itself', async () => {
    const one = cases.find(({ answers }) => answers.directory.kind === 'file');
    if (one === undefined) throw new Error('no case has Authelia');
    const [port = 0] = await freePorts(1);
    const placed = await place(folder, one, secrets, port);
    const started = await startIt(program(), placed, port);
    try {
      const url = placed.authority;
      const discovery = await askAt(port, url, '/.well-known/openid-configuration');
      expect(await discovery.json()).toMatchObject({
        issuer: url,
        token_endpoint: `${url}/api/oidc/token`,
      });
      const login = (secret: string): Promise<Response> =>
        askAt(port, url, '/api/firstfactor', { username: 'admin', password: secret });
      expect((await login('wrong')).status).toBe(401);
      const letIn = await login(password);
      expect(letIn.status).toBe(200);
      expect(letIn.headers.get('set-cookie')).toContain(`domain=${one.stack.domain}`);
      expect(started.output()).not.toMatch(/level=(?:error|fatal)(?!.*[Uu]nsuccessful)/);
    } finally {
      await started.stop();
    }
    const people = join(placed.at, 'data/users_database.yml');
    await writeFile(
      people,
      (await readFile(people, 'utf8')).replace('displayname: "admin"', 'displayname: Ada'),
    );
    const again = await startIt(program(), placed, port);
    await again.stop();
    expect(parse(await readFile(people, 'utf8'))).toMatchObject({ users: { admin: { displayname: 'Ada' } } });
  });

  it('writes the code that it asks for before a second factor is chosen, as AutoGit reads it', async () => {
    const one = cases.find(
      ({ answers: { directory, templates } }) => directory.kind === 'file' && templates['mail'] === undefined,
    );
    if (one === undefined) throw new Error('every case has mail');
    const [port = 0] = await freePorts(1);
    const placed = await place(folder, one, secrets, port);
    const started = await startIt(program(), placed, port);
    try {
      const url = placed.authority;
      const letIn = await askAt(port, url, '/api/firstfactor', { username: 'admin', password });
      const cookie = letIn.headers.get('set-cookie')?.split(';')[0] ?? '';
      const file = join(placed.at, 'data/notification.txt');
      const asked = Date.now();
      const path = '/api/user/session/elevation';
      expect((await askAt(port, url, path, {}, { cookie })).status, started.output()).toBe(200);
      const message = readWrittenMessage(await readFile(file, 'utf8'));
      const email = one.stack.answers.admin.email ?? 'none';
      expect(message?.recipient).toBe(`admin ${email}`);
      expect(Math.abs((message?.at ?? 0) - asked)).toBeLessThan(60_000);
      const answer = (otc: string | undefined): Promise<Response> =>
        askAt(port, url, path, { otc }, { cookie, method: 'PUT' });
      expect((await answer('AAAAAAAA')).status).not.toBe(200);
      expect((await answer(message?.code ?? undefined)).status, started.output()).toBe(200);
    } finally {
      await started.stop();
    }
  });
});

async function makeSecrets(): Promise<Readonly<Record<string, string>>> {
  const crypto = createCrypto();
  const random = ['storage-key', 'session-secret', 'reset-secret', 'oidc-secret'].map(
    (name) => [`authelia-${name}`, crypto.random(64)] as const,
  );
  return {
    ...Object.fromEntries(random),
    'authelia-oidc-key': await crypto.rsaKey(),
    'authelia-gitlab-digest': await crypto.pbkdf2(crypto.random(64)),
    'authelia-admin-digest': await crypto.argon2id(password),
    'authelia-redis-password': crypto.random(64),
    'mail-password': 'x',
    'directory-password': readerPassword,
  };
}

interface Placed {
  readonly at: string;
  readonly config: string;
  readonly authority: string;
  readonly env: Readonly<Record<string, string>>;
}

const serviceSchema = z.object({
  services: z.object({ authelia: z.object({ environment: z.record(z.string(), z.string()) }) }),
});

/** Lays the rendered files out in a folder; what is changed are their places. */
async function place(
  folder: string,
  { answers, stack }: StackCase,
  secrets: Readonly<Record<string, string>>,
  port: number,
): Promise<Placed> {
  const at = await mkdtemp(join(folder, 'case-'));
  const here = hereIn(at, port);
  const files = stack.files
    .filter(({ path }) => path.startsWith('authelia/'))
    .map(({ path, content }) => [path.replace('authelia/', 'config/'), here(content)] as const);
  const wanted = stack.services.find(({ name }) => name === 'authelia')?.secrets ?? [];
  const values = wanted.map((name) => [`secrets/${name}`, secrets[name] ?? ''] as const);
  for (const [path, content] of [...files, ...values, ['data/.keep', ''] as const]) {
    await mkdir(dirname(join(at, path)), { recursive: true });
    await writeFile(join(at, path), content);
  }
  const { environment } = serviceSchema.parse(parse(contentOf(stack, 'compose.yaml'))).services.authelia;
  const env = Object.fromEntries(Object.entries(environment).map(([name, value]) => [name, here(value)]));
  const { https } = answers.ports;
  const authority = `https://auth.${stack.domain}${https === 443 ? '' : `:${https}`}`;
  return { at, config: join(at, 'config/configuration.yml'), authority, env };
}

/** Names places in a folder of this machine instead of those in the container. */
function hereIn(at: string, port: number): (text: string) => string {
  return (text) =>
    text
      .replaceAll('/run/secrets/', `${at}/secrets/`)
      .replaceAll('/data/', `${at}/data/`)
      .replaceAll('/config/', `${at}/config/`)
      .replace('tcp://:9091/', `tcp://127.0.0.1:${port}/`);
}

/** As the container is started: by its own script. */
async function startIt(program: string, { at, env }: Placed, port: number): Promise<PeerProcess> {
  const PATH = `${dirname(program)}:${process.env['PATH'] ?? ''}`;
  const started = startPeer('sh', [join(at, 'config/start.sh')], { cwd: at, env: { ...env, PATH } });
  await vi.waitFor(
    async () =>
      expect((await fetch(`http://127.0.0.1:${port}/api/health`)).status, started.output()).toBe(200),
    { timeout: 30_000, interval: 100 },
  );
  return started;
}

/** As Traefik passes requests on: with the address that the browser used. */
function askAt(
  port: number,
  url: string,
  path: string,
  body?: unknown,
  { cookie, method = body === undefined ? 'GET' : 'POST' }: { cookie?: string; method?: string } = {},
): Promise<Response> {
  return fetch(`http://127.0.0.1:${port}${path}`, {
    method,
    headers: {
      ...(cookie === undefined ? {} : { cookie }),
      ...{ 'Content-Type': 'application/json', 'X-Forwarded-Proto': 'https' },
      ...{ 'X-Forwarded-Host': new URL(url).host, 'X-Forwarded-For': '192.168.1.20' },
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
}
