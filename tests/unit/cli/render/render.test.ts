import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { renderAnswer } from '../../../../main/cli/render/renderers.ts';
import { renderPairs, renderTable } from '../../../../main/cli/render/table.ts';
import { ago, clean, columnsOf, cut, duration, gigabytes, wrap } from '../../../../main/cli/render/text.ts';
import type { View } from '../../../../main/cli/render/text.ts';
import { createFakeWorld, someEngine, someEngineInDetail } from '../../../fakes/fake-world.ts';

const view: View = { width: 80, colour: false, now: 100_000 };

function lab(): ReturnType<typeof createFakeWorld> {
  const world = createFakeWorld({ now: () => 98_000, max: 2 });
  world.seed(4);
  for (let step = 0; step < 3; step += 1) world.step();
  return world;
}

describe('text', () => {
  it.each([
    [0, '0.0 s'],
    [840, '0.8 s'],
    [9960, '10 s'],
    [59_400, '59 s'],
    [185_000, '3 min 5 s'],
    [7_200_000, '2 h'],
    [90_000_000, '1 d 1 h'],
    [-5, '0.0 s'],
  ])('%i ms is %s', (ms, text) => expect(duration(ms)).toBe(text));

  it.each([
    [0, 'just now'],
    [2000, '2 s ago'],
    [125_000, '2 min ago'],
    [7_300_000, '2 h ago'],
    [200_000_000, '2 d ago'],
    [-60_000, 'just now'],
  ])('%i ms back is %s', (back, text) => expect(ago(1e12 - back, 1e12)).toBe(text));

  it('says sizes in GB', () => expect(gigabytes(512)).toBe('0.5 GB'));

  it('takes everything out of names that would move the cursor', () => {
    expect(clean('a\u001b[2Jb\u001b]0;title\u0007c\rd\u202ee\nf')).toBe('abc d e f');
  });

  it('counts columns, not letters', () => {
    expect([columnsOf('日本'), columnsOf('é'), columnsOf('e\u0301')]).toEqual([4, 1, 1]);
    expect(cut('日本語テスト', 5)).toBe('日本…');
  });

  it('cuts and wraps within any width', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 1, max: 60 }), (text, width) => {
        const plain = clean(text);
        expect(columnsOf(cut(plain, width))).toBeLessThanOrEqual(width);
        for (const line of wrap(plain, Math.max(2, width))) {
          expect(columnsOf(line)).toBeLessThanOrEqual(Math.max(2, width));
        }
      }),
    );
  });
});

describe('a table', () => {
  const columns = [
    { title: 'NAME', cell: (row: readonly string[]) => row[0] ?? '' },
    { title: 'STATE', cell: (row: readonly string[]) => row[1] ?? '' },
    { title: 'A LONG ONE', cell: (row: readonly string[]) => row[2] ?? '' },
  ];
  const rows = [
    ['one', 'busy', 'x'.repeat(50)],
    ['a longer name', 'idle', 'short'],
  ];

  it('aligns columns and ends no line with spaces', () => {
    const lines = renderTable(columns, rows, { ...view, width: Infinity }).split('\n');
    expect(lines[0]).toBe('NAME           STATE  A LONG ONE');
    expect(lines[2]).toBe('a longer name  idle   short');
    expect(lines[1]).toContain('x'.repeat(50));
  });

  it('keeps the first column longest when there is little room', () => {
    const lines = renderTable(columns, rows, { ...view, width: 20 })
      .trimEnd()
      .split('\n');
    expect(lines.every((line) => columnsOf(line) <= 20)).toBe(true);
    expect(lines[1]).toContain('one');
    expect(lines[1]).toContain('busy');
  });

  it('fits any width from 20 columns on', () => {
    const cell = fc.string({ unit: 'grapheme', maxLength: 40 });
    fc.assert(
      fc.property(fc.array(fc.tuple(cell, cell, cell)), fc.integer({ min: 20, max: 200 }), (table, width) => {
        const lines = renderTable(columns, table, { ...view, width }).split('\n');
        expect(lines).toHaveLength(table.length + 2);
        for (const line of lines) expect(columnsOf(line)).toBeLessThanOrEqual(width);
      }),
    );
  });

  it('of pairs goes on in the next line, and below the name where it is narrow', () => {
    expect(renderPairs([['Name', 'a very long value indeed']], { ...view, width: 14 })).toBe(
      'Name\n  a very long\n  value indeed\n',
    );
  });
});

describe.each([20, 80, 200])('at %i columns', (width) => {
  const { jobs, runners, pools } = lab().snapshot();
  const problem = {
    key: 'engine.unreachable',
    message: 'Nothing listens there, as far as one can see.',
    next: '',
  };
  const engines = [someEngine, { ...someEngine, inUse: false, state: 'unreachable' as const, problem }];
  const narrow = { ...view, width };
  const texts = {
    jobs: renderAnswer('job.list', jobs, narrow),
    runners: renderAnswer('runner.list', runners, narrow),
    pools: renderAnswer('pool.list', pools, narrow),
    engines: renderAnswer('engine.list', engines, narrow),
    engine: renderAnswer('engine.show', someEngineInDetail, narrow),
    status: renderAnswer('status.show', lab().snapshot(), narrow),
  };

  it.each(Object.entries(texts))('the text of %s stays within', (_name, text) => {
    expect(Math.max(...text.split('\n').map(columnsOf))).toBeLessThanOrEqual(width);
    expect(text.endsWith('\n')).toBe(true);
  });

  it('the important column comes first', () => {
    expect(texts.jobs.split('\n')[1]).toMatch(/^\d+ +(?:runn|succ|wait)/);
    expect(texts.runners).toMatch(/^[\da-f]{6,8}….* *busy|^[\da-f]{8} +busy/m);
  });
});

describe('answers in words', () => {
  it('show a job with its state, wait and place', () => {
    const text = renderAnswer('job.list', lab().snapshot().jobs, { ...view, width: 120 });
    expect(text).toMatch(/^JOB +STATUS +NAME +PROJECT +WAITED +SEEN +RUNNER$/m);
    expect(text).toMatch(/^2 +running +build 2 +demo\/hello-1 +0\.0 s +2 s ago +\w{8}$/m);
    expect(text).toMatch(/^4 +waiting +build 4 /m);
  });

  it('open with the sentence of the state', () => {
    const text = renderAnswer('status.show', lab().snapshot(), view);
    expect(text.split('\n')[0]).toBe('2 jobs running, 2 waiting.');
    expect(text).toContain('Docker 20.10.24, root');
  });

  it('teach when there is nothing', () => {
    expect(renderAnswer('runner.list', [], view)).toBe('No runner is alive. One appears when a job waits.\n');
    expect(renderAnswer('issue.list', [], view)).toBe('Nothing is wrong.\n');
    const nothing = { containers: [], networks: [], volumes: [] };
    expect(renderAnswer('lab.objects', nothing, view)).toBe('Nothing of this home is on the engine.\n');
  });

  it('give an issue with cause, next step and key', () => {
    const issue = {
      key: 'engine.down',
      severity: 'error',
      subject: 'Docker',
      message: 'It is off.',
      next: 'Start it.',
    } as const;
    expect(renderAnswer('issue.list', [issue], view)).toBe(
      'error Docker\n  It is off.\n  Start it.\n  engine.down\n',
    );
  });

  it('end a command with what to do now, and a dry run with its plan', () => {
    const outcome = { dryRun: false, actions: [], message: 'Draining.', next: 'autogit lab resume' };
    expect(renderAnswer('lab.drain', outcome, view)).toBe('Draining.\nautogit lab resume\n');
    const actions = [{ kind: 'remove-runner', target: 'r1', reason: 'drain' }];
    const plan = renderAnswer('lab.drain', { ...outcome, dryRun: true, actions }, view);
    expect(plan).toMatch(/^remove-runner +r1 +drain$/m);
    expect(plan).toMatch(/Nothing was changed\.\n$/);
  });

  it('colour states only where colours are wanted', () => {
    const { jobs } = lab().snapshot();
    expect(renderAnswer('job.list', jobs, view)).not.toContain('\u001b');
    expect(renderAnswer('job.list', jobs, { ...view, colour: true })).toContain('\u001b[34mrunning');
  });

  it('let no name of a job steer the terminal', () => {
    const jobs = lab()
      .snapshot()
      .jobs.map((job) => ({ ...job, name: 'evil\u001b[2J\nname' }));
    expect(renderAnswer('job.list', jobs, view)).not.toContain('\u001b');
    expect(renderAnswer('job.list', jobs, view).split('\n')).toHaveLength(jobs.length + 2);
  });
});
