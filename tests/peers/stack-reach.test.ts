// Runners and core reach the GitLab of a stack: by its public name, through Traefik, with a certificate of an own root.
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import type { CoreDoor } from '../../main/contract/contract.ts';
import { createCore, homePaths, writeSettings } from '../../main/index.ts';
import type { Core } from '../../main/index.ts';
import { settingsSchema } from '../../main/model/settings.ts';
import { createSandboxClient } from '../engine/sandbox-client.ts';
import type { SandboxClient } from '../engine/sandbox-client.ts';
import { importOfficialImage } from './official-image.ts';
import { describeWithPeer, findStackPeer } from './peers.ts';
import { provideRunnerImages } from './runner-images.ts';
import { backend, openStackFront } from './stack-front.ts';
import type { StackFront } from './stack-front.ts';

const run = promisify(execFile);
const peer = await findStackPeer();
const patience = { timeout: 180_000, interval: 200 };
const serial = randomBytes(4).toString('hex');
const runnerImage = `autogit-test-runner-${serial}:19.4`;
const officialImage = `autogit-test-official-${serial}:1`;

/** By executor and runner; `tag` brings a job to the pool. */
const pools = [
  { pool: `container-${serial}`, tag: 'container', official: true },
  { pool: `image-${serial}`, tag: 'image', official: true },
  { pool: `own-${serial}`, tag: 'own', official: false },
] as const;

describeWithPeer('runners of a stack', peer, (found) => {
  let folder: string;
  let stack: StackFront;
  let core: Core;
  let door: CoreDoor;
  let gitlab: SandboxClient;
  let images: Awaited<ReturnType<typeof provideRunnerImages>>;

  beforeAll(async () => {
    const { engine, binary, helperImage, jobImage, traefik } = found();
    folder = await mkdtemp(join(tmpdir(), 'autogit-reach-'));
    stack = await openStackFront(engine, traefik, folder);
    images = await provideRunnerImages(engine, runnerImage, { binary, helperImage });
    await importOfficialImage(engine, officialImage, { binary, cacheFolder: join(folder, 'official') });
    const common = { max: 1, idleTime: 4, runUntagged: false };
    const settings = settingsSchema.parse({
      gitlab: {
        ...{ kind: 'server', url: stack.url, ca: stack.ca },
        stack: { network: stack.network, connect: stack.connect },
      },
      pools: [
        { ...common, name: pools[0].pool, tags: [pools[0].tag], image: officialImage },
        {
          ...{ ...common, name: pools[1].pool, tags: [pools[1].tag], executor: 'image', runnerImage },
          ...{ image: jobImage, pullPolicy: 'if-not-present' },
        },
        { ...common, name: pools[2].pool, tags: [pools[2].tag], image: stack.sandboxImage },
      ],
    });
    const env = {
      ...{ ...process.env, AUTOGIT_HOME: join(folder, 'home'), DOCKER_HOST: engine.host },
      AUTOGIT_GITLAB_TOKEN: stack.token,
    };
    await writeSettings(homePaths(env, { demo: false }), settings);
    core = await createCore({ env, home: 'default', act: true, terminalLogLevel: 'error' });
    door = core.through('cli');
    await core.start();
    gitlab = createSandboxClient(stack.plainUrl, stack.token);
  });
  afterAll(async () => {
    await door.call('lab.teardown', {});
    // The gateway leaves last.
    await vi.waitUntil(async () => (await door.call('lab.objects', {})).containers.length === 0, patience);
    await core.stop();
    await stack.close();
    await images.remove();
    await found().engine.removeImage(officialImage);
    await rm(folder, { recursive: true, force: true });
  });

  const finish = async (project: number): Promise<{ status: string; log: string }> => {
    const job = async () => (await gitlab.jobs(project)).at(-1);
    await expect.poll(async () => (await job())?.status, patience).toMatch(/success|failed|canceled/);
    const { id = 0, status = '' } = (await job()) ?? {};
    return { status, log: await gitlab.trace(project, id) };
  };

  it('are started by a core that trusts the root and connects where it is told to', async () => {
    await expect
      .poll(async () => (await door.call('snapshot.show', {})).gitlab.state, patience)
      .toBe('ready');
    expect((await door.call('issue.list', {})).filter(({ key }) => key.startsWith('gitlab.'))).toEqual([]);
  });

  it('let a job in an image of its own see Traefik, and nobody else of the stack', async () => {
    const project = await gitlab.push('alone', jobFile('image', new URL(stack.url).host));
    const { log } = await finish(project);
    expect(log).toContain('secure port by its name: yes');
    expect(log).toContain('backend: no');
    expect(log).toContain('gateway: no');
    await expect.poll(() => networksOf(stack.traefik), patience).toEqual([stack.network]);
  });

  it('get Traefik back on the network of a job from which it was lost', async () => {
    const project = await gitlab.push('lost', lostFile(new URL(stack.url).host));
    const idOf = async () => (await gitlab.jobs(project))[0]?.id ?? 0;
    await expect.poll(async () => gitlab.trace(project, await idOf()), patience).toContain('it is there');
    // Other jobs of the pool, as its proof, have networks of their own; jobs of other GitLabs may have the same number.
    const labels = [`com.gitlab.gitlab-runner.job.id=${await idOf()}`, `autogit.pool=${pools[1].pool}`];
    const ofJob = labels.flatMap((label) => ['--filter', `label=${label}`]);
    const network = await lineOf(['network', 'ls', ...ofJob, '--format', '{{.Name}}']);
    // As after Compose has made it anew: it has its name, and is on its own networks alone.
    await run('docker', ['network', 'disconnect', '--force', network, stack.traefik]);
    await expect.poll(() => networksOf(stack.traefik), patience).toContain(network);
    const build = ['--filter', 'label=com.gitlab.gitlab-runner.type=build'];
    const container = await lineOf(['ps', ...ofJob, ...build, '--format', '{{.Names}}']);
    await run('docker', ['exec', container, 'touch', '/go-on']);
    const { status, log } = await finish(project);
    expect(log).toContain('it is back');
    expect(status).toBe('success');
  });

  describe.each(pools)('of the pool for $tag', ({ pool, tag, official }) => {
    it('clone by the public name, and hand over artifacts', async () => {
      const project = await gitlab.push(`reach-${tag}`, jobFile(tag, new URL(stack.url).host));
      const { status, log } = await finish(project);
      expect(log).toContain(`cloned from ${stack.url}/root/reach-${tag}.git`);
      expect(log).toContain('root: -----BEGIN CERTIFICATE-----');
      expect(log).toContain('secure port by its name: yes');
      if (official) expect(log).toMatch(/Running with gitlab-runner 19\.4\./);
      expect(status).toBe('success');
    });

    it('are proven, with the address and the certificate of GitLab', async () => {
      const proof = async () => (await door.call('pool.show', { name: pool })).status.proof;
      await expect.poll(async () => (await proof())?.at ?? null, patience).not.toBeNull();
      const claims = Object.fromEntries(
        ((await proof())?.claims ?? []).map(({ name, state }) => [name, state]),
      );
      // An image of busybox has nothing that checks certificates: there the clone alone shows it.
      const gitlabClaim = tag === 'image' ? 'unknown' : 'held';
      expect(claims).toMatchObject({ clone: 'held', artifact: 'held', gitlab: gitlabClaim });
      expect((await proof())?.state).toBe('proven');
    });
  });
});

const described = z.object({ NetworkSettings: z.object({ Networks: z.record(z.string(), z.unknown()) }) });

async function networksOf(container: string): Promise<readonly string[]> {
  const { stdout } = await run('docker', ['inspect', container]);
  const [{ NetworkSettings }] = z.tuple([described]).parse(JSON.parse(stdout));
  return Object.keys(NetworkSettings.Networks);
}

/** What docker prints of the one object that is asked for. */
async function lineOf(words: readonly string[]): Promise<string> {
  const { stdout } = await run('docker', words);
  expect(stdout.trim().split('\n')).toHaveLength(1);
  return stdout.trim();
}

const lostFile = (host: string): string => `
lost:
  tags: [image]
  artifacts: { paths: [made.txt] }
  script:
    - 'reaches() { nc -w 2 ${host} 443 < /dev/null 2> /dev/null; }'
    - reaches && echo "it is there"
    - until [ -f /go-on ]; do sleep 0.3; done
    - reaches && echo "it is back"
    - echo made > made.txt
`;

const jobFile = (tag: string, host: string): string => `
reach:
  tags: [${tag}]
  artifacts: { paths: [made.txt] }
  script:
    - test -f .gitlab-ci.yml && echo "cloned from $(echo "$CI_REPOSITORY_URL" | sed 's#//.*@#//#')"
    - 'echo "root: $(head -n 1 "$CI_SERVER_TLS_CA_FILE")"'
    - 'if (timeout 3 bash -c "exec 3<>/dev/tcp/${host}/443" || nc -w 2 ${host} 443 < /dev/null) 2> /dev/null; then echo "secure port by its name: yes"; fi'
    - 'if nc -w 2 ${backend} 80 < /dev/null 2> /dev/null; then echo "backend: yes"; else echo "backend: no"; fi'
    - 'if nc -w 2 autogit-gateway 2375 < /dev/null 2> /dev/null; then echo "gateway: yes"; else echo "gateway: no"; fi'
    - echo made > made.txt
`;
