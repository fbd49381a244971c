// A whole stack on the engine of an ordinary user, who also runs AutoGit: from three answers to a job over GitLab's address.
// Ports below 1024 are root's there, so that a relay of the test has port 53, as a router would. On a machine without systemd
// nobody runs Podman's health checks; the stack comes up without them, and the test stands in for nobody.
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { access, readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { describeWithPeer, findRootlessStackPeer } from './peers.ts';
import { expectByName, expectInBrowser, openGuest } from './stack-guest.ts';
import type { StackGuest } from './stack-guest.ts';
import { onOwnEngine } from './stack-hosts.ts';
import { openStackLab } from './stack-lab.ts';
import type { StackLab } from './stack-lab.ts';

const run = promisify(execFile);
const patience = { timeout: 120_000, interval: 500 };
const pool = 'own';

const outcomeSchema = z.object({
  message: z.string(),
  actions: z.array(z.unknown()),
  gitlabUrl: z.string().nullish(),
});
const provenSchema = z.object({
  status: z.object({
    proof: z.object({
      state: z.string(),
      claims: z.array(z.object({ name: z.string(), state: z.string() })),
    }),
  }),
});
const jobsSchema = z.array(z.object({ id: z.number(), status: z.string() }));

for (const kind of ['rootless Podman', 'rootless Docker'] as const) {
  const peer = await findRootlessStackPeer(kind);
  const lab = `t${randomBytes(3).toString('hex')}`;

  describeWithPeer(`a stack on ${kind}`, peer, (found) => {
    let stack: StackLab;
    let guest: StackGuest;

    const upWell = async (): Promise<z.infer<typeof outcomeSchema>> => {
      const { code, stdout, stderr } = await guest.up('--yes');
      expect(code, stderr + stdout).toBe(0);
      return outcomeSchema.parse(JSON.parse(stdout));
    };
    const inStack = (...path: readonly string[]): string => join(stack.home, 'stack', lab, ...path);

    beforeAll(async () => {
      stack = await openStackLab(lab, found(), onOwnEngine(kind));
      guest = await openGuest(stack);
      await guest.answer();
      const image = await stack.importRunnerImage();
      const settings = { version: 1, pools: [{ name: pool, tags: [pool], image, max: 1, idleTime: 4 }] };
      await writeFile(join(stack.home, 'settings.yaml'), JSON.stringify(settings));
    });
    afterAll(async () => {
      await stack.close();
      await guest.close();
    });

    it('comes up with every service and a proven pool', async () => {
      expect((await upWell()).gitlabUrl).toBe(guest.url);
      const services = await stack.containers();
      expect(Object.keys(services)).toEqual(
        expect.arrayContaining(['gitlab', 'traefik', 'coredns', 'socket-proxy']),
      );
      expect(Object.values(services).every(({ state }) => state === 'running')).toBe(true);
      const { stdout } = await stack.cli(['pool', 'show', pool, '--json']);
      const { proof } = provenSchema.parse(JSON.parse(stdout)).status;
      const claims = Object.fromEntries(proof.claims.map(({ name, state }) => [name, state]));
      expect(claims).toMatchObject({ gitlab: 'held', clone: 'held', artifact: 'held' });
      expect(proof.state).toBe('proven');
    });

    it('has files, secrets and data of its user alone', async () => {
      const { uid } = await stat(stack.home);
      expect(uid).not.toBe(0);
      const entries = await readdir(inStack(), { recursive: true, withFileTypes: true });
      const paths = [stack.data, ...entries.map(({ parentPath, name }) => join(parentPath, name))];
      for (const path of paths) expect((await stat(path)).uid, path).toBe(uid);
      for (const name of await readdir(inStack('secrets')))
        expect((await stat(inStack('secrets', name))).mode & 0o777, name).toBe(0o600);
    });

    it('answers by its name, through CoreDNS and Traefik, with a certificate of the own root', async () => {
      await expectByName(stack, guest);
      await expectInBrowser(guest);
    });

    it('lets git clone over https and, with a key, over SSH', async () => {
      await guest.makeProject('cloned');
      await guest.clone('cloned', `root:${await guest.rootToken()}`);
      if (found().sshd !== null) await guest.cloneOverSsh('cloned');
    });

    it('runs a job that was pushed, over the same address', async () => {
      const project = await guest.makeProject('built');
      const folder = await guest.clone('built', `root:${await guest.rootToken()}`);
      await writeFile(join(folder, '.gitlab-ci.yml'), jobFile(guest.url));
      const git = (...args: readonly string[]): Promise<unknown> => run('git', ['-C', folder, ...args]);
      await git('add', '.gitlab-ci.yml');
      await git(
        '-c',
        'user.name=Test',
        '-c',
        'user.email=test@example.com',
        'commit',
        '--quiet',
        '--message',
        'Job',
      );
      await stack.named('git', ['-C', folder, 'push', '--quiet'], { GIT_SSL_CAINFO: guest.ca });
      const core = stack.start(['serve', '--json']);
      const ended = new Promise((resolve) => core.once('exit', resolve));
      try {
        const job = async () => jobsSchema.parse(JSON.parse(await guest.api(`/projects/${project}/jobs`)))[0];
        await vi.waitUntil(async () => /success|failed/.test((await job())?.status ?? ''), patience);
        const { id, status } = (await job()) ?? { id: 0, status: '' };
        const log = await guest.api(`/projects/${project}/jobs/${id}/trace`);
        expect(log).toContain(`cloned from ${guest.url}/root/built.git`);
        expect(status).toBe('success');
      } finally {
        await stack.cli(['stop', '--json']);
        await ended;
      }
    });

    it('changes and restarts nothing the second time', async () => {
      const before = await stack.containers();
      const { actions } = await upWell();
      expect(actions).toEqual([]);
      expect(await stack.containers()).toEqual(before);
    });

    it('makes anew what has changed, and leaves the others alone', async () => {
      const { coredns: former, ...stayed } = await stack.containers();
      await guest.answer({ dns: { mode: 'coredns', upstream: ['192.0.2.53'] } });
      await upWell();
      const { coredns, ...others } = await stack.containers();
      expect(coredns?.state).toBe('running');
      expect(coredns?.id).not.toBe(former?.id);
      expect(others).toEqual(stayed);
      expect(await guest.curl('/-/health')).toContain('GitLab');
    });

    it('goes down and comes up with its data', async () => {
      const { code, stdout, stderr } = await stack.cli(['stack', 'down', '--json']);
      expect(code, stderr + stdout).toBe(0);
      expect(await stack.containers()).toEqual({});
      await upWell();
      await guest.clone('cloned', `root:${await guest.rootToken()}`);
    });

    it('is destroyed with its data where that was said', async () => {
      const { code, stdout, stderr } = await stack.cli([
        'stack',
        'destroy',
        '--delete-data',
        '--json',
        '--yes',
      ]);
      expect(code, stderr + stdout).toBe(0);
      expect(await stack.containers()).toEqual({});
      await expect(access(join(stack.data, 'gitlab'))).rejects.toThrow();
      await expect(access(inStack())).rejects.toThrow();
    });
  });
}

const jobFile = (url: string): string => `
built:
  tags: [${pool}]
  script:
    - test -f .gitlab-ci.yml && echo "cloned from $(echo "$CI_REPOSITORY_URL" | sed 's#//.*@#//#')"
    - test "$CI_SERVER_URL" = '${url}'
`;
