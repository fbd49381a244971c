import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { foldDemo, newDemo } from '../../../../main/cli/demo/model.ts';
import type { DemoModel } from '../../../../main/cli/demo/model.ts';
import { renderDemo } from '../../../../main/cli/demo/screen.ts';
import type { ScreenView } from '../../../../main/cli/demo/screen.ts';
import { columnsOf } from '../../../../main/cli/render/text.ts';
import { createFakeWorld } from '../../../fakes/fake-world.ts';

const view: ScreenView = { width: 80, height: 24, colour: false, unicode: true, now: 3000 };

/** A demo of so many jobs after so many steps of the pretended lab. */
function demoAfter(jobs: number, steps: number, max = 4): DemoModel {
  const world = createFakeWorld({ now: () => 1000, max });
  let model = newDemo(jobs, 0);
  const project = world.seed(jobs);
  model = foldDemo(model, { kind: 'seeded', project }, 500);
  model = foldDemo(model, { kind: 'phase', phase: 'jobs' }, 500);
  for (let step = 0; step < steps; step += 1) world.step();
  return foldDemo(model, { kind: 'snapshot', snapshot: world.snapshot() }, 1000);
}

describe('the demo screen', () => {
  it('opens with the state in one sentence and the time', () => {
    const [first = ''] = renderDemo(demoAfter(6, 2), view).split('\n');
    expect(first).toMatch(/^4 jobs running, 2 waiting, 0 of 6 done +3\.0 s$/);
  });

  it('has a line for every runner with its state and job', () => {
    const text = renderDemo(demoAfter(6, 2), view);
    expect(text).toContain('Runners 4 of 4');
    expect(text.match(/► busy +build \d/g)).toHaveLength(4);
  });

  it('shows the jobs in order, readable without colour and in ASCII', () => {
    expect(renderDemo(demoAfter(6, 4), view)).toMatch(/^✓✓✓✓►►$/m);
    expect(renderDemo(demoAfter(6, 4), { ...view, unicode: false })).toMatch(/^\+{4}>>$/m);
  });

  it('shows jobs that are still to come', () => {
    const model = { ...demoAfter(2, 2), expected: 5 };
    expect(renderDemo(model, view)).toMatch(/^►►···$/m);
  });

  it('shows the last line of the log without colours and section marks', () => {
    const text =
      '\u001b[32;1mok\u001b[0;m\nsection_end:1700000000:script\r\u001b[0K\u001b[1mall good\u001b[0m\r\n';
    const model = foldDemo(demoAfter(6, 2), { kind: 'log', job: 'build 1', text }, 0);
    expect(renderDemo(model, view)).toMatch(/^build 1 \| all good$/m);
  });

  it('says that the core is gone and for how long', () => {
    const model = foldDemo(demoAfter(6, 2), { kind: 'core-lost' }, 1000);
    expect(renderDemo(model, view)).toContain('The core is gone; waiting for one to come back (2.0 s)');
  });

  it('says when runners leave', () => {
    expect(renderDemo(demoAfter(3, 6), view)).toContain(
      'All 3 jobs done; 3 runners left, they leave after 5 s',
    );
  });

  it('shows the first issue', () => {
    const model = demoAfter(3, 2);
    if (model.snapshot === null) throw new Error('no snapshot');
    const issue = {
      key: 'a.b',
      severity: 'error',
      subject: 's',
      message: 'No space left',
      next: 'n',
    } as const;
    const with1 = { ...model, snapshot: { ...model.snapshot, issues: [issue] } };
    expect(renderDemo(with1, view)).toContain('! No space left');
  });

  it('colours only where colours are wanted', () => {
    expect(renderDemo(demoAfter(6, 4), view)).not.toContain('\u001b');
    expect(renderDemo(demoAfter(6, 4), { ...view, colour: true })).toContain('\u001b[32m');
  });

  it('fits every screen at every moment', () => {
    const sizes = fc.record({
      width: fc.integer({ min: 20, max: 220 }),
      height: fc.integer({ min: 5, max: 60 }),
    });
    fc.assert(
      fc.property(
        sizes,
        fc.integer({ min: 1, max: 200 }),
        fc.nat(12),
        fc.nat(30),
        (size, jobs, steps, max) => {
          const lines = renderDemo(demoAfter(jobs, steps, max + 1), { ...view, ...size }).split('\n');
          expect(lines.length).toBeLessThan(size.height);
          for (const line of lines) expect(columnsOf(line)).toBeLessThanOrEqual(size.width);
        },
      ),
      { numRuns: 60 },
    );
  });
});
