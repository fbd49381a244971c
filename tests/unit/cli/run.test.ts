import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { startServe } from '../../../main/serve/serve.ts';
import { AutoGitError } from '../../../main/errors.ts';
import { createFakeCore } from '../../fakes/fake-core.ts';
import type { FakeCore } from '../../fakes/fake-core.ts';
import { fakeCli } from '../../fakes/fake-cli.ts';
import type { FakeCli, FakeCliOptions } from '../../fakes/fake-cli.ts';
import { keptLog } from '../../fakes/open-doors.ts';

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

async function cliFor(options: FakeCliOptions = {}): Promise<FakeCli> {
  const cli = await fakeCli(options);
  ends.push(cli.remove);
  return cli;
}

/** A core that runs with the home of `cli`, as another process would. */
async function runningCore(cli: FakeCli): Promise<FakeCore> {
  const core = createFakeCore();
  const paths = cli.access.homePaths(cli.world.env, { demo: false });
  const own = await cli.access.createCore({
    env: cli.world.env,
    home: 'default',
    act: false,
    terminalLogLevel: 'error',
  });
  const doors = await startServe({ core, paths, log: keptLog([]) });
  await own.announce(doors);
  ends.push(async () => {
    await doors.close();
    await own.stop();
  });
  return core;
}

const parsed = (text: string): unknown => JSON.parse(text);

describe('a request', () => {
  it('goes to the core that runs', async () => {
    const cli = await cliFor();
    const core = await runningCore(cli);
    expect(await cli.run('job list --status pending --json')).toBe(0);
    expect(core.calls).toEqual([{ name: 'job.list', input: { status: 'pending', limit: 100 } }]);
    expect(parsed(cli.out())).toEqual([]);
    await cli.run('job list --status waiting');
    await cli.run('job list --status later');
    expect(core.calls.slice(1).map(({ input }) => input)).toMatchObject([
      { status: 'pending' },
      { status: 'created' },
    ]);
  });

  it('is answered by a core of its own when none runs, and lets go of the home', async () => {
    const cli = await cliFor();
    expect(await cli.run('status')).toBe(0);
    expect(cli.out()).toContain('Nothing to do.');
    expect(await cli.run('lab drain --json')).toBe(0);
    expect(parsed(cli.out())).toMatchObject({ dryRun: false });
  });

  it('takes a run/core.json of a dead core for no core', async () => {
    const cli = await cliFor();
    const paths = cli.access.homePaths(cli.world.env, { demo: false });
    await cli.run('status');
    const stale = {
      pid: 1,
      startedAt: 1,
      socket: path.join(cli.home, 'gone.sock'),
      address: null,
      version: '0',
    };
    await writeFile(path.join(paths.run, 'core.json'), JSON.stringify(stale));
    expect(await cli.run('status')).toBe(0);
  });

  it('that the core refuses is reported with its own key', async () => {
    const cli = await cliFor();
    const core = await runningCore(cli);
    const error = {
      key: 'engine.unreachable',
      message: 'Docker does not answer.',
      next: 'Start it.',
      fields: { a: 1 },
    };
    core.failNext('lab.drain', new AutoGitError(error));
    expect(await cli.run('lab drain --json')).toBe(3);
    expect(parsed(cli.out())).toEqual({ error });
    expect(cli.err()).toBe('');
    core.failNext('lab.drain', new AutoGitError(error));
    expect(await cli.run('lab drain')).toBe(3);
    expect(cli.out()).toBe('');
    expect(cli.err()).toBe('× Docker does not answer.\n  Start it.\n  engine.unreachable\n');
  });

  it('ends with 130 when interrupted', async () => {
    const cli = await cliFor();
    const core = await runningCore(cli);
    core.call = () => new Promise(() => undefined);
    const code = cli.run('status');
    setTimeout(cli.interrupt, 50);
    expect(await code).toBe(130);
  });
});

describe('a stream', () => {
  it('prints one JSON object a line with --json', async () => {
    const cli = await cliFor();
    await runningCore(cli);
    expect(await cli.run('events --json')).toBe(0);
    const lines = cli.out().trim().split('\n');
    expect(lines.map((line) => parsed(line))).toMatchObject([
      { kind: 'job.waiting' },
      { kind: 'job.waiting' },
    ]);
  });

  it('of a log is printed raw', async () => {
    const cli = await cliFor();
    const core = await runningCore(cli);
    const { id } = core.world.seed(1);
    expect(await cli.run(`job log ${id + 1}`)).toBe(0);
    expect(cli.out()).toBe(`$ echo job ${id + 1}\n\u001b[32mdone\u001b[0m\n`);
  });

  it('goes on with --follow until interrupted', async () => {
    const cli = await cliFor();
    const core = await runningCore(cli);
    const code = cli.run('events --follow --json');
    await expect.poll(() => cli.out()).toContain('build 2 waits');
    core.world.seed(2);
    await expect.poll(() => cli.out()).toContain('Nothing to do.');
    cli.interrupt();
    expect(await code).toBe(130);
  });

  it('of a job that does not exist is an error', async () => {
    const cli = await cliFor();
    await runningCore(cli);
    expect(await cli.run('job log 77 --json')).toBe(1);
    expect(parsed(cli.out())).toMatchObject({ error: { key: 'job.unknown' } });
  });

  it('that breaks off says that the core is gone', async () => {
    const cli = await cliFor();
    const core = await runningCore(cli);
    const code = cli.run('events --follow');
    await expect.poll(() => cli.out()).toContain('build 2 waits');
    core.crash();
    expect(await code).toBe(3);
  });
});

describe('what loses data', () => {
  it.each([
    ['sandbox reset', null, 4, 0],
    ['sandbox reset', false, 4, 0],
    ['sandbox reset', true, 0, 1],
    ['sandbox reset --json', true, 4, 0],
    ['sandbox reset --yes', null, 0, 1],
    ['sandbox reset -y --json', null, 0, 1],
    ['sandbox reset --dry-run', null, 0, 1],
  ] as const)('%s with the answer %j exits with %i', async (words, answer, code, calls) => {
    const cli = await cliFor({ answer });
    const core = await runningCore(cli);
    expect(await cli.run(words)).toBe(code);
    expect(core.calls).toHaveLength(calls);
  });
});

describe('wrong usage', () => {
  it.each([
    ['sandbox seed --jobs -1', 'usage.invalid-value', '--jobs must be a whole number from 1 to 200, not -1.'],
    ['sandbox seed --jobs 1e9', 'usage.invalid-value', 'from 1 to 200'],
    ['sandbox seed --jobs x', 'usage.invalid-value', 'from 1 to 200'],
    ['sandbox seed --jobs 1.5', 'usage.invalid-value', 'from 1 to 200'],
    ['demo --jobs 201', 'usage.invalid-value', 'from 1 to 200'],
    ['demo --idle 0', 'usage.invalid-value', '--idle must be a whole number from 1 to 3600'],
    ['demo --runner real', 'usage.invalid-value', 'sandbox, official'],
    ['serve --port 99999', 'usage.invalid-value', 'from 1 to 65535'],
    ['job list --status nope', 'usage.invalid-value', 'pending'],
    ['job log', 'usage.missing-value', '<id> is missing'],
    ['completion', 'usage.missing-value', '<shell> is missing'],
    ['completion fish', 'usage.invalid-value', 'bash, zsh'],
    ['jbo list', 'usage.unknown-command', 'autogit job'],
  ])('%s exits with 2 and %s', async (words, key, text) => {
    const cli = await cliFor();
    expect(await cli.run(words)).toBe(2);
    expect(cli.out()).toBe('');
    expect(cli.err()).toContain(text);
    expect(cli.err()).toContain(key);
    expect(await cli.run(`${words} --json`)).toBe(2);
    expect(cli.err()).toBe('');
    expect(parsed(cli.out())).toMatchObject({ error: { key } });
  });
});

describe('settings', () => {
  it('are validated from a file that the command line reads', async () => {
    const cli = await cliFor({ files: { 'good.yaml': 'version: 1', 'bad.yaml': 'broken: yes' } });
    expect(await cli.run('settings validate good.yaml')).toBe(0);
    expect(await cli.run('settings validate bad.yaml')).toBe(1);
    expect(cli.out()).toContain('× line 3: pools.0 is broken');
    expect(await cli.run('settings validate bad.yaml --json')).toBe(1);
    expect(parsed(cli.out())).toMatchObject({ valid: false });
    expect(await cli.run('settings validate none.yaml --json')).toBe(1);
    expect(parsed(cli.out())).toMatchObject({ error: { key: 'settings.file-unreadable' } });
  });

  it('are shown without a look at the engine', async () => {
    const cli = await cliFor();
    const { createCore } = cli.access;
    let started = 0;
    cli.access.createCore = async (options) => {
      const core = await createCore(options);
      return { ...core, start: () => Promise.resolve(void (started += 1)) };
    };
    expect(await cli.run('settings show')).toBe(0);
    expect(cli.out()).toContain('kind: none');
    expect(started).toBe(0);
    await cli.run('status');
    expect(started).toBe(1);
  });
});

describe('a query without a core', () => {
  it('must not act', async () => {
    const cli = await cliFor();
    const acts: boolean[] = [];
    const { createCore } = cli.access;
    cli.access.createCore = (options) => {
      acts.push(options.act);
      return createCore(options);
    };
    await cli.run('status');
    await cli.run('lab drain');
    expect(acts).toEqual([false, true]);
  });

  it('waits for a home that another query holds', async () => {
    const cli = await cliFor();
    const held = await cli.access.createCore({
      env: cli.world.env,
      home: 'default',
      act: false,
      terminalLogLevel: 'error',
    });
    const code = cli.run('status');
    setTimeout(() => void held.stop(), 300);
    expect(await code).toBe(0);
  });
});

describe('the rest', () => {
  it('prints version and help', async () => {
    const cli = await cliFor();
    expect(await cli.run('--version')).toBe(0);
    expect(cli.out()).toMatch(/^\d+\.\d+\.\d+\S*\n$/);
    expect(await cli.run('')).toBe(0);
    expect(cli.out()).toContain('autogit demo');
  });

  it('says what is missing without a home', async () => {
    const cli = await fakeCli({ env: { AUTOGIT_HOME: '' } });
    expect(await cli.run('status')).toBe(1);
    expect(cli.err()).toContain('host.no-home');
    await cli.remove();
  });
});
