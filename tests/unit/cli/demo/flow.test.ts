// The demo's flow over pretended cores: whole, interrupted, with cores that die and come back.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { homePaths } from '../../../../main/adapters/host/home.ts';
import { demoInput } from '../../../../main/cli/commands.ts';
import type { CoreProcess } from '../../../../main/cli/demo/core-process.ts';
import type { CoreSource } from '../../../../main/cli/demo/keeper.ts';
import { runDemo } from '../../../../main/cli/demo/run-demo.ts';
import { AutoGitError } from '../../../../main/errors.ts';
import { createFakeCore } from '../../../fakes/fake-core.ts';
import type { FakeCore } from '../../../fakes/fake-core.ts';
import { fakeCli } from '../../../fakes/fake-cli.ts';
import type { FakeCli } from '../../../fakes/fake-cli.ts';
import { createFakeWorld } from '../../../fakes/fake-world.ts';
import type { FakeWorld, FakeWorldOptions } from '../../../fakes/fake-world.ts';

interface Stage {
  readonly cli: FakeCli;
  readonly lab: FakeWorld;
  readonly source: CoreSource;
  /** Cores that the demo started, newest last. */
  readonly started: { readonly pid: number; stopped: boolean; released: boolean }[];
  core(): FakeCore;
  /** Somebody else's core on the same home. */
  serve(): FakeCore;
  kill(): void;
  play(options?: Record<string, unknown>, json?: boolean): Promise<number>;
}

let home: string;
let timer: NodeJS.Timeout | undefined;
const clis: FakeCli[] = [];

beforeEach(async () => {
  home = await mkdtemp(path.join(tmpdir(), 'autogit-demo-'));
});
afterEach(async () => {
  clearInterval(timer);
  for (const cli of clis.splice(0)) await cli.remove();
  await rm(home, { recursive: true, force: true });
});

async function stage(
  options: FakeWorldOptions & { terminal?: boolean; patienceMs?: number } = {},
): Promise<Stage> {
  const terminal = options.terminal === true ? { terminal: { columns: 80, rows: 24 } } : {};
  const cli = await fakeCli({ env: { AUTOGIT_HOME: home }, ...terminal });
  clis.push(cli);
  const lab = createFakeWorld({ max: 3, ...options });
  timer = setInterval(lab.step, 15);
  let running: { core: FakeCore; pid: number } | null = null;
  let nextPid = 100;
  const started: Stage['started'] = [];
  const open = (): { core: FakeCore; pid: number } => {
    running = { core: createFakeCore(lab), pid: nextPid };
    nextPid += 1;
    return running;
  };
  const kill = (): void => {
    const dying = running;
    running = null;
    dying?.core.crash();
  };
  const start = (): Promise<CoreProcess> => {
    const { pid } = open();
    const entry = { pid, stopped: false, released: false };
    started.push(entry);
    return Promise.resolve({
      pid,
      ended: new Promise<AutoGitError>(() => undefined),
      stop: () => {
        entry.stopped = true;
        kill();
        return Promise.resolve();
      },
      release: () => void (entry.released = true),
    });
  };
  const find: CoreSource['find'] = () => {
    if (running === null) return Promise.resolve(null);
    const record = { pid: running.pid, startedAt: 1, socket: 's', address: 'http://127.0.0.1:1' };
    return Promise.resolve({ record, door: running.core });
  };
  const source = { find, start, patienceMs: options.patienceMs ?? 5000 };
  return {
    cli,
    lab,
    source,
    started,
    core: () => {
      if (running === null) throw new Error('no core runs');
      return running.core;
    },
    serve: () => open().core,
    kill,
    play: (input = {}, json = false) => {
      const paths = homePaths({ AUTOGIT_HOME: home }, { demo: true });
      return runDemo(demoInput.parse({ jobs: 6, ...input }), cli.world, json, () => ({ paths, source }));
    },
  };
}

function names(core: FakeCore): readonly string[] {
  return core.calls.map((call) => call.name);
}

const whole = {
  jobs: { total: 6, succeeded: 6, failed: 0 },
  runners: { created: 3, removed: 3, leftBehind: 0 },
};

describe('the demo', () => {
  it('starts a core, plays, removes everything and stops the core', async () => {
    const on = await stage();
    const code = on.play({}, true);
    await expect.poll(() => on.started.length).toBe(1);
    const core = on.core();
    expect(await code).toBe(0);
    expect(JSON.parse(on.cli.out())).toMatchObject({
      ...whole,
      sandbox: true,
      runner: 'sandbox',
      leftBehind: { containers: 0, networks: 0, volumes: 0 },
    });
    expect(names(core).slice(0, 2)).toEqual(['sandbox.start', 'sandbox.seed']);
    expect(names(core)).toContain('lab.teardown');
    expect(on.started).toMatchObject([{ stopped: true }]);
  });

  it('shows plain lines without a terminal, then six lines and what to try next', async () => {
    const on = await stage();
    expect(await on.play()).toBe(0);
    expect(on.cli.out()).toMatch(/^ +\d+\.\d s {2}build 2 \(job 2\) succeeded$/m);
    expect(on.cli.out()).toMatch(/^Left behind {2}nothing$/m);
    expect(on.cli.out().split('Try next:\n')[1]?.trimEnd().split('\n')).toHaveLength(3);
  });

  it('draws on a terminal', async () => {
    const on = await stage({ terminal: true, jobSteps: 20 });
    expect(await on.play()).toBe(0);
    expect(on.cli.drawn.some((text) => text.includes('Runners 3 of 3'))).toBe(true);
    expect(on.cli.drawn.at(-1)).toContain('Done');
  });

  it('uses a core that runs and leaves it running', async () => {
    const on = await stage();
    const core = on.serve();
    expect(await on.play()).toBe(0);
    expect(on.started).toEqual([]);
    expect(on.core()).toBe(core);
  });

  it('fails when a job fails, and says which number', async () => {
    const on = await stage({ failing: ['build 3'] });
    expect(await on.play({}, true)).toBe(1);
    expect(JSON.parse(on.cli.out())).toMatchObject({ jobs: { total: 6, succeeded: 5, failed: 1 } });
    expect(on.cli.err()).toMatch(/\(job \d+\) failed\. The end of its log:\n {4}\S/);
  });

  it('leaves sandbox and core with --keep, and says how to reach them', async () => {
    const on = await stage();
    expect(await on.play({ keep: true })).toBe(0);
    expect(on.started).toMatchObject([{ stopped: false, released: true }]);
    expect(names(on.core())).not.toContain('sandbox.reset');
    expect(on.cli.out()).toContain('glpat-pretended');
    expect(on.cli.out()).toContain(`AUTOGIT_HOME=${home} autogit status`);
  });

  it('refuses a home that serves a real GitLab, and touches nothing', async () => {
    const on = await stage();
    await writeFile(
      path.join(home, 'settings.yaml'),
      'gitlab: {kind: server, url: "https://gitlab.home.arpa"}\n',
    );
    await expect(on.play()).rejects.toMatchObject({ key: 'demo.home-in-use' });
    expect(on.started).toEqual([]);
  });
});

describe('a lost core', () => {
  it('that comes back elsewhere is used to the end and left running', async () => {
    const on = await stage();
    const code = on.play({}, true);
    await expect.poll(() => on.cli.err()).toContain('runs after');
    on.kill();
    await expect.poll(() => on.cli.err()).toContain('the core is gone');
    const core = on.serve();
    expect(await code).toBe(0);
    expect(on.cli.err()).toContain('a core is back');
    expect(JSON.parse(on.cli.out())).toMatchObject(whole);
    expect(names(core)).toContain('sandbox.reset');
    expect(on.started).toHaveLength(1);
    expect(on.core()).toBe(core);
  });

  it('that stays away is replaced', async () => {
    const on = await stage({ patienceMs: 300 });
    const code = on.play({}, true);
    await expect.poll(() => on.cli.err()).toContain('runs after');
    on.kill();
    expect(await code).toBe(0);
    expect(on.started).toMatchObject([{ stopped: false }, { stopped: true }]);
    expect(JSON.parse(on.cli.out())).toMatchObject(whole);
  });

  it('in the middle of the push begins the sandbox anew, so that no job runs twice', async () => {
    const on = await stage({ patienceMs: 100 });
    const core = on.serve();
    const { call } = core;
    core.call = (name, input) => {
      const answer = call(name, input);
      // The push has arrived, but its answer never does.
      if (name === 'sandbox.seed') return answer.finally(on.kill).then(() => call(name, input));
      return answer;
    };
    const code = on.play({}, true);
    await expect.poll(() => on.started.length).toBe(1);
    const next = on.core();
    expect(await code).toBe(0);
    expect(JSON.parse(on.cli.out())).toMatchObject({ jobs: { total: 6, succeeded: 6 } });
    expect(names(core)).toEqual(['sandbox.start', 'sandbox.seed']);
    expect(names(next).slice(0, 3)).toEqual(['sandbox.reset', 'sandbox.start', 'sandbox.seed']);
  });

  it('that is killed before it answers is waited for and replaced', async () => {
    const on = await stage({ patienceMs: 100 });
    const { start } = on.source;
    let killed = false;
    const startOnce: CoreSource['start'] = async () => {
      if (killed) return start();
      killed = true;
      const error = new AutoGitError({ key: 'core.killed', message: 'm', next: 'n' });
      return { pid: 1, ended: Promise.resolve(error), stop: async () => undefined, release: () => undefined };
    };
    Object.assign(on.source, { start: startOnce });
    expect(await on.play({}, true)).toBe(0);
    expect(JSON.parse(on.cli.out())).toMatchObject(whole);
  });

  it('that cannot be replaced is an error', async () => {
    const on = await stage({ patienceMs: 50 });
    const error = new AutoGitError({ key: 'store.corrupt', message: 'm', next: 'n' });
    on.serve();
    const code = on.play();
    await expect.poll(() => on.cli.out()).toContain('runs after');
    Object.assign(on.source, { start: () => Promise.reject(error) });
    on.kill();
    await expect(code).rejects.toMatchObject({ key: 'store.corrupt' });
  });
});

describe('Ctrl-C', () => {
  it('drains, removes everything, shows it, and exits with 130', async () => {
    const on = await stage({ jobSteps: 10 });
    const code = on.play();
    await expect.poll(() => on.cli.out()).toContain('runs after');
    on.cli.interrupt();
    expect(await code).toBe(130);
    expect(on.cli.out()).toContain('interrupted: removing everything');
    expect(on.cli.out()).toMatch(/^Left behind {2}nothing$/m);
    expect(on.lab.state().sandboxContainer).toBe(false);
    expect(on.started).toMatchObject([{ stopped: true }]);
  });

  it('removes everything with --keep too', async () => {
    const on = await stage({ jobSteps: 10 });
    const code = on.play({ keep: true });
    await expect.poll(() => on.cli.out()).toContain('runs after');
    on.cli.interrupt();
    expect(await code).toBe(130);
    expect(on.lab.state().sandboxContainer).toBe(false);
    expect(on.started).toMatchObject([{ stopped: true }]);
  });
});

describe('a failing step', () => {
  it('is reported with its own key, after what can be removed is removed', async () => {
    const on = await stage();
    const core = on.serve();
    core.failNext('sandbox.start', new AutoGitError({ key: 'engine.unreachable', message: 'm', next: 'n' }));
    await expect(on.play()).rejects.toMatchObject({ key: 'engine.unreachable' });
    expect(names(core)).toContain('sandbox.reset');
  });
});
