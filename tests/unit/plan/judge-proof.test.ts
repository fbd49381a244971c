// What a proof has shown, judged from what its job said.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nonceMark } from '../../../main/model/proof.ts';
import type { Claim, ClaimName } from '../../../main/model/proof.ts';
import { judgeProof } from '../../../main/plan/judge-proof.ts';
import type { Promised, Said } from '../../../main/plan/judge-proof.ts';
import { readProof, renderProofFile } from '../../../main/plan/proof-script.ts';
import { somePool } from '../../fakes/world.ts';

const containing = (text: string): unknown => expect.stringContaining(text);
const anyText: unknown = expect.any(String);

const gib = 1024 ** 3;
const promised: Promised = { pool: somePool({ cpus: 1.5, memoryMiB: 2048 }), arch: 'amd64', gpu: null };
const good = {
  ...{ cpu: '150000 100000', memory: String(2 * gib), arch: 'x86_64', clone: 'yes', gitlab: 'yes' },
  ...{ nvidia: '', render: '', end: 'yes' },
};
const said: Said = { succeeded: true, failureReason: null, log: good, artifact: good };

const judge = (log: Said['log'] = {}, pool: Partial<Promised> = {}, rest: Partial<Said> = {}) =>
  judgeProof({ ...promised, ...pool }, { ...said, log: { ...good, ...log }, ...rest });
const claimIn = (verdict: ReturnType<typeof judgeProof>, name: ClaimName): Claim | undefined =>
  verdict.claims.find((claim) => claim.name === name);

describe('what programs in a job trust', () => {
  it('is a claim only where an own root is promised to them', () => {
    expect(claimIn(judge(), 'trust')).toBeUndefined();
    expect(renderProofFile(somePool())).not.toContain('say trust');
    expect(renderProofFile(somePool(), { trustInJobs: true })).toContain('say trust');
  });

  it.each([
    ['yes', 'held', 'proven'],
    ['unknown', 'unknown', 'proven'],
    ['no curl: SSL certificate problem', 'failed', 'failed'],
  ] as const)('%s is %s', (trust, state, outcome) => {
    const verdict = judge({ trust });
    expect(claimIn(verdict, 'trust')?.state).toBe(state);
    expect(verdict.outcome).toBe(outcome);
  });
});

describe('a proof', () => {
  it('is green when everything that was promised was seen', () => {
    const verdict = judge();
    expect(verdict.outcome).toBe('proven');
    expect(verdict.claims.map(({ name }) => name)).toEqual([
      'job',
      'cpus',
      'memory',
      'arch',
      'gpu',
      'gitlab',
      'clone',
      'artifact',
    ]);
    expect(verdict.claims.every(({ state, fix }) => state === 'held' && fix === null)).toBe(true);
  });

  it.each([
    [
      'no limit of processors',
      'cpus',
      { cpu: 'max 100000' },
      'promises 1.5 processors, and in the job it has no limit',
    ],
    ['none in the first form of cgroups', 'cpus', { cpu: '-1 100000' }, 'it has no limit'],
    ['another limit of processors', 'cpus', { cpu: '400000 100000' }, 'its limit is 4'],
    ['no limit of memory', 'memory', { memory: 'max' }, 'it has no limit'],
    ['none in the first form of cgroups', 'memory', { memory: '9223372036854771712' }, 'it has no limit'],
    ['another limit of memory', 'memory', { memory: String(gib) }, 'its limit is 1024 MiB'],
    ['another processor', 'arch', { arch: 'aarch64' }, 'promises amd64, and its image is for aarch64'],
    ['somebody’s card', 'gpu', { nvidia: 'GPU-1' }, 'promises no graphics card, and the job sees GPU-1'],
    ['a render node', 'gpu', { render: '/dev/dri/renderD128' }, 'sees /dev/dri/renderD128'],
    [
      'no way to GitLab',
      'gitlab',
      { gitlab: 'no curl: (60) SSL certificate problem' },
      'SSL certificate problem',
    ],
    ['another commit', 'clone', { clone: 'no' }, 'has not got the commit'],
    ['no way to the registry', 'registry', { registry: '000' }, 'does not reach the registry'],
  ] as const)('that shows %s fails in %s', (_, name, log, words) => {
    const verdict = judge(log);
    expect(verdict.outcome).toBe('failed');
    expect(claimIn(verdict, name)).toMatchObject({
      state: 'failed',
      sentence: containing(words),
      fix: anyText,
    });
    expect(verdict.claims.filter(({ state }) => state === 'failed')).toHaveLength(1);
  });

  it('fails when what it uploaded is not there, or is not its own', () => {
    for (const artifact of [null, {}]) {
      const verdict = judge({}, {}, { artifact });
      expect(verdict.outcome).toBe('failed');
      expect(claimIn(verdict, 'artifact')?.state).toBe('failed');
    }
  });

  it('fails when its job did, or ended before it had said everything', () => {
    expect(judge({}, {}, { succeeded: false, failureReason: 'script_failure' }).outcome).toBe('failed');
    const cut = judge({ end: 'no' }, {}, { succeeded: false, failureReason: 'runner_system_failure' });
    expect(cut.claims).toEqual([
      expect.objectContaining({ name: 'job', sentence: containing('runner_system_failure') }),
    ]);
  });

  it('claims no limit where the pool has none', () => {
    const names = judge({ cpu: 'max 100000' }, { pool: somePool() }).claims.map(({ name }) => name);
    expect(names).not.toContain('cpus');
    expect(names).not.toContain('memory');
  });

  it('is not green when something that matters cannot be told, and is when only a program is missing', () => {
    expect(judge({ cpu: 'none none' }).outcome).toBe('unproven');
    expect(judge({ memory: 'none' }).outcome).toBe('unproven');
    expect(judge({}, { arch: null }).outcome).toBe('unproven');
    expect(judge({ gitlab: 'unknown', registry: 'unknown' }).outcome).toBe('proven');
  });
});

describe('a pool with a card', () => {
  const pool = somePool({
    gpu: {
      count: 1,
      vendor: 'nvidia',
      memoryMiB: null,
      mode: 'exclusive',
      jobsPerCard: 4,
      fractionMiB: null,
    },
  });
  const gpu = { vendor: 'nvidia', ids: ['GPU-1'] } as const;
  const outcome = (nvidia: string, grant: Promised['gpu'] = gpu): string =>
    judge({ nvidia }, { pool, gpu: grant }).outcome;

  it('is green when its job sees its card and no other', () => {
    expect(outcome('GPU-1')).toBe('proven');
    expect(outcome('GPU-1', null)).toBe('proven');
  });

  it('fails when it sees none, another, or one more', () => {
    expect(outcome('')).toBe('failed');
    expect(outcome('GPU-2')).toBe('failed');
    expect(outcome('GPU-1 GPU-2')).toBe('failed');
  });

  it('of a WSL2 sees all of them', () => {
    expect(outcome('GPU-1 GPU-2', { vendor: 'nvidia', ids: ['wsl'] })).toBe('proven');
  });

  it('of another maker is told by its render nodes', () => {
    const amd = { vendor: 'amd', ids: ['0000:03:00.0'] } as const;
    const seen = (render: string): string => judge({ render }, { pool, gpu: amd }).outcome;
    expect(seen('/dev/dri/renderD128')).toBe('proven');
    expect(seen('/dev/dri/renderD128 /dev/dri/renderD129')).toBe('failed');
  });
});

describe('what a proof says', () => {
  it('is read from lines with its nonce alone, and the first of a kind counts', () => {
    const text =
      'noise\r\nautogit-proof abc cpu=1 2\n\u001b[0mautogit-proof abc end=yes\nautogit-proof abc cpu=9\nautogit-proof xyz arch=arm\nautogit-proof abc evil=1\n';
    expect(readProof(text, 'abc')).toEqual({ cpu: '1 2', end: 'yes' });
  });

  it('may be anything without harm', () => {
    fc.assert(
      fc.property(fc.string(), fc.dictionary(fc.string(), fc.string()), (text, log) => {
        expect(readProof(text, 'abc')).toEqual({});
        expect(judgeProof(promised, { ...said, log, artifact: log }).claims.length).toBeGreaterThan(0);
      }),
    );
  });

  it('comes from a job with the tags of the pool and its own one', () => {
    const file = renderProofFile(somePool({ name: 'gpu', tags: ['cuda', '"; $(x) \u202e'] }));
    const parsed: unknown = JSON.parse(file.replaceAll(nonceMark, 'abc').split('\n').slice(1).join('\n'));
    expect(parsed).toMatchObject({ 'prove gpu': { tags: ['cuda', '"; $(x) \u202e', 'autogit-pool-gpu'] } });
    expect(file.split('\n')[0]).toMatch(/^# /);
  });
});
