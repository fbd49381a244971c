import { describe, expect, it } from 'vitest';
import type { JobView, PoolView } from '../../../main/contract/snapshot.ts';
import {
  enginesSentence,
  jobsSentence,
  poolsSentence,
  runnersSentence,
} from '../../../renderer/state/sentences.ts';
import { count } from '../../../renderer/language/strings.ts';
import {
  ago,
  duration,
  elapsed,
  failureOf,
  listed,
  ranFor,
  waitedFor,
} from '../../../renderer/state/words.ts';
import { createPageWorld } from '../../e2e/page-world.ts';

const snapshot = createPageWorld(100).core.world.snapshot();
const [waiting] = snapshot.jobs;
if (waiting === undefined) throw new Error('the lab has no jobs');
const job = (change: Partial<JobView>): JobView => ({ ...waiting, ...change });

describe('words', () => {
  it.each([
    [0, '0.0 s'],
    [812, '0.8 s'],
    [9_940, '9.9 s'],
    [9_960, '10 s'],
    [59_600, '1 min'],
    [185_000, '3 min 5 s'],
    [7_800_000, '2 h 10 min'],
    [100 * 3_600_000, '4 d 4 h'],
    [-5, '0.0 s'],
  ])('%i ms last %s', (ms, words) => expect(duration(ms)).toBe(words));

  it('a span that still grows has whole seconds', () => {
    expect(elapsed(8_900)).toBe('8 s');
    expect(elapsed(185_900)).toBe('3 min 5 s');
  });

  it.each([
    [500, 'just now'],
    [59_000, '59 s ago'],
    [120_000, '2 min ago'],
    [3_600_000, '1 h ago'],
    [172_800_000, '2 d ago'],
  ])('%i ms back is %s', (ms, words) => expect(ago(0, ms)).toBe(words));

  it('counts and lists', () => {
    const jobs = (number: number): string => count(number, '{{n}} job', '{{n}} jobs');
    expect([jobs(1), jobs(1_000)]).toEqual(['1 job', '1,000 jobs']);
    expect([listed([]), listed(['a']), listed(['a', 'b', 'c'])]).toEqual(['', 'a', 'a, b and c']);
  });
});

describe('how long a job waited and ran', () => {
  it('grows while it waits, and while it runs', () => {
    expect(waitedFor(job({ status: 'pending', firstSeenAt: 1_000 }), 5_000)).toBe(4_000);
    expect(ranFor(job({ status: 'running', startedAt: 1_000 }), 5_000)).toBe(4_000);
  });

  it('is unknown where nobody has seen it', () => {
    expect(waitedFor(job({ status: 'canceled', startedAt: null, waitedMs: null }), 5_000)).toBeNull();
    expect(ranFor(job({ status: 'pending', startedAt: null }), 5_000)).toBeNull();
  });
});

it('a sentence about a thousand pools names two of them', () => {
  const [first] = snapshot.pools;
  if (first === undefined) throw new Error('the lab has no pool');
  const pools = Array.from({ length: 1_000 }, (_, at) => ({ ...first, name: `p${at}`, waiting: 1 }));
  expect(poolsSentence(pools)).toContain('1,000 jobs wait for p0, p1 and 998 more.');
});

describe('whose fault it was', () => {
  it('is what the core says', () => {
    const failure = { class: 'host', sentence: 'It ran out of memory.', next: 'Give it more.' } as const;
    expect(failureOf(job({ status: 'failed', failure }))).toEqual({
      whose: 'This machine',
      cause: 'It ran out of memory.',
      next: 'Give it more.',
    });
  });

  it('is unknown when nobody has said so', () => {
    expect(failureOf(job({ status: 'failed' }))?.whose).toBe('Unknown');
  });

  it('is nobody when the job has not failed', () => expect(failureOf(job({ status: 'success' }))).toBeNull());
});

describe('the sentence of a page', () => {
  it('of jobs', () => {
    expect(jobsSentence([])).toBe('No job waits, runs, or ended lately.');
    expect(jobsSentence([job({ status: 'running' })])).toBe('1 job running, 0 waiting.');
    const mixed = [
      job({ status: 'running' }),
      job({ status: 'running' }),
      job({}),
      job({ status: 'failed' }),
    ];
    expect(jobsSentence(mixed)).toBe('2 jobs running, 1 waiting; 1 failed lately.');
  });

  it('of runners', () => {
    expect(runnersSentence([], 'serve')).toBe('No runner is alive, as no job waits.');
    expect(runnersSentence(snapshot.runners, 'serve')).toBe('12 runners: 9 busy, 2 idle and 1 starting.');
    expect(runnersSentence([], 'drain')).toBe('No runner is alive. No new ones start while AutoGit drains.');
  });

  it('of pools', () => {
    const [pool] = snapshot.pools;
    if (pool === undefined) throw new Error('the lab has no pool');
    const idle: PoolView = { ...pool, waiting: 0 };
    expect(poolsSentence([])).toBe('There is no pool, so no job can run.');
    expect(poolsSentence([idle])).toBe('1 pool, 12 of 16 runners in use; no job waits.');
    expect(poolsSentence([{ ...pool, waiting: 1 }, idle])).toBe(
      '2 pools, 24 of 32 runners in use; 1 job waits for demo.',
    );
  });

  it('of engines', () => {
    const [node] = snapshot.nodes;
    if (node === undefined) throw new Error('the lab has no engine');
    expect(enginesSentence([])).toBe('No container engine was found yet.');
    expect(enginesSentence([node])).toBe('Docker 20.10.24, root, answers.');
    const silent = { ...node, engine: { ...node.engine, state: 'stale' as const } };
    expect(enginesSentence([silent])).toContain('has fallen silent');
    const failed = { ...node, engine: { ...node.engine, state: 'failed' as const } };
    expect(enginesSentence([failed])).toBe('No container engine answers.');
  });
});
