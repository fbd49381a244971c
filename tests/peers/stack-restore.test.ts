// A whole stack is backed up, lost with everything of its machine, and restored with nothing but the repository and the twelve words.
import { randomBytes } from 'node:crypto';
import { access, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { describeWithPeer, findRestic, findStackUpPeer } from './peers.ts';
import { contentsOf, told } from './stack-contents.ts';
import { openGuest } from './stack-guest.ts';
import type { StackGuest } from './stack-guest.ts';
import { openStackLab } from './stack-lab.ts';
import type { CliResult, StackLab } from './stack-lab.ts';

const peer = await findStackUpPeer();
const hasRestic = (await findRestic()).found !== null;
const lab = `t${randomBytes(3).toString('hex')}`;
/** A limit for machines that do much else; it takes a tenth of it. Milliseconds. */
const slow = 480_000;
const patience = { timeout: 120_000, interval: 100 };

const outcome = z.object({ message: z.string() });
const problem = z.object({ error: z.object({ key: z.string(), message: z.string(), next: z.string() }) });
const status = z.object({
  state: z.string(),
  services: z.array(z.object({ service: z.string(), state: z.string(), health: z.string() })),
});
const planned = z.object({
  plan: z.object({ isNothing: z.boolean(), files: z.array(z.unknown()), services: z.array(z.unknown()) }),
});

describeWithPeer('a stack that was lost', hasRestic ? peer : { ...peer, found: null }, (found) => {
  let first: StackLab;
  /** The same lab on another machine: its home lies elsewhere. */
  let stack: StackLab;
  let before: Readonly<Record<string, unknown>>;
  let guest: StackGuest;
  let words: string;
  /** The root that devices of the lab trust. */
  let root: string;
  let place: string;

  beforeAll(async () => {
    first = await openStackLab(lab, found());
    stack = moved(first);
    guest = await openGuest(stack);
    place = JSON.stringify({ name: 'disk', kind: 'folder', path: join(guest.folder, 'repository') });
  }, slow);
  afterAll(async () => {
    await first.close();
    await guest.close();
  }, slow);

  it(
    'is backed up with all that was put into it',
    async () => {
      const machine = await openGuest(first);
      await machine.answer();
      const { code, stdout, stderr } = await machine.up('--yes');
      expect(code, stderr + stdout).toBe(0);
      await fill(machine);
      await told(outcome, first, 'backup', 'add-target', '--target', place);
      words = (await told(z.object({ words: z.array(z.string()) }), first, 'backup', 'sheet')).words.join(
        ' ',
      );
      before = await contentsOf(first, machine);
      root = join(guest.folder, 'trusted.crt');
      await writeFile(root, await readFile(machine.ca));
      await told(outcome, first, 'backup', 'create');
      await machine.close();
    },
    slow,
  );

  it(
    'is proven by a drill, which says that nothing is there to load the dump into',
    async () => {
      const { message } = await told(outcome, first, 'backup', 'drill');
      expect(message).toContain('is proven');
      expect(message).toContain('not loaded into a PostgreSQL');
    },
    slow,
  );

  it(
    'says so when GitLab dies in the middle of its restore, and leaves nothing half done',
    async () => {
      await lose();
      const logs = join(stack.data, 'gitlab/logs');
      await mkdir(logs, { recursive: true });
      await writeFile(join(logs, 'hold-restore'), '');
      const restoring = restore();
      const isAtIt = (): Promise<boolean> =>
        access(join(logs, 'restoring')).then(
          () => true,
          () => false,
        );
      await Promise.race([vi.waitUntil(isAtIt, patience), restoring]);
      const { gitlab } = await stack.containers();
      await rm(logs, { recursive: true });
      await stack.docker('kill', gitlab?.id ?? 'none');
      const { code, stdout, stderr } = await restoring;
      expect(code, stderr + stdout).toBe(1);
      expect(problem.parse(JSON.parse(stdout)).error.key, stdout).toBe('backup.restore-failed');
      await expect(access(join(stack.home, 'stack', lab))).rejects.toThrow();
      expect((await told(status, stack, 'stack', 'status')).state).toBe('none');
      expect(await stack.containers()).toEqual({});
    },
    slow,
  );

  it(
    'is the same again with the repository and the twelve words',
    async () => {
      const { code, stdout, stderr } = await restore();
      expect(code, stderr + stdout).toBe(0);
      const { services } = await vi.waitUntil(async () => {
        const now = await told(status, stack, 'stack', 'status');
        return now.services.some(({ health }) => health === 'starting') ? null : now;
      }, patience);
      expect(services.filter((one) => one.state !== 'running' || one.health === 'unhealthy')).toEqual([]);
      expect(Object.keys(await stack.containers())).toEqual(
        expect.arrayContaining(['gitlab', 'traefik', 'coredns']),
      );
      expect(await contentsOf(stack, guest)).toEqual(before);
    },
    slow,
  );

  it(
    'serves whoever trusted it before, by its name, and lets them clone',
    async () => {
      expect(await guest.curl('/-/health', '--cacert', root)).toContain('GitLab');
      const { value } = await told(
        z.object({ value: z.string() }),
        stack,
        'stack',
        'secret',
        'gitlab-root-password',
      );
      await guest.clone('kept', `root:${value}`);
      const { gitlabProblem } = await told(
        z.object({ gitlabProblem: z.string().nullable() }),
        stack,
        'user',
        'list',
      );
      expect(gitlabProblem, "AutoGit's own token").toBeNull();
    },
    slow,
  );

  it(
    'has nothing left to change',
    async () => {
      const { plan } = await told(planned, stack, 'stack', 'plan');
      expect(plan).toMatchObject({ isNothing: true });
    },
    slow,
  );

  /** Another home on the same engine. */
  function moved(lost: StackLab): StackLab {
    const home = join(lost.home, '..', 'home of another machine');
    return {
      ...{ ...lost, home },
      cli: (args, options = {}) =>
        lost.cli(args, { ...options, env: { ...options.env, AUTOGIT_HOME: home } }),
    };
  }

  async function fill(machine: StackGuest): Promise<void> {
    const project = await machine.makeProject('kept');
    await machine.api(`/projects/${project}/variables`, { key: 'TOKEN', value: 'of the lab' });
    await machine.api(`/projects/${project}/repository/branches`, { branch: 'topic', ref: 'main' });
    if (found().authelia !== null)
      await told(outcome, first, 'user', 'add', 'ana', '--email', 'ana@example.net', '--totp');
    if (found().sshd !== null) await machine.cloneOverSsh('kept');
  }

  /** All that the machine had: containers, networks, images, data, the home. */
  async function lose(): Promise<void> {
    const containers = Object.values(await first.containers()).map(({ id }) => id);
    await first.docker('rm', '--force', '--volumes', ...containers);
    const label = `label=com.docker.compose.project=autogit-${lab}`;
    const networks = await first.docker('network', 'ls', '--quiet', '--filter', label);
    await first.docker('network', 'rm', ...networks.split('\n'));
    const { address } = first.registry;
    const images = await first.docker(
      'image',
      'ls',
      '--quiet',
      '--no-trunc',
      '--filter',
      `reference=${address}/*/*`,
    );
    const others = await first.docker(
      'image',
      'ls',
      '--quiet',
      '--no-trunc',
      '--filter',
      `reference=${address}/*`,
    );
    const all = new Set([...images.split('\n'), ...others.split('\n')].filter(Boolean));
    await first.docker('rmi', '--force', ...all);
    for (const path of [first.data, first.home]) await rm(path, { recursive: true });
  }

  function restore(): Promise<CliResult> {
    const wish = ['backup', 'restore', 'newest', '--place', place, '--password', '--yes', '--json'];
    return stack.cli(wish, { input: `${words}\n` });
  }
});
