// A whole stack on the machine's Docker, from three answers to git clone and back: real Compose, Traefik, CoreDNS, the sandbox as GitLab.
import { randomBytes } from 'node:crypto';
import { access, mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { describeWithPeer, findStackUpPeer } from './peers.ts';
import { openStackLab } from './stack-lab.ts';
import type { CliResult, StackLab } from './stack-lab.ts';

const peer = await findStackUpPeer();
const lab = `t${randomBytes(3).toString('hex')}`;
const patience = { timeout: 180_000, interval: 200 };

const outcomeSchema = z.object({
  message: z.string(),
  actions: z.array(z.unknown()),
  gitlabUrl: z.string().nullable().optional(),
});

describeWithPeer('a stack from three answers', peer, (found) => {
  let stack: StackLab;
  let folder: string;
  let file: string;
  let url: string;

  const answer = async (change: Readonly<Record<string, unknown>> = {}): Promise<void> => {
    await writeFile(file, JSON.stringify({ ...stack.answers, ...change }));
  };
  const up = (...more: readonly string[]): Promise<CliResult> =>
    stack.cli(['stack', 'up', '--answers', file, '--json', ...more]);
  const upWell = async (...more: readonly string[]): Promise<z.infer<typeof outcomeSchema>> => {
    const { code, stdout, stderr } = await up('--yes', ...more);
    expect(code, stderr + stdout).toBe(0);
    return outcomeSchema.parse(JSON.parse(stdout));
  };
  const inStack = (...path: readonly string[]): string => join(stack.home, 'stack', lab, ...path);
  const ca = (): string => inStack('ca.crt');
  const curl = (path: string, ...more: readonly string[]): Promise<string> =>
    stack.named('curl', ['--silent', '--show-error', '--fail', '--cacert', ca(), ...more, `${url}${path}`]);

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'autogit-stack-up-'));
    file = join(folder, 'answers.json');
    stack = await openStackLab(lab, found());
    url = `https://gitlab.${lab}.home.arpa:${stack.ports.https}`;
    await answer();
  });
  afterAll(async () => {
    await stack.close();
    await rm(folder, { recursive: true, force: true });
  });

  it('does nothing before somebody has agreed', async () => {
    const { code, stdout } = await up();
    expect(code).toBe(1);
    expect(stdout).toContain('stack.not-agreed');
    expect(await stack.containers()).toEqual({});
    await expect(access(inStack())).rejects.toThrow();
  });

  it('brings up every service, and says where GitLab is', async () => {
    const done = await upWell();
    expect(done.gitlabUrl).toBe(url);
    const services = await stack.containers();
    expect(Object.keys(services)).toEqual(
      expect.arrayContaining(['gitlab', 'traefik', 'coredns', 'socket-proxy']),
    );
    expect(Object.values(services).every(({ state }) => state === 'running')).toBe(true);
  });

  it('has GitLab answer by its name, through CoreDNS and Traefik, with a certificate of the own root', async () => {
    expect(await curl('/-/health')).toContain('GitLab');
    await expect(
      stack.named('curl', ['--silent', '--show-error', `${url}/-/health`]),
      'without the root nobody trusts it',
    ).rejects.toThrow(/certificate/);
    const plain = `http://gitlab.${lab}.home.arpa:${stack.ports.http}/`;
    const redirect = await stack.named('curl', ['--silent', '--head', plain]);
    expect(redirect.toLowerCase()).toContain(`location: ${url}/`);
  });

  it('shows GitLab in a browser', async () => {
    const profile = join(folder, 'browser');
    const program = process.env['AUTOGIT_CHROMIUM'] ?? '/usr/bin/chromium';
    const wrapper = join(folder, 'browser.sh');
    const script = `mount --bind ${JSON.stringify(join(stack.home, '..', 'resolv.conf'))} /etc/resolv.conf && exec "$@"`;
    await writeFile(
      wrapper,
      `#!/bin/sh\nexec unshare --mount --propagation private sh -c '${script}' sh ${program} "$@"\n`,
      { mode: 0o755 },
    );
    const browser = await chromium.launchPersistentContext(profile, {
      executablePath: wrapper,
      args: ['--no-sandbox', '--disable-features=DnsOverHttps'],
      ignoreHTTPSErrors: true,
    });
    try {
      const page = await browser.newPage();
      const response = await page.goto(`${url}/`);
      expect(response?.status()).toBe(200);
      expect(new URL(page.url()).host).toBe(new URL(url).host);
    } finally {
      await browser.close();
    }
  });

  it('keeps secrets out of every file but their own, and those to the owner alone', async () => {
    const secrets = await readdir(inStack('secrets'));
    expect(secrets).toContain('gitlab-root-password');
    const values = await Promise.all(secrets.map((name) => readFile(inStack('secrets', name), 'utf8')));
    for (const name of secrets) expect((await stat(inStack('secrets', name))).mode & 0o777).toBe(0o600);
    const others = (await readdir(inStack(), { recursive: true, withFileTypes: true })).filter(
      (entry) => entry.isFile() && !join(entry.parentPath, entry.name).includes('/secrets/'),
    );
    expect(others.length).toBeGreaterThan(5);
    for (const { parentPath, name } of others) {
      const text = await readFile(join(parentPath, name), 'utf8');
      for (const value of values) expect(text.includes(value.trim()), join(parentPath, name)).toBe(false);
    }
  });

  it('has set GitLab up: the password of root, a token of its own, the policy', async () => {
    const { stdout } = await stack.cli(['stack', 'secret', 'gitlab-root-password', '--json']);
    const { value } = z.object({ value: z.string() }).parse(JSON.parse(stdout));
    await cloneWith(`https://root:${value}@`, 'by-password');
    const settings = z
      .object({ signup_enabled: z.boolean(), minimum_password_length: z.number() })
      .parse(
        JSON.parse(
          await curl('/api/v4/application/settings', '--header', `PRIVATE-TOKEN: ${await rootToken()}`),
        ),
      );
    expect(settings).toEqual({ signup_enabled: false, minimum_password_length: 12 });
  });

  it('lets git clone over https and, with a key, over SSH', async () => {
    await cloneWith(`https://root:${await rootToken()}@`, 'by-token');
    if (found().sshd === null) return;
    const key = join(folder, 'key');
    await stack.named('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', key]);
    const body = JSON.stringify({ title: 'test', key: (await readFile(`${key}.pub`, 'utf8')).trim() });
    const headers = [`PRIVATE-TOKEN: ${await rootToken()}`, 'Content-Type: application/json'];
    await curl('/api/v4/user/keys', ...headers.flatMap((one) => ['--header', one]), '--data', body);
    const remote = `ssh://git@gitlab.${lab}.home.arpa:${stack.ports.ssh}/root/by-token.git`;
    const ssh = `ssh -i ${key} -o StrictHostKeyChecking=accept-new -o UserKnownHostsFile=${join(folder, 'hosts')} -o IdentitiesOnly=yes`;
    await stack.named('git', ['clone', '--quiet', remote, join(folder, 'by-ssh')], { GIT_SSH_COMMAND: ssh });
    await access(join(folder, 'by-ssh', 'README.md'));
  });

  it('changes and restarts nothing the second time', async () => {
    const before = await stack.containers();
    const { actions } = await upWell();
    expect(actions).toEqual([]);
    expect(await stack.containers()).toEqual(before);
  });

  it('brings back a container that somebody has removed, and leaves the others alone', async () => {
    const before = await stack.containers();
    await stack.docker('rm', '--force', before['coredns']?.id ?? '');
    await upWell();
    const { coredns, ...others } = await stack.containers();
    const { coredns: gone, ...stayed } = before;
    expect(coredns?.state).toBe('running');
    expect(coredns?.id).not.toBe(gone?.id);
    expect(others).toEqual(stayed);
  });

  it('never writes over a file that a person has changed without being told to', async () => {
    const corefile = inStack('coredns', 'Corefile');
    const ours = await readFile(corefile, 'utf8');
    await writeFile(corefile, `${ours}# mine\n`);
    const { code, stdout } = await up('--yes');
    expect(code).toBe(1);
    expect(stdout).toContain('stack.file-changed');
    expect(await readFile(corefile, 'utf8')).toContain('# mine');
    await upWell('--keep', 'coredns/Corefile');
    expect(await readFile(corefile, 'utf8')).toContain('# mine');
    await upWell('--replace', 'coredns/Corefile');
    expect(await readFile(corefile, 'utf8')).toBe(ours);
  });

  it('goes on where a killed run has ended, with the same secrets', async () => {
    const before = await secretsOf();
    await stack.cli(['stack', 'down', '--json']);
    const killed = stack.start(['stack', 'up', '--answers', file, '--json', '--yes']);
    const ended = new Promise((resolve) => killed.once('exit', resolve));
    await vi.waitUntil(async () => Object.keys(await stack.containers()).length > 0, patience);
    killed.kill('SIGKILL');
    await ended;
    await upWell();
    const services = await stack.containers();
    expect(Object.values(services).every(({ state }) => state === 'running')).toBe(true);
    expect(await secretsOf()).toEqual(before);
    expect(await curl('/-/health')).toContain('GitLab');
  });

  it('says which port is taken when a service cannot have it, and goes on once it is free', async () => {
    await stack.cli(['stack', 'down', '--json']);
    const holder = `autogit-test-holder-${lab}`;
    const image = await stack.docker(
      'image',
      'ls',
      '--quiet',
      '--filter',
      'reference=autogit-stack-peers:base',
    );
    const published = `0.0.0.0:${stack.ports.ssh}:9`;
    await stack.docker('run', '--detach', '--name', holder, '--publish', published, image, 'sleep', '600');
    try {
      const { code, stdout } = await up('--yes');
      expect(code).toBe(1);
      expect(stdout).toContain(String(stack.ports.ssh));
    } finally {
      await stack.docker('rm', '--force', holder);
    }
    await upWell();
    expect(await curl('/-/health')).toContain('GitLab');
  });

  it('goes down and comes up with its data', async () => {
    expect((await stack.cli(['stack', 'down', '--json'])).code).toBe(0);
    expect(await stack.containers()).toEqual({});
    await upWell();
    await cloneWith(`https://root:${await rootToken()}@`, 'by-token', { exists: true });
  });

  it('is destroyed without its data, and with it only where that was said', async () => {
    expect((await stack.cli(['stack', 'destroy', '--json', '--yes'])).code).toBe(0);
    expect(await stack.containers()).toEqual({});
    await access(join(stack.data, 'gitlab', 'data', 'root-token'));
    await upWell();
    await cloneWith(`https://root:${await rootToken()}@`, 'by-token', { exists: true });
    expect((await stack.cli(['stack', 'destroy', '--delete-data', '--json'])).code).toBe(4);
    expect((await stack.cli(['stack', 'destroy', '--delete-data', '--json', '--yes'])).code).toBe(0);
    await expect(access(join(stack.data, 'gitlab'))).rejects.toThrow();
    await expect(access(inStack())).rejects.toThrow();
  });

  async function secretsOf(): Promise<Readonly<Record<string, string>>> {
    const names = await readdir(inStack('secrets'));
    const all = names.map(async (name) => [name, await readFile(inStack('secrets', name), 'utf8')] as const);
    return Object.fromEntries(await Promise.all(all));
  }

  /** Of the stand-in itself: what the test does with GitLab does not depend on what AutoGit has set up. */
  async function rootToken(): Promise<string> {
    return readFile(join(stack.data, 'gitlab', 'data', 'root-token'), 'utf8');
  }

  /** Makes a project unless it is there, and clones it from an address that begins like this. */
  async function cloneWith(
    start: string,
    name: string,
    { exists = false }: { readonly exists?: boolean } = {},
  ): Promise<void> {
    const headers = [`PRIVATE-TOKEN: ${await rootToken()}`, 'Content-Type: application/json'];
    const all = headers.flatMap((one) => ['--header', one]);
    if (!exists)
      await curl(
        '/api/v4/projects',
        ...all,
        '--data',
        JSON.stringify({ name, initialize_with_readme: true }),
      );
    const remote = `${url.replace('https://', start)}/root/${name}.git`;
    const target = await mkdtemp(join(folder, 'clone-'));
    await stack.named('git', ['clone', '--quiet', remote, target], {
      GIT_SSL_CAINFO: ca(),
      GIT_TERMINAL_PROMPT: '0',
    });
    await access(join(target, 'README.md'));
  }
});
