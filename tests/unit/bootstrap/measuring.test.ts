// The words of `npm run bench` and `npm run chaos`, and how what they measured is judged.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { makeDocument, renderSections, replaceSections } from '../../bench/document.ts';
import { failsRun, median, p95, percentile } from '../../bench/frame.ts';
import type { Budget } from '../../bench/frame.ts';
import { measures } from '../../bench/measures/index.ts';
import { parseBenchWords } from '../../bench/options.ts';
import { drawMoments, nameMoment } from '../../chaos/moments.ts';
import { parseChaosWords } from '../../chaos/options.ts';
import { judgeJobs, seeJob } from '../../chaos/witness.ts';

const names = measures.map(({ name }) => name);

describe('the words of the benchmark', () => {
  it('ask for all measures with five rounds unless they say otherwise', () => {
    expect(parseBenchWords(['coordinator'], names)).toMatchObject({ rounds: 5, only: [], json: false });
    expect(
      parseBenchWords(['coordinator', '--json', '--rounds', '2', '--only', 'planning'], names),
    ).toMatchObject({ rounds: 2, only: ['planning'], json: true, write: false });
    expect(parseBenchWords(['hardware', '--rounds', '1'], names)).toMatchObject({ only: ['hardware'] });
    expect(parseBenchWords(['desktop', '--minutes', '10'], names)).toMatchObject({
      ...{ only: ['desktop'], minutes: 10 },
    });
    expect(new Set(names).size).toBe(names.length);
  });

  it.each([
    [['gateway'], 'There is no benchmark "gateway"'],
    [['--only', 'speed'], 'There is no measure "speed"'],
    [['--rounds', '0'], '--rounds takes'],
    [['--rounds', '1e3'], '--rounds takes'],
    [['desktop', '--minutes', '0'], '--minutes takes'],
    [['--fast'], '--fast'],
  ])('that mean nothing are refused: %j', (words, message) => {
    expect(() => parseBenchWords(words, names)).toThrow(message);
  });
});

describe('the words of chaos', () => {
  it('ask for 50 kills with a new seed unless they say otherwise', () => {
    expect(parseChaosWords([])).toMatchObject({ kills: 50, seed: null, jobs: 50, json: false });
    expect(parseChaosWords(['--kills', '200', '--seed', '7', '--jobs', '3', '--json'])).toMatchObject({
      ...{ of: null, kills: 200, seed: 7, jobs: 3, json: true },
    });
    expect(parseChaosWords(['backup', '--kills', '9'])).toMatchObject({ of: 'backup', kills: 9 });
  });

  it.each([
    ['--kills', '0'],
    ['--kills', '-1'],
    ['--jobs', '101'],
    ['--seed', 'x'],
    ['often'],
    ['backup', 'x'],
  ])('that mean nothing are refused: %s %s', (...words) => {
    expect(() => parseChaosWords(words.filter((word) => typeof word === 'string'))).toThrow(/\w/);
  });
});

describe('the moments of kills', () => {
  it('are the same for a seed and others for another', () => {
    const of = (seed: number): readonly string[] =>
      drawMoments(seed, 40).map((moment) => JSON.stringify([nameMoment(moment), moment]));
    expect(of(7)).toEqual(of(7));
    expect(of(7)).not.toEqual(of(8));
  });

  it('hit every kind of moment, and times all over', () => {
    const moments = drawMoments(1, 1_000);
    expect(new Set(moments.map(nameMoment)).size).toBe(8);
    const shares = moments.flatMap((moment) => (moment.kind === 'time' ? [moment.share] : []));
    expect(Math.min(...shares)).toBeLessThan(0.02);
    expect(Math.max(...shares)).toBeGreaterThan(0.98);
    expect(shares.every((share) => share >= 0 && share < 1)).toBe(true);
  });
});

describe('a job in the eyes of its GitLab', () => {
  const log = 'Running with AutoGit sandbox runner, protocol 1\nran 1\nJob succeeded\n';
  const job = { id: 1, name: 'work 1/2', status: 'success' };

  it('that succeeded and ran once is fine', () => {
    expect(judgeJobs([seeJob(job, log)])).toEqual({ lost: [], doubled: [] });
  });

  it.each([
    ['that failed', { ...job, status: 'failed' }, log],
    ['that still waits', { ...job, status: 'pending' }, ''],
    ['that no runner has run', job, ''],
    ['whose end is missing', job, log.replace('Job succeeded', '')],
  ])('%s is lost', (_what, seen, text) => {
    expect(judgeJobs([seeJob(seen, text)]).lost).toHaveLength(1);
  });

  it('that ran twice is doubled, by its log or as a second attempt', () => {
    expect(judgeJobs([seeJob(job, log + log)]).doubled).toHaveLength(1);
    const again = judgeJobs([seeJob(job, log), seeJob({ ...job, id: 2 }, log)]);
    expect(again.doubled.map(({ id }) => id)).toEqual([2]);
  });
});

describe('what was measured', () => {
  const ratio: Budget = { what: 'burst', unit: 'x', measured: 0.8, limit: 0.85, better: 'higher' };
  const time: Budget = { what: 'start', unit: 'ms', measured: 900, limit: 600, better: 'lower' };
  const facts = {
    date: '2026-01-31',
    machine: {
      ...{ processor: 'A processor', processors: 2, memoryGb: 8, system: 'linux x64' },
      ...{ node: '24.0.0', load: 0.1, engine: null },
    },
    rounds: 5,
  };
  const outcome = {
    samples: [{ what: 'start', unit: 'ms' as const, values: [1, 2, 3, 4, 900] }],
    budgets: [time, { ...ratio, measured: 0.9 }],
    notes: ['a note'],
  };

  it('fails a run by a ratio alone', () => {
    expect(failsRun(ratio)).toBe(true);
    expect(failsRun({ ...ratio, measured: 0.85 })).toBe(false);
    expect(failsRun(time)).toBe(false);
    expect(makeDocument([{ name: 'a', outcome }], facts)).toMatchObject({ ok: true, missed: ['start'] });
    const bad = { ...outcome, budgets: [ratio] };
    expect(makeDocument([{ name: 'a', outcome: bad }], facts)).toMatchObject({ ok: false });
    const explained = { ...outcome, budgets: [{ ...ratio, because: 'of a law of nature' }] };
    expect(makeDocument([{ name: 'a', outcome: explained }], facts)).toMatchObject({ ok: true, missed: [] });
  });

  it('has a median and a p95 that are among the values', () => {
    expect([median([3, 1, 2]), p95([1, 2, 3, 4, 900]), median([])]).toEqual([2, 900, 0]);
    fc.assert(
      fc.property(fc.array(fc.integer(), { minLength: 1 }), (values) => {
        const [low, middle, high] = [percentile(values, 0), median(values), p95(values)];
        expect(low).toBe(Math.min(...values));
        expect(values).toContain(middle);
        expect(values.filter((value) => value <= high).length).toBeGreaterThanOrEqual(values.length * 0.95);
      }),
    );
  });

  const empty = 'before <!-- bench: begin -->old<!-- bench: end --> after';
  const sectionsOf = (name: string, date: string, made = outcome): ReadonlyMap<string, string> =>
    renderSections(makeDocument([{ name, outcome: made }], { ...facts, date }));

  it('is a section of its own with the date, the machine, figures, verdicts and reasons', () => {
    const explained = { ...outcome, budgets: [{ ...time, because: 'a law of nature' }] };
    const section = sectionsOf('a', '2026-01-31', explained).get('a') ?? '';
    expect(section).toMatch(/^### a\n\n2026-01-31, A processor, 2 processors/);
    expect(section).toContain('| start | 3 ms | 900 ms | 5 |');
    expect(section).toContain('| start | <= 600 ms | 900 ms | **explained** |');
    expect(section).toContain('- start: a law of nature');
    expect(sectionsOf('a', '2026-01-31').get('a')).toContain('| **missed** |');
  });

  it('replaces its own section of the page and nothing else', () => {
    const order = ['a', 'b', 'c'];
    const one = replaceSections(empty, sectionsOf('b', '2026-01-01'), order);
    expect(one).toMatch(/^before [\s\S]* after$/);
    expect(one).not.toContain('old');
    const two = replaceSections(one, sectionsOf('a', '2026-02-02'), order);
    expect(two.match(/^### .$|2026-\d\d-\d\d/gm)).toEqual(['### a', '2026-02-02', '### b', '2026-01-01']);
    const three = replaceSections(two, sectionsOf('b', '2026-03-03'), order);
    expect(three.match(/2026-\d\d-\d\d/g)).toEqual(['2026-02-02', '2026-03-03']);
    expect(replaceSections(three, sectionsOf('b', '2026-03-03'), order)).toBe(three);
    expect(() => replaceSections('a page', sectionsOf('b', '2026-01-01'), order)).toThrow('no marks');
  });
});
