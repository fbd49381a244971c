// How AutoGit ends: Ctrl-C on the demo once and twice, `--keep`, and a second core on the same home.
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { engineHost, openLab, patience } from './lab.ts';
import type { Lab, Running } from './lab.ts';

/** A demo that has a runner: its jobs may be too quick to be seen running. */
async function demoWithJobs(lab: Lab, jobs: number): Promise<Running> {
  const demo = lab.start(['demo', '--jobs', `${jobs}`, '--idle', '60']);
  await vi.waitFor(() => expect(demo.output()).toMatch(/ runner [0-9a-f]{8} starts/), patience);
  return demo;
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

describe.skipIf(engineHost === null)('Ctrl-C on the demo', () => {
  it('once drains and removes everything', async () => {
    const lab = await openLab(onTestFinished);
    const demo = await demoWithJobs(lab, 4);
    demo.signal('SIGINT');
    const { code, out } = await demo.done;
    expect(code).toBe(130);
    expect(out).toContain('interrupted: removing everything');
    expect(await lab.left()).toEqual([]);
    expect(await lab.corePid()).toBeNull();
  });

  it('twice ends at once, and the next demo cleans up', async () => {
    const lab = await openLab(onTestFinished);
    const demo = await demoWithJobs(lab, 4);
    const core = (await lab.corePid()) ?? 0;
    demo.signal('SIGINT');
    await vi.waitFor(() => expect(demo.output()).toContain('interrupted'), patience);
    demo.signal('SIGINT');
    expect((await demo.done).code).toBe(130);
    await vi.waitFor(() => expect(isAlive(core)).toBe(false), patience);
    expect(await lab.left()).not.toEqual([]);
    const next = await lab.run(['demo', '--jobs', '1', '--idle', '1', '--json']);
    expect({ code: next.code, err: next.code === 0 ? '' : next.err }).toEqual({ code: 0, err: '' });
    expect(await lab.left()).toEqual([]);
  });
});

describe.skipIf(engineHost === null)('autogit demo --keep', () => {
  it('leaves sandbox and core to every command, and a later demo cleans up', async () => {
    const lab = await openLab(onTestFinished);
    const demo = await lab.run(['demo', '--keep', '--jobs', '2', '--idle', '1']);
    expect({ code: demo.code, err: demo.code === 0 ? '' : demo.err }).toEqual({ code: 0, err: '' });
    const sandbox = await lab.sandbox();
    const core = (await lab.corePid()) ?? 0;
    expect(isAlive(core)).toBe(true);
    for (const words of [sandbox.url, sandbox.token, `process ${core}`]) expect(demo.out).toContain(words);
    expect(await lab.json(['status'])).toMatchObject({
      pid: core,
      gitlab: { state: 'ready', url: sandbox.url },
    });
    const jobs = (await lab.json(['job', 'list'])) as { readonly id: number; readonly status: string }[];
    expect(jobs.map(({ status }) => status)).toEqual(['success', 'success']);
    const log = await lab.run(['job', 'log', `${jobs[0]?.id ?? 0}`]);
    expect(log).toMatchObject({ code: 0, out: expect.stringContaining('Job succeeded') as string });
    expect(await lab.json(['runner', 'list'])).toEqual([]);
    const events = await lab.run(['events', '--json']);
    const kinds = events.out
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { kind: string }).kind);
    // Jobs may be too quick to be seen running.
    expect(kinds).toEqual(expect.arrayContaining(['job.waiting', 'job.success', 'runner.gone']));

    const second = await lab.run(['serve', '--json']);
    expect(second.code).toBe(0);
    expect(JSON.parse(second.out)).toMatchObject({ pid: core, already: true, home: lab.home });

    const later = await lab.run(['demo', '--jobs', '1', '--idle', '1', '--json']);
    expect({ code: later.code, err: later.code === 0 ? '' : later.err }).toEqual({ code: 0, err: '' });
    expect(await lab.left()).toEqual([]);
    expect(isAlive(core)).toBe(true);
    process.kill(core, 'SIGTERM');
    await vi.waitFor(() => expect(isAlive(core)).toBe(false), patience);
    expect(await lab.corePid()).toBeNull();
  });
});
