import { describe, expect, it } from 'vitest';
import { linesBetween, stamped } from '../../../../main/cli/demo/lines.ts';
import { countJobs, foldDemo, isOver, isStuck, newDemo } from '../../../../main/cli/demo/model.ts';
import type { DemoEvent, DemoModel } from '../../../../main/cli/demo/model.ts';
import { demoSettings, planSettings } from '../../../../main/cli/demo/demo-settings.ts';
import { demoResult, isGood, percentile, renderSummary } from '../../../../main/cli/demo/summary.ts';
import type { DemoFacts } from '../../../../main/cli/demo/summary.ts';
import { demoInput } from '../../../../main/cli/commands.ts';
import { createFakeWorld } from '../../../fakes/fake-world.ts';
import type { FakeWorld, FakeWorldOptions } from '../../../fakes/fake-world.ts';
import { defaultSettings } from '../../../../main/model/settings.ts';

/** Plays a pretended lab to its end and hands back every model on the way. */
function played(
  jobs: number,
  steps: number,
  options: FakeWorldOptions = {},
): { models: DemoModel[]; world: FakeWorld } {
  let now = 0;
  const world = createFakeWorld({ ...options, now: () => now });
  const models = [newDemo(jobs, 0)];
  const tell = (event: DemoEvent): void => {
    models.push(foldDemo(models.at(-1) ?? newDemo(jobs, 0), event, now));
  };
  tell({ kind: 'snapshot', snapshot: world.snapshot() });
  tell({ kind: 'seeded', project: world.seed(jobs) });
  tell({ kind: 'phase', phase: 'jobs' });
  for (let step = 0; step < steps; step += 1) {
    now += 1000;
    world.step();
    tell({ kind: 'snapshot', snapshot: world.snapshot() });
  }
  return { models, world };
}

function last(models: readonly DemoModel[]): DemoModel {
  const model = models.at(-1);
  if (model === undefined) throw new Error('no model');
  return model;
}

function factsOf({ models, world }: ReturnType<typeof played>): DemoFacts {
  const snapshot = world.snapshot();
  return {
    model: last(models),
    runner: 'sandbox',
    objects: { containers: [], networks: [], volumes: [] },
    runnersLeft: snapshot.runners.length,
    engine: snapshot.nodes[0]?.engine ?? null,
    totals: snapshot.totals,
    now: 20_000,
  };
}

describe('the demo model', () => {
  it('is over when every job has ended and every runner has gone, and not before', () => {
    const { models } = played(6, 12);
    const first = models.findIndex(isOver);
    expect(first).toBeGreaterThan(0);
    expect(models.slice(0, first).some((model) => (model.snapshot?.runners.length ?? 0) > 0)).toBe(true);
    expect(last(models).snapshot?.runners).toEqual([]);
    expect(countJobs(last(models))).toMatchObject({ total: 6, succeeded: 6, later: 0 });
  });

  it('keeps jobs that the core forgets, and takes none of other projects', () => {
    const { models, world } = played(3, 9);
    world.change((state) => ({ snapshot: { ...state.snapshot, jobs: [] } }));
    world.seed(5);
    const after = foldDemo(last(models), { kind: 'snapshot', snapshot: world.snapshot() }, 0);
    expect(after.jobs.map((job) => job.status)).toEqual(['success', 'success', 'success']);
  });

  it('gives up soon when a failure explains what is missing, and late otherwise', () => {
    const failed = { ...last(played(3, 12, { failing: ['build 2'] }).models), expected: 5, changedAt: 0 };
    expect([isStuck(failed, 2000), isStuck(failed, 4000)]).toEqual([false, true]);
    const waiting = { ...last(played(3, 0).models), changedAt: 0 };
    expect([isStuck(waiting, 30_000), isStuck(waiting, 61_000)]).toEqual([false, true]);
    const lost = foldDemo(waiting, { kind: 'core-lost' }, 0);
    expect(isStuck(lost, 61_000)).toBe(false);
  });

  it('does not take a queue that was only read again for movement', () => {
    const { models, world } = played(3, 1);
    const before = last(models);
    world.change((state) => ({
      snapshot: { ...state.snapshot, gitlab: { ...state.snapshot.gitlab, readAt: 99_000 } },
    }));
    const after = foldDemo(before, { kind: 'snapshot', snapshot: world.snapshot() }, 99_000);
    expect(after.changedAt).toBe(before.changedAt);
  });
});

describe('the plain lines', () => {
  it('tell every step of a job and a runner once', () => {
    const { models } = played(1, 8);
    const lines = models.flatMap((model, index) => {
      const before = models[index - 1];
      return before === undefined ? [] : linesBetween(before, model, 1000);
    });
    expect(lines).toEqual([
      'pushed demo/hello-1 with 1 job',
      'build 2 (job 2) waits',
      'runner 00000003 starts',
      'build 2 (job 2) runs after 2.0 s on 00000003',
      'build 2 (job 2) succeeded',
      'runner 00000003 is idle',
      'runner 00000003 leaves',
      'runner 00000003 is gone',
    ]);
  });

  it('tell of a core that goes and comes, and of Ctrl-C', () => {
    const model = newDemo(1, 0);
    const lost = foldDemo(model, { kind: 'core-lost' }, 10);
    expect(linesBetween(model, lost, 10)).toEqual(['the core is gone; waiting for one to come back']);
    expect(linesBetween(lost, foldDemo(lost, { kind: 'core-back' }, 20), 20)).toEqual([
      'a core is back; nothing is lost',
    ]);
    const stopped = foldDemo(model, { kind: 'interrupted' }, 10);
    expect(linesBetween(model, stopped, 10)).toEqual([
      'interrupted: removing everything; once more stops at once',
    ]);
  });

  it('carry the seconds since the start', () => {
    expect(stamped('hello', newDemo(1, 1000), 13_340)).toBe('  12.3 s  hello\n');
  });
});

describe('the result', () => {
  it('counts jobs, runners and waiting', () => {
    const result = demoResult(factsOf(played(6, 14)));
    expect(result).toMatchObject({
      jobs: { total: 6, succeeded: 6, failed: 0, canceled: 0 },
      runners: { created: 4, removed: 4, leftBehind: 0 },
      waitMs: { p50: 2000, p95: 4000, max: 4000 },
      durationMs: 20_000,
      engine: { kind: 'docker', version: '20.10.24', rootless: false },
      leftBehind: { containers: 0, networks: 0, volumes: 0 },
    });
    expect(isGood(result, false)).toBe(true);
  });

  it('is not good when a job failed or something is left', () => {
    const failed = demoResult(factsOf(played(6, 14, { failing: ['build 3'] })));
    expect(failed.jobs).toMatchObject({ succeeded: 5, failed: 1 });
    expect(isGood(failed, false)).toBe(false);
    const facts = factsOf(played(6, 14));
    const left = demoResult({ ...facts, objects: { containers: ['a'], networks: [], volumes: [] } });
    expect([isGood(left, false), isGood(left, true)]).toEqual([false, true]);
    expect(isGood(demoResult({ ...facts, runnersLeft: 1 }), true)).toBe(false);
  });

  it('counts only runners of this demo', () => {
    const facts = factsOf(played(6, 14));
    const before = { runnersCreated: 3, runnersRemoved: 3 };
    const totals = { runnersCreated: 7, runnersRemoved: 7 };
    const result = demoResult({ ...facts, totals, model: { ...facts.model, before } });
    expect(result.runners).toEqual({ created: 4, removed: 4, leftBehind: 0 });
  });

  it.each([
    [[], 0.5, null],
    [[7], 0.95, 7],
    [[3, 1, 2, 4], 0.5, 2],
    [[3, 1, 2, 4], 0.95, 4],
    [Array.from({ length: 100 }, (_, index) => index + 1), 0.95, 95],
  ])('the percentile of %j at %d is %j', (values, share, expected) => {
    expect(percentile(values, share)).toBe(expected);
  });

  it.each([80, 200])('is told in six lines at %i columns', (width) => {
    const view = { width, colour: false, now: 0 };
    const lines = renderSummary(factsOf(played(6, 14)), false, view)
      .trimEnd()
      .split('\n');
    expect(lines).toHaveLength(6);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(width);
    expect(lines.at(-1)).toBe('Left behind  nothing');
  });

  it('is told whole at 20 columns, in more lines', () => {
    const text = renderSummary(factsOf(played(6, 14)), false, { width: 20, colour: false, now: 0 });
    expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(20);
    expect(text).not.toContain('…');
    const wide = renderSummary(factsOf(played(6, 14)), false, { width: 200, colour: false, now: 0 });
    expect(text.split(/\s+/)).toEqual(wide.split(/\s+/));
  });
});

describe('the demo settings', () => {
  const input = demoInput.parse({ jobs: 3, idle: 7 });
  const real = { kind: 'server', url: 'https://gitlab.home.arpa' };

  it('follow the options and the machine', () => {
    expect(demoSettings(input, 2)).toMatchObject({
      gitlab: { kind: 'sandbox', runner: 'sandbox' },
      pools: [{ name: 'demo', tags: ['docker', 'autogit'], max: 3, idleTime: 7 }],
    });
    expect(demoSettings({ ...input, jobs: 200 }, 64).pools[0]?.max).toBe(8);
    expect(demoSettings({ ...input, jobs: 200 }, 1).pools[0]?.max).toBe(2);
  });

  it('replace those of an earlier demo and of a new home', () => {
    const wanted = demoSettings(input, 2);
    const earlier = demoSettings({ ...input, idle: 60 }, 2);
    expect(planSettings(null, wanted)).toBe('write');
    expect(planSettings(earlier, wanted)).toBe('write');
    expect(planSettings({ ...earlier, gitlab: { kind: 'none' } }, wanted)).toBe('write');
    expect(planSettings(defaultSettings, wanted)).toBe('write');
    expect(planSettings(wanted, wanted)).toBe('keep');
  });

  it.each([
    ['a real GitLab', { gitlab: real }],
    ['a real GitLab with a pool called demo', { gitlab: real, pools: [{ name: 'demo' }] }],
    ["somebody's sandbox", { gitlab: { kind: 'sandbox' }, pools: [{ name: 'mine' }] }],
    ["somebody's sandbox with the default pool", { gitlab: { kind: 'sandbox' } }],
    ['pools for a GitLab to come', { pools: [{ name: 'mine' }] }],
    ['what cannot be read', { pools: 'broken' }],
    ['no YAML', undefined],
  ])('never take over a home with %s', (_, present) => {
    const plan = (): string => planSettings(present, demoSettings(input, 2));
    expect(plan).toThrow(expect.objectContaining({ key: 'demo.home-in-use' }));
  });
});
