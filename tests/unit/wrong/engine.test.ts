// An engine that is not there, may not be used, is too old, behind a broken TLS, or full, through every door.
import { chmodSync, chownSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { RequestListener } from 'node:http';
import type { ListenOptions } from 'node:net';
import path from 'node:path';
import { rootCertificates } from 'node:tls';
import { afterEach, describe, expect, it, onTestFinished } from 'vitest';
import { exitCodeOf } from '../../../main/cli/report.ts';
import { AutoGitError } from '../../../main/errors.ts';
import { httpStatusOf } from '../../../main/serve/answer.ts';
import { closeLab, createWorld, openLab } from '../../fakes/fake-lab.ts';
import type { OpenLab, World } from '../../fakes/fake-lab.ts';
import { asOrdinaryUser, temporaryFolder } from '../adapters/host/temporary.ts';
import { cli, freshEnv, issuesEverywhere, requestRefused, runningCore } from './every-door.ts';
import type { Env } from './every-door.ts';

/** Something that listens like an engine; its port, or 0 for a socket. */
async function listening(at: ListenOptions, answer: RequestListener): Promise<number> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(at, resolve));
  onTestFinished(
    () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  );
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

const oldEngine: Readonly<Record<string, object>> = {
  '/version': { Version: '19.03.15', ApiVersion: '1.40', Arch: 'amd64', Components: [{ Name: 'Engine' }] },
  '/info': { Driver: 'overlay2', DockerRootDir: '/var/lib/docker', Name: 'old', NCPU: 2, MemTotal: 1e9 },
  '/volumes': { Volumes: [] },
};

function json(value: unknown): RequestListener {
  return (_request, response) => {
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(value));
  };
}

const cases: readonly (readonly [
  what: string,
  key: string,
  words: string,
  env: (home: Env) => Promise<Env>,
])[] = [
  ['that is not there', 'engine.unreachable', 'the socket does not exist', (env) => Promise.resolve(env)],
  [
    'whose socket is left over',
    'engine.unreachable',
    'nothing listens there',
    async ({ HOME = '', ...env }) => {
      const socket = path.join(HOME, 'left-over.sock');
      writeFileSync(socket, '');
      return { ...env, HOME, DOCKER_HOST: `unix://${socket}` };
    },
  ],
  [
    'that is too old',
    'engine.too-old',
    '19.03.15',
    async ({ HOME = '', ...env }) => {
      const socket = path.join(HOME, 'old.sock');
      await listening({ path: socket }, (request, response) => {
        const asked = Object.keys(oldEngine).find((end) => request.url?.split('?')[0]?.endsWith(end));
        json(asked === undefined ? [] : oldEngine[asked])(request, response);
      });
      return { ...env, HOME, DOCKER_HOST: `unix://${socket}` };
    },
  ],
  [
    'whose TLS is none',
    'engine.tls',
    'No secure connection',
    async (env) => {
      const port = await listening({ host: '127.0.0.1', port: 0 }, json({}));
      const folder = temporaryFolder();
      writeFileSync(path.join(folder, 'ca.pem'), rootCertificates[0] ?? '');
      const tls = { DOCKER_TLS_VERIFY: '1', DOCKER_CERT_PATH: folder };
      return { ...env, DOCKER_HOST: `tcp://127.0.0.1:${port}`, ...tls };
    },
  ],
  [
    'whose certificates are missing',
    'engine.tls',
    'ca.pem is missing',
    async (env) => ({
      ...env,
      DOCKER_HOST: 'tcp://127.0.0.1:1',
      DOCKER_TLS_VERIFY: '1',
      DOCKER_CERT_PATH: env.HOME ?? '',
    }),
  ],
];

describe('an engine', { timeout: 60_000 }, () => {
  it.each(cases)('%s is %s', async (_what, key, words, change) => {
    const running = await runningCore(await change(freshEnv()));
    const issue = (await issuesEverywhere(running)).find((found) => found.key === key);
    expect(issue).toMatchObject({ severity: 'error' });
    expect(issue?.message).toContain(words);
    expect(issue?.next).toMatch(/\w{3}/);
    const refused = await requestRefused(running, 'sandbox.start', {}, 'sandbox start');
    expect(refused).toMatchObject({ key, code: 3, status: 503 });
    const seed = await requestRefused(running, 'sandbox.seed', {}, 'sandbox seed');
    expect(seed.key, 'seeding names the engine, not GitLab').toBe(key);
  });

  it.runIf(process.getuid?.() === 0)('that you may not use is engine.permission (needs root)', async () => {
    const env = freshEnv();
    const socket = path.join(temporaryFolder(), 'root.sock');
    await listening({ path: socket }, json([]));
    chmodSync(path.dirname(socket), 0o755);
    chmodSync(socket, 0o600);
    chownSync(path.dirname(env.AUTOGIT_HOME), 65_534, 65_534);
    await asOrdinaryUser(async () => {
      const own = { ...env, DOCKER_HOST: `unix://${socket}` };
      expect((await cli(own, 'sandbox start --json')).code).toBe(3);
      const { code, out } = await cli(own, 'issue list');
      expect(code).toBe(0);
      expect(out).toContain('engine.permission');
      expect(out).toContain('sudo usermod -aG docker $USER');
    });
  });
});

describe('an engine whose disk is full', () => {
  let world: World;
  let lab: OpenLab;
  afterEach(async () => {
    await closeLab(world, lab);
    world.store.close();
  });

  it('is an issue of what cannot be started, until there is room', async () => {
    world = createWorld({});
    lab = await openLab(world);
    const create = world.engine.createContainer.bind(world.engine);
    const full = new AutoGitError({
      key: 'engine.no-space',
      message: 'No space left on device',
      next: 'Free some.',
    });
    Object.assign(world.engine, { createContainer: () => Promise.reject(full) });
    const job = world.gitlab.addJob();
    await lab.until('it is stated', ({ issues }) => issues.some(({ key }) => key === 'engine.no-space'));
    Object.assign(world.engine, { createContainer: create });
    await lab.until('the job has run', () => world.gitlab.statusOf(job) === 'success', 5 * 60_000);
    expect(lab.snapshot().issues).toEqual([]);
    expect([exitCodeOf(full.key), httpStatusOf(full.key)]).toEqual([3, 503]);
  });
});

describe('a port that is taken', { timeout: 60_000 }, () => {
  it('ends a start of `serve` with what to do, and lets go of the home', async () => {
    const port = await listening({ host: '127.0.0.1', port: 0 }, json({}));
    const env = freshEnv();
    const text = await cli(env, `serve --port ${port}`);
    expect(text.code).toBe(1);
    expect(text.err).toContain(`AutoGit cannot listen on 127.0.0.1:${port}`);
    expect(text.err).toContain('core.port-taken');
    const report = await cli(env, `serve --port ${port} --json`);
    expect(JSON.parse(report.out)).toMatchObject({ error: { key: 'core.port-taken', fields: { port } } });
    expect((await cli(env, 'status')).code).toBe(0);
  });
});
