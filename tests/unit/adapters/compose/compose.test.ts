// How Compose is found and called, without any: a runner of the test stands in for programs.
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { createCompose } from '../../../../main/adapters/compose/compose.ts';
import type { ComposeOptions } from '../../../../main/adapters/compose/compose.ts';
import type { ProgramCall, ProgramEnd } from '../../../../main/adapters/compose/run.ts';
import type { Compose, ComposeEvent } from '../../../../main/stack-ports.ts';
import { silentLog } from '../../../fakes/silent-log.ts';

const project = {
  name: 'autogit-lab',
  folder: '/home/a/stack/lab',
  engine: 'unix:///run/user/1000/docker.sock',
};
const never = new AbortController().signal;
const ended = (stdout = '', stderr = '', code = 0): ProgramEnd => ({
  outcome: 'ended',
  code,
  stdout,
  stderr,
});

interface World {
  readonly compose: Compose;
  readonly calls: readonly ProgramCall[];
  /** Of calls that do not ask for the version. */
  last(): ProgramCall;
}

/** `versions`: what each program says of itself; the others are missing. */
function open(
  versions: Readonly<Record<string, string>>,
  answer: (call: ProgramCall) => ProgramEnd = () => ended(),
  environment: Readonly<Record<string, string>> = {},
  more: Pick<ComposeOptions, 'times'> = {},
): World {
  const calls: ProgramCall[] = [];
  const run = (call: ProgramCall): Promise<ProgramEnd> => {
    calls.push(call);
    if (call.args.at(-1) !== '--short') return Promise.resolve(answer(call));
    const version = versions[[call.program, ...call.args.slice(0, -2)].join(' ')];
    return Promise.resolve(version === undefined ? { outcome: 'missing' } : ended(version));
  };
  const compose = createCompose({ environment, log: silentLog, run, ...more });
  const last = (): ProgramCall => {
    const call = calls.findLast(({ args }) => args.at(-1) !== '--short');
    if (call === undefined) throw new Error('nothing was called');
    return call;
  };
  return { compose, calls, last };
}

describe('Compose is found', () => {
  it.each([
    [{ 'docker compose': '2.40.3', 'docker-compose': '2.30.0' }, '2.40.3', 'docker'],
    [{ 'docker-compose': 'v2.26.1-4' }, '2.26.1', 'docker-compose'],
    [{ 'docker compose': '2.20.0', 'docker-compose': '5.5.0' }, '5.5.0', 'docker-compose'],
    [{ 'docker compose': '2.24.0', 'docker-compose': '1.29.2' }, '2.24.0', 'docker'],
  ])('among %j', async (versions, version, program) => {
    const { compose, last } = open(versions);
    expect(await compose.version()).toBe(version);
    await compose.restart(project, []);
    expect(last().program).toBe(program);
  });

  it('where AUTOGIT_COMPOSE says, and nowhere else', async () => {
    const named = { AUTOGIT_COMPOSE: '/opt/docker-compose' };
    const { compose } = open(
      { '/opt/docker-compose': '2.40.3', 'docker compose': '5.0.0' },
      undefined,
      named,
    );
    expect(await compose.version()).toBe('2.40.3');
    const absent = open({ 'docker compose': '2.40.3' }, undefined, { AUTOGIT_COMPOSE: 'no/compose' });
    await expect(absent.compose.version()).rejects.toMatchObject({
      ...{ key: 'compose.missing', message: expect.stringContaining(path.resolve('no/compose')) as string },
    });
    const docker = open({ '/usr/bin/docker compose': '2.40.3' }, undefined, {
      AUTOGIT_COMPOSE: '/usr/bin/docker',
    });
    expect(await docker.compose.version()).toBe('2.40.3');
  });

  it('once, and anew after it was gone', async () => {
    let isGone = false;
    const { compose, calls } = open({ 'docker compose': '2.40.3' }, () =>
      isGone ? { outcome: 'missing' } : ended(),
    );
    await compose.restart(project, []);
    await compose.restart(project, []);
    expect(calls).toHaveLength(3);
    isGone = true;
    await expect(compose.restart(project, [])).rejects.toMatchObject({ key: 'compose.failed' });
    await expect(compose.restart(project, [])).rejects.toMatchObject({ key: 'compose.failed' });
    expect(calls).toHaveLength(6);
  });
});

describe('Compose is refused', () => {
  it('when it is the one in Python', async () => {
    const { compose } = open({ 'docker-compose': '1.29.2' });
    await expect(compose.version()).rejects.toMatchObject({
      key: 'compose.v1',
      message: expect.stringContaining('1.29.2') as string,
    });
  });

  it('when it is older than the floor; its version is told all the same', async () => {
    const { compose } = open({ 'docker compose': '2.23.3' });
    expect(await compose.version()).toBe('2.23.3');
    await expect(compose.check(project)).rejects.toMatchObject({ key: 'compose.old' });
  });

  it('when there is none, with what was looked for', async () => {
    const { compose } = open({ 'docker compose': "docker: 'compose' is not a docker command." });
    await expect(compose.version()).rejects.toMatchObject({
      key: 'compose.missing',
      message: expect.stringMatching(/docker compose is no Compose; there is no docker-compose/) as string,
    });
  });
});

describe('a call', () => {
  it('has the project’s engine and no other word about projects and engines', async () => {
    const environment = {
      ...{ HOME: '/home/a', PATH: '/bin', DOCKER_CONFIG: '/c', HTTPS_PROXY: 'p' },
      ...{
        DOCKER_HOST: 'tcp://other',
        DOCKER_CONTEXT: 'other',
        DOCKER_TLS_VERIFY: '1',
        DOCKER_DEFAULT_PLATFORM: 'x',
      },
      ...{ COMPOSE_FILE: 'other.yaml', COMPOSE_PROJECT_NAME: 'other', COMPOSE_IGNORE_ORPHANS: '1' },
    };
    const { compose, last } = open({ 'docker compose': '2.40.3' }, undefined, environment);
    await compose.check(project);
    expect(last().environment).toEqual({
      ...{ HOME: '/home/a', PATH: '/bin', DOCKER_CONFIG: '/c', HTTPS_PROXY: 'p' },
      ...{ DOCKER_HOST: project.engine, DOCKER_CLI_HINTS: 'false' },
    });
    await compose.check({ ...project, engine: 'tcp://box:2376' });
    expect(last().environment).toMatchObject({ DOCKER_HOST: 'tcp://box:2376', DOCKER_TLS_VERIFY: '1' });
  });

  it('tells progress as JSON where Compose can, and in plain words before 2.29', async () => {
    for (const [version, progress] of [
      ['2.29.0', 'json'],
      ['2.28.1', 'plain'],
      ['5.0.0', 'json'],
    ] as const) {
      const { compose, last } = open({ 'docker compose': version });
      await compose.up(project, () => undefined, never);
      expect(last().args).toEqual([
        ...['compose', '--ansi', 'never', '--progress', progress, '-p', 'autogit-lab'],
        ...['--project-directory', project.folder, '-f', `${project.folder}/compose.yaml`],
        ...['up', '--detach', '--no-build', '--pull', 'never', '--remove-orphans'],
      ]);
    }
  });

  it('makes only those anew that have changed, where that is said', async () => {
    const { compose, calls } = open({ 'docker compose': '2.40.3' });
    const rounds = async (changed: readonly string[]): Promise<readonly (readonly string[])[]> => {
      const begun = calls.length;
      await compose.up(project, () => undefined, never, changed);
      const all = calls.slice(begun).map(({ args }) => args);
      return all
        .filter((args) => args.includes('up'))
        .map((args) => args.slice(args.indexOf('never', 4) + 1));
    };
    expect(await rounds(['coredns', 'gitlab'])).toEqual([
      ['--no-deps', 'coredns', 'gitlab'],
      ['--no-recreate', '--remove-orphans'],
    ]);
    expect(await rounds([])).toEqual([['--no-recreate', '--remove-orphans']]);
  });

  it('takes a stack down whose network something else is on, as Podman tells it, unless volumes were to go', async () => {
    const stderr = `failed to remove network autogit-lab_inner: Error response from daemon: "autogit-lab_inner" has associated containers with it. Use -f to forcibly delete containers and pods: network is being used`;
    const { compose } = open({ 'docker compose': '2.40.3' }, () => ended('', stderr, 1));
    await compose.down(project, { volumes: false });
    await expect(compose.down(project, { volumes: true })).rejects.toMatchObject({ key: 'compose.failed' });
    const other = open({ 'docker compose': '2.40.3' }, () => ended('', 'it does not want to', 1));
    await expect(other.compose.down(project, { volumes: false })).rejects.toMatchObject({
      key: 'compose.failed',
    });
  });

  it('never says yes to what Compose asks', async () => {
    const { compose, calls } = open({ 'docker compose': '2.40.3' });
    await compose.up(project, () => undefined, never);
    await compose.down(project, { volumes: true });
    expect(calls.flatMap(({ args }) => args).filter((one) => /^(?:-y|--yes|--force.*)$/.test(one))).toEqual(
      [],
    );
    expect(calls.every(({ input }) => input === '')).toBe(true);
  });

  it('has input on standard input and not among its arguments', async () => {
    const { compose, last } = open({ 'docker compose': '2.40.3' }, () => ended('out', 'err', 3));
    const command = ['gitlab-rails', 'runner', '-'];
    expect(await compose.exec(project, 'gitlab', command, 'a secret', 5000)).toEqual({
      code: 3,
      stdout: 'out',
      stderr: 'err',
    });
    expect(last()).toMatchObject({ input: 'a secret', deadlineMs: 5000 });
    expect(last().args.slice(-6)).toEqual(['exec', '-T', 'gitlab', ...command]);
  });

  it('gives events of either form, and lines of standard output to nobody', async () => {
    const { compose } = open({ 'docker compose': '2.40.3' }, ({ onLine }) => {
      onLine?.('{"id":"Container a","status":"Started"}', 'stderr');
      onLine?.(' Container b  Started', 'stderr');
      onLine?.('{"id":"Container c","status":"Started"}', 'stdout');
      return ended();
    });
    const events: ComposeEvent[] = [];
    await compose.up(project, (event) => events.push(event), never);
    expect(events.map(({ id }) => id)).toEqual(['Container a', 'Container b']);
  });

  it('that follows ends quietly when it is told to, and is an error otherwise', async () => {
    const stop = new AbortController();
    const { compose } = open({ 'docker compose': '2.40.3' }, ({ onLine, signal }) => {
      onLine?.('a line', 'stdout');
      onLine?.('a warning', 'stderr');
      stop.abort();
      return signal === null ? ended() : { outcome: 'cancelled' };
    });
    const lines: string[] = [];
    await compose.follow(project, ['gitlab'], (one) => lines.push(one), stop.signal);
    expect(lines).toEqual(['a line']);
    const broken = open({ 'docker compose': '2.40.3' }, () => ended('', 'no such service: x', 1));
    await expect(broken.compose.follow(project, ['x'], () => undefined, never)).rejects.toMatchObject({
      ...{ key: 'compose.failed', message: expect.stringContaining('no such service: x') as string },
    });
  });
});

describe('a call that nobody waits for any longer', () => {
  it.each([
    ['up', (compose: Compose, signal: AbortSignal) => compose.up(project, () => undefined, signal)],
    ['down', (compose: Compose, signal: AbortSignal) => compose.down(project, { volumes: false }, signal)],
    ['restart', (compose: Compose, signal: AbortSignal) => compose.restart(project, [], signal)],
    [
      'exec',
      (compose: Compose, signal: AbortSignal) => compose.exec(project, 'gitlab', ['sleep'], '', 5000, signal),
    ],
  ])('ends with it: %s', async (_what, begin) => {
    const stop = new AbortController();
    const { compose } = open({ 'docker compose': '2.40.3' }, ({ signal }) => {
      stop.abort(new Error('the core stops'));
      return signal?.aborted === true ? { outcome: 'cancelled' } : ended();
    });
    await expect(begin(compose, stop.signal)).rejects.toThrow('the core stops');
  });
});

describe('a failure', () => {
  it.each([
    [
      'Error response from daemon: Bind for 0.0.0.0:443 failed: port is already allocated',
      'compose.port-taken',
    ],
    ['listen tcp4 0.0.0.0:53: bind: address already in use', 'compose.port-taken'],
    ['write /var/lib/docker/x: no space left on device', 'engine.no-space'],
    ['Cannot connect to the Docker daemon at unix:///x. Is the docker daemon running?', 'engine.unreachable'],
    [
      'permission denied while trying to connect to the Docker daemon socket at unix:///x',
      'engine.permission',
    ],
    ['Error response from daemon: No such image: chat:1', 'engine.image-missing'],
    ['something else', 'compose.failed'],
  ])('is known by what Compose said: %s', async (stderr, key) => {
    const { compose } = open({ 'docker compose': '2.40.3' }, () =>
      ended('', ` Container a  Starting\n${stderr}\n`, 1),
    );
    const error: unknown = await compose
      .up(project, () => undefined, never)
      .catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ key, message: `Compose could not start autogit-lab: ${stderr}` });
  });

  it(
    'because another Compose is at work on the same containers is waited for',
    { timeout: 20_000 },
    async () => {
      const words =
        'Error response from daemon: Conflict. The container name "/autogit-lab-a-1" is already in use';
      let tries = 0;
      const { compose } = open({ 'docker compose': '2.40.3' }, () => {
        tries += 1;
        return tries === 1 ? ended('', words, 1) : ended();
      });
      await compose.up(project, () => undefined, never);
      expect(tries).toBe(2);
      const giveUp = new AbortController();
      const stuck = open({ 'docker compose': '2.40.3' }, () => {
        setTimeout(() => giveUp.abort(new Error('given up')), 10);
        return ended('', words, 1);
      });
      await expect(stuck.compose.up(project, () => undefined, giveUp.signal)).rejects.toThrow('given up');
    },
  );

  it('without a word is told as such', async () => {
    const { compose } = open({ 'docker compose': '2.40.3' }, () => ended('', '', 17));
    await expect(compose.restart(project, [])).rejects.toMatchObject({
      message: expect.stringContaining('it ended with 17') as string,
    });
    await expect(compose.check(project)).rejects.toMatchObject({ key: 'compose.invalid' });
  });

  it('of time says how long', async () => {
    const { compose } = open({ 'docker compose': '2.40.3' }, () => ({
      outcome: 'timeout',
      stderr: 'it waits',
    }));
    await expect(compose.exec(project, 'gitlab', ['sleep'], '', 5000)).rejects.toMatchObject({
      ...{
        key: 'compose.timeout',
        retry: true,
        message: expect.stringMatching(/within 5 seconds.*it waits/) as string,
      },
    });
  });

  it('of a program in a container is that program’s, unless it never ran', async () => {
    const said = (stderr: string): Compose =>
      open({ 'docker compose': '2.40.3' }, () => ended('', stderr, 1)).compose;
    const exec = (compose: Compose): Promise<unknown> => compose.exec(project, 'gitlab', ['x'], '', 5000);
    expect(await exec(said('my own error\n'))).toMatchObject({ code: 1 });
    for (const words of [
      'service "gitlab" is not running',
      'Error response from daemon: container is restarting',
    ])
      await expect(exec(said(`${words}\n`))).rejects.toMatchObject({
        message: expect.stringContaining(words) as string,
      });
  });

  it('to answer in its own form is told', async () => {
    const { compose } = open({ 'docker compose': '2.40.3' }, () => ended('NAME  IMAGE\n'));
    await expect(compose.containers(project)).rejects.toMatchObject({
      ...{ key: 'compose.failed', message: expect.stringContaining('does not understand') as string },
    });
  });
});

describe('containers', () => {
  const listed = ['a', 'b'].map((id) =>
    JSON.stringify({ ...{ ID: id, Name: `autogit-lab-${id}-1`, Service: id, State: 'running' } }),
  );

  it('have the times that the engine tells, where it tells any', async () => {
    const asked: unknown[] = [];
    const { compose } = open(
      { docker: '1', 'docker compose': '2.40.3' },
      () => ended(listed.join('\n')),
      {},
      {
        times: (engine, ids) => {
          asked.push([engine, ids]);
          return Promise.resolve(new Map([['a', { startedAt: 17, restarts: 4 }]]));
        },
      },
    );
    expect(await compose.containers(project)).toMatchObject([
      { id: 'a', startedAt: 17, restarts: 4 },
      { id: 'b', startedAt: null, restarts: null },
    ]);
    expect(asked).toEqual([[project.engine, ['a', 'b']]]);
  });
});

describe('logs', () => {
  it('come without what some versions print for terminals', async () => {
    const text = '\u001b[2Kit has begun\n\u001b[2K\u001b[2K  and goes \u001b[2Kon\n\u001b[2K';
    const { compose } = open({ 'docker compose': '2.26.1' }, () => ended(text));
    expect(await compose.logs(project, ['one'], 5)).toBe('it has begun\n  and goes \u001b[2Kon\n');
  });
});
