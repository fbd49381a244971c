// A whole stack on the machine's Docker, from three answers to git clone and back: real Compose, Traefik, CoreDNS, the sandbox as GitLab.
import { randomBytes } from 'node:crypto';
import { access, readFile, readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { describeWithPeer, findStackUpPeer } from './peers.ts';
import { expectByName, expectInBrowser, openGuest } from './stack-guest.ts';
import type { StackGuest } from './stack-guest.ts';
import { base } from './stack-images.ts';
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
  let guest: StackGuest;

  const up = (...more: readonly string[]): Promise<CliResult> => guest.up(...more);
  const upWell = async (...more: readonly string[]): Promise<z.infer<typeof outcomeSchema>> => {
    const { code, stdout, stderr } = await up('--yes', ...more);
    expect(code, stderr + stdout).toBe(0);
    return outcomeSchema.parse(JSON.parse(stdout));
  };
  const inStack = (...path: readonly string[]): string => join(stack.home, 'stack', lab, ...path);

  beforeAll(async () => {
    stack = await openStackLab(lab, found());
    guest = await openGuest(stack);
    await guest.answer();
  });
  afterAll(async () => {
    await stack.close();
    await guest.close();
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
    expect(done.gitlabUrl).toBe(guest.url);
    const services = await stack.containers();
    expect(Object.keys(services)).toEqual(
      expect.arrayContaining(['gitlab', 'traefik', 'coredns', 'socket-proxy']),
    );
    expect(Object.values(services).every(({ state }) => state === 'running')).toBe(true);
  });

  it('has GitLab answer by its name, through CoreDNS and Traefik, with a certificate of the own root', async () => {
    await expectByName(stack, guest);
  });

  it('shows GitLab in a browser', async () => {
    await expectInBrowser(guest);
  });

  it('keeps secrets out of every file but their own, and those to the owner alone', async () => {
    const secrets = await readdir(inStack('secrets'));
    expect(secrets).toContain('gitlab-root-password');
    const values = await Promise.all(secrets.map((name) => readFile(inStack('secrets', name), 'utf8')));
    for (const name of secrets) expect((await stat(inStack('secrets', name))).mode & 0o777).toBe(0o600);
    const files = (await readdir(inStack(), { recursive: true, withFileTypes: true })).filter(
      (entry) => entry.isFile() && !join(entry.parentPath, entry.name).includes('/secrets/'),
    );
    const isKey = ({ name }: { readonly name: string }): boolean => name === 'key.pem';
    const keys = files.filter(isKey).map(({ parentPath, name }) => join(parentPath, name));
    expect(keys).toHaveLength(1);
    for (const path of keys) {
      expect((await stat(path)).mode & 0o777).toBe(0o600);
      values.push(await readFile(path, 'utf8'));
    }
    const others = files.filter((entry) => !isKey(entry));
    expect(others.length).toBeGreaterThan(5);
    for (const { parentPath, name } of others) {
      const text = await readFile(join(parentPath, name), 'utf8');
      for (const value of values) expect(text.includes(value.trim()), join(parentPath, name)).toBe(false);
    }
  });

  it('has set GitLab up: the password of root, a token of its own, the policy', async () => {
    const { stdout } = await stack.cli(['stack', 'secret', 'gitlab-root-password', '--json']);
    const { value } = z.object({ value: z.string() }).parse(JSON.parse(stdout));
    await guest.makeProject('by-password');
    await guest.clone('by-password', `root:${value}`);
    const settings = z
      .object({ signup_enabled: z.boolean(), minimum_password_length: z.number() })
      .parse(JSON.parse(await guest.api('/application/settings')));
    expect(settings).toEqual({ signup_enabled: false, minimum_password_length: 12 });
  });

  it('lets git clone over https and, with a key, over SSH', async () => {
    await guest.makeProject('by-token');
    await guest.clone('by-token', `root:${await guest.rootToken()}`);
    if (found().sshd !== null) await guest.cloneOverSsh('by-token');
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
    const killed = stack.start(['stack', 'up', '--answers', await guest.answer(), '--json', '--yes']);
    const ended = new Promise((resolve) => killed.once('exit', resolve));
    await vi.waitUntil(async () => Object.keys(await stack.containers()).length > 0, patience);
    killed.kill('SIGKILL');
    await ended;
    await upWell();
    const services = await stack.containers();
    expect(Object.values(services).every(({ state }) => state === 'running')).toBe(true);
    expect(await secretsOf()).toEqual(before);
    expect(await guest.curl('/-/health')).toContain('GitLab');
  });

  it('says which port is taken when a service cannot have it, and goes on once it is free', async () => {
    await stack.cli(['stack', 'down', '--json']);
    const holder = `autogit-test-holder-${lab}`;
    const image = await stack.docker('image', 'ls', '--quiet', '--filter', `reference=${base}`);
    const published = `0.0.0.0:${stack.ports.ssh}:9`;
    await stack.docker('run', '--detach', '--name', holder, '--publish', published, image, 'sleep', '600');
    try {
      const { code, stdout } = await up('--yes');
      expect(code).toBe(1);
      expect(JSON.parse(stdout)).toMatchObject({ error: { key: 'stack.port-taken' } });
      for (const told of [`Port ${stack.ports.ssh}`, holder]) expect(stdout).toContain(told);
    } finally {
      await stack.docker('rm', '--force', holder);
    }
    await upWell();
    expect(await guest.curl('/-/health')).toContain('GitLab');
  });

  it('goes down and comes up with its data', async () => {
    expect((await stack.cli(['stack', 'down', '--json'])).code).toBe(0);
    expect(await stack.containers()).toEqual({});
    await upWell();
    await guest.clone('by-token', `root:${await guest.rootToken()}`);
  });

  it('is destroyed without its data, and with it only where that was said', async () => {
    expect((await stack.cli(['stack', 'destroy', '--json', '--yes'])).code).toBe(0);
    expect(await stack.containers()).toEqual({});
    await access(join(stack.data, 'gitlab', 'data', 'root-token'));
    await upWell();
    await guest.clone('by-token', `root:${await guest.rootToken()}`);
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
});
