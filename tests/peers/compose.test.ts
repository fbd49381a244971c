// The Compose adapter with the real Compose on a real engine.
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createCompose } from '../../main/adapters/compose/compose.ts';
import { createTellTimes } from '../../main/adapters/engine/container-times.ts';
import type { Engine } from '../../main/ports.ts';
import { silentLog } from '../fakes/silent-log.ts';
import { packRootfs } from '../fixtures/tiny-image.ts';
import { describeComposePort, stackScripts } from './compose-suite.ts';
import type { ComposeSubject } from './compose-suite.ts';
import { describeWithPeer, findComposePeer } from './peers.ts';
import type { ComposePeer } from './peers.ts';

const peer = await findComposePeer();

/** A project with a folder and an image of its own; `close` removes all that was made. */
async function openProject({ program, engine }: ComposePeer): Promise<ComposeSubject> {
  const serial = randomBytes(4).toString('hex');
  const folder = await mkdtemp(join(tmpdir(), 'autogit-compose-'));
  const image = `autogit-test/compose-${serial}:1`;
  await engine.importImage(image, await packRootfs(['sh', 'sleep', 'cat']), {
    env: { PATH: '/bin' },
    labels: {},
  });
  const environment = { ...process.env, AUTOGIT_COMPOSE: program, COMPOSE_PROJECT_NAME: 'another' };
  const surroundings = { variables: process.env, home: homedir(), uid: process.getuid?.() ?? null };
  const times = createTellTimes(surroundings, silentLog);
  const compose = createCompose({ environment, log: silentLog, times });
  const project = { name: `autogit-test-${serial}`, folder, engine: engine.host };
  const file = join(folder, 'compose.yaml');
  return {
    ...{ compose, project, image },
    writeFile: (content) => (content === null ? rm(file) : writeFile(file, content)),
    holdPort,
    close: async () => {
      await compose.down(project, { volumes: true });
      await engine.removeImage(image);
      await rm(folder, { recursive: true });
    },
  };
}

async function holdPort(): ReturnType<ComposeSubject['holdPort']> {
  const holder = createServer();
  await new Promise<void>((resolve) => holder.listen(0, '127.0.0.1', resolve));
  const address = holder.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return { port, letGo: () => new Promise((resolve) => holder.close(() => resolve())) };
}

describeWithPeer('the real Compose', peer, (found) => {
  describeComposePort('as a port', () => openProject(found()));

  let engine: Engine;
  let subject: ComposeSubject;
  beforeAll(async () => {
    ({ engine } = found());
    subject = await openProject(found());
  });
  afterAll(() => subject.close());
  const part = (): object => ({
    image: subject.image,
    command: ['/bin/sh', '-c', stackScripts.stays.replaceAll('$', '$$$$')],
  });
  const fileOf = (more: object, rest: object = {}): string =>
    JSON.stringify({ services: { one: { ...part(), ...more } }, ...rest });
  const up = (signal = new AbortController().signal): Promise<void> =>
    subject.compose.up(subject.project, () => undefined, signal);

  it('refuses to run a program where the service does not run', async () => {
    await expect(subject.compose.exec(subject.project, 'one', ['cat'], '', 60_000)).rejects.toMatchObject({
      key: 'compose.failed',
      message: expect.stringContaining('service "one" is not running') as string,
    });
  });

  it('ends a start that waits, when it is given up', async () => {
    const healthcheck = { test: ['CMD', '/bin/sh', '-c', 'exit 1'], interval: '1s', retries: 1000 };
    await subject.writeFile(
      JSON.stringify({
        services: {
          one: { ...part(), healthcheck },
          two: { ...part(), depends_on: { one: { condition: 'service_healthy' } } },
        },
      }),
    );
    const giveUp = new AbortController();
    const seen = Promise.withResolvers<undefined>();
    const started = subject.compose.up(
      subject.project,
      ({ id, text }) => {
        if (id.endsWith('-one-1') && text === 'Waiting') seen.resolve(undefined);
      },
      giveUp.signal,
    );
    await Promise.race([seen.promise, started]);
    giveUp.abort(new Error('given up'));
    await expect(started).rejects.toThrow('given up');
    const [container] = await subject.compose.containers(subject.project);
    expect(container).toMatchObject({ service: 'one', state: 'running', health: 'starting' });
    await subject.compose.down(subject.project, { volumes: false });
  });

  it('never makes a volume with data anew', async () => {
    const withVolume = (label: string): string =>
      fileOf({ volumes: ['kept:/kept'] }, { volumes: { kept: { labels: { label } } } });
    await subject.writeFile(withVolume('first'));
    await up();
    await subject.compose.exec(subject.project, 'one', ['sh', '-c', 'echo data > /kept/file'], '', 60_000);
    await subject.writeFile(withVolume('second'));
    await up();
    const read = await subject.compose.exec(subject.project, 'one', ['cat', '/kept/file'], '', 60_000);
    expect(read.stdout).toBe('data\n');
    await subject.compose.down(subject.project, { volumes: true });
  });

  it('says that the engine is away', async () => {
    const away = { ...subject.project, engine: 'unix:///nowhere/docker.sock' };
    await expect(subject.compose.containers(away)).rejects.toMatchObject({ key: 'engine.unreachable' });
    await subject.writeFile(fileOf({}));
    await expect(
      subject.compose.up(away, () => undefined, new AbortController().signal),
    ).rejects.toMatchObject({
      key: 'engine.unreachable',
    });
  });

  it('tells how often the engine has restarted what ends again and again', async () => {
    const command = ['/bin/sh', '-c', stackScripts.fails];
    await subject.writeFile(fileOf({ command, restart: 'always' }));
    await up();
    const restarts = async (): Promise<number> => {
      const [container] = await subject.compose.containers(subject.project);
      return container?.restarts ?? 0;
    };
    await expect.poll(restarts, { timeout: 20_000 }).toBeGreaterThan(1);
    await subject.compose.down(subject.project, { volumes: false });
  });

  it('leaves nothing behind that a core that is killed would have to know', async () => {
    await subject.writeFile(fileOf({}));
    await up();
    const again = createCompose({
      environment: { ...process.env, AUTOGIT_COMPOSE: found().program },
      log: silentLog,
    });
    expect(await again.containers(subject.project)).toHaveLength(1);
    await again.down(subject.project, { volumes: true });
    const { stdout } = await promisify(execFile)('docker', [
      ...['--host', engine.host, 'ps', '--all', '--quiet'],
      ...['--filter', `label=com.docker.compose.project=${subject.project.name}`],
    ]);
    expect(stdout).toBe('');
  });
});
