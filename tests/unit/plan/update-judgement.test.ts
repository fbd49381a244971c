// What a list of updates means: whatever it says, nothing older is offered and no list is taken that must not count.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { byNewest, isNewer, updateReleaseSchema } from '../../../main/model/updates.ts';
import type { UpdateManifest, UpdateRelease } from '../../../main/model/updates.ts';
import { judgeUpdate, refusalProblem } from '../../../main/plan/update-judgement.ts';
import type { UpdateFacts } from '../../../main/plan/update-judgement.ts';
import { updateIssues } from '../../../main/plan/update-words.ts';

const now = Date.UTC(2026, 10, 22);
const digest = 'd'.repeat(64);

const file = { kind: 'deb', arch: 'x64', name: 'autogit.deb', size: 10, sha256: 'a'.repeat(64) };
const release = (version: string, parts: Partial<UpdateRelease> = {}): UpdateRelease => ({
  ...{ version, date: '2026-11-20', changelog: `new in ${version}`, from: null, files: [file] },
  ...parts,
});
const manifest = (
  releases: readonly UpdateRelease[],
  parts: Partial<UpdateManifest> = {},
): UpdateManifest => ({
  ...{ schema: 1, program: 'autogit', channel: 'stable', sequence: 7, expires: '2026-12-24T00:00:00Z' },
  releases: [...releases],
  ...parts,
});
const facts = (parts: Partial<UpdateFacts> = {}): UpdateFacts => ({
  ...{ manifest: manifest([release('1.1.0')]), digest, seen: null, channel: 'stable', present: '1.0.0' },
  ...{ kind: 'deb', arch: 'x64', now },
  ...parts,
});

const number = fc.oneof(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 0, max: 200 }));
const word = fc.constantFrom('alpha', 'beta', 'rc', '1', '2', '10', 'x-y');
const version = fc
  .tuple(number, number, number, fc.array(word, { maxLength: 3 }))
  .map(([a, b, c, before]) => `${a}.${b}.${c}${before.length === 0 ? '' : `-${before.join('.')}`}`);
const someRelease = fc.record({
  version,
  date: fc.constant('2026-01-01'),
  changelog: fc.string(),
  from: fc.option(version),
  files: fc.constantFrom<UpdateRelease['files']>(
    [],
    [file],
    [{ ...file, arch: 'arm64' }],
    [{ ...file, kind: 'rpm' }],
  ),
});
const someFacts = fc.record({
  manifest: fc.record({
    ...{ schema: fc.constant<1>(1), program: fc.constant<'autogit'>('autogit') },
    channel: fc.constantFrom('stable', 'beta'),
    sequence: fc.integer({ min: 1, max: 9 }),
    expires: fc
      .integer({ min: -100, max: 100 })
      .map((hours) => new Date(now + hours * 3_600_000).toISOString()),
    releases: fc.uniqueArray(someRelease, { maxLength: 6, selector: (one) => one.version }),
  }),
  digest: fc.constantFrom(digest, 'e'.repeat(64)),
  seen: fc.option(
    fc.record({
      channel: fc.constantFrom('stable', 'beta'),
      sequence: fc.integer({ min: 1, max: 9 }),
      digest: fc.constant(digest),
    }),
  ),
  channel: fc.constantFrom('stable', 'beta'),
  present: version,
  kind: fc.constantFrom<UpdateFacts['kind']>('deb', 'rpm', 'source'),
  arch: fc.constantFrom('x64', 'arm64'),
  now: fc.constant(now),
});

describe('versions', () => {
  it.each([
    ['1.0.1', '1.0.0'],
    ['1.10.0', '1.9.9'],
    ['1.0.0', '1.0.0-rc.1'],
    ['1.0.0-rc.2', '1.0.0-rc.1'],
    ['1.0.0-rc.10', '1.0.0-rc.9'],
    ['1.0.0-beta.1', '1.0.0-1'],
    ['1.0.0-rc.1.1', '1.0.0-rc.1'],
  ])('%s is newer than %s', (newer, older) => {
    expect([isNewer(newer, older), isNewer(older, newer)]).toEqual([true, false]);
  });

  it('have one order, in which what is no version is never newer', () => {
    fc.assert(
      fc.property(version, version, version, (a, b, c) => {
        expect(isNewer(a, a)).toBe(false);
        expect(isNewer(a, b) && isNewer(b, a)).toBe(false);
        if (isNewer(a, b) && isNewer(b, c)) expect(isNewer(a, c)).toBe(true);
        expect(Math.sign(byNewest({ version: a }, { version: b }))).toBe(
          isNewer(a, b) ? -1 : isNewer(b, a) ? 1 : 0,
        );
      }),
    );
    for (const text of ['', '1.0', 'v2.0.0', '1.0.0+build', '01.0.0', 'unknown']) {
      expect([text, isNewer(text, '0.0.1'), isNewer('9.0.0', text)]).toEqual([text, false, false]);
      expect(updateReleaseSchema.safeParse(release(text)).success).toBe(false);
    }
  });
});

describe('a list of updates', () => {
  it('offers the newest, with what is new in everything in between', () => {
    const all = [release('0.9.0'), release('1.0.0'), release('1.2.0'), release('1.1.0')];
    expect(judgeUpdate(facts({ manifest: manifest(all) }))).toMatchObject({
      ...{ kind: 'available', release: { version: '1.2.0' }, file: { name: 'autogit.deb' } },
      between: [{ version: '1.2.0' }, { version: '1.1.0' }],
    });
  });

  it('offers what can be installed from here, though a newer one cannot', () => {
    const all = [release('2.0.0', { from: '1.5.0' }), release('1.6.0')];
    expect(judgeUpdate(facts({ manifest: manifest(all) }))).toMatchObject({ release: { version: '1.6.0' } });
    const only = manifest([release('2.0.0', { from: '1.5.0' })]);
    expect(judgeUpdate(facts({ manifest: only }))).toEqual({
      kind: 'blocked',
      version: '2.0.0',
      from: '1.5.0',
    });
  });

  it('offers a release that has a package for this machine before a newer one that has none', () => {
    const all = manifest([release('1.2.0', { files: [] }), release('1.1.0')]);
    expect(judgeUpdate(facts({ manifest: all }))).toMatchObject({ release: { version: '1.1.0' }, file });
    expect(judgeUpdate(facts({ manifest: all, arch: 'arm64' }))).toMatchObject({
      ...{ release: { version: '1.2.0' }, file: null },
    });
  });

  it.each([
    ['rollback', { seen: { channel: 'stable', sequence: 8, digest } }],
    ['forked', { seen: { channel: 'stable', sequence: 7, digest: 'e'.repeat(64) } }],
    ['expired', { now: Date.parse('2026-12-24T00:00:00Z') }],
    ['channel', { channel: 'beta' }],
  ] as const)('is refused for its %s, with a reason and a next step', (reason, parts) => {
    const own = facts(parts);
    expect(judgeUpdate(own)).toEqual({ kind: 'refused', reason });
    const problem = refusalProblem(reason, own);
    expect(problem.key).toBe(`update.${reason}`);
    expect(problem.next).not.toBe('');
  });

  it('is the same one as before when number and bytes are the same', () => {
    const seen = { channel: 'stable', sequence: 7, digest };
    expect(judgeUpdate(facts({ seen })).kind).toBe('available');
  });

  it('never leads to an older, an equal or an unreachable version, and never counts when it must not', () => {
    fc.assert(
      fc.property(someFacts, (own) => {
        const verdict = judgeUpdate(own);
        const isOlder =
          own.seen !== null &&
          own.seen.channel === own.manifest.channel &&
          own.manifest.sequence < own.seen.sequence;
        const isOver = Date.parse(own.manifest.expires) <= own.now;
        if (isOlder || isOver || own.manifest.channel !== own.channel) expect(verdict.kind).toBe('refused');
        if (verdict.kind !== 'available') return;
        expect(isNewer(verdict.release.version, own.present)).toBe(true);
        expect(verdict.release.from !== null && isNewer(verdict.release.from, own.present)).toBe(false);
        expect(verdict.between.every((one) => isNewer(one.version, own.present))).toBe(true);
        if (verdict.file !== null) {
          expect([verdict.file.kind, verdict.file.arch]).toEqual([own.kind, own.arch]);
          expect(own.kind).not.toBe('source');
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it('is told as an issue when it has something newer or when somebody may stand in between, and never for a broken network', () => {
    const verdict = judgeUpdate(facts());
    const failed = (key: string, failures: number) => ({
      problem: { key, message: 'm', next: 'n' },
      failures,
    });
    const told = [{ key: 'update.available', severity: 'info' }];
    expect(updateIssues(verdict, { problem: null, failures: 0 }, '1.0.0')).toMatchObject(told);
    expect(updateIssues(verdict, failed('update.rollback', 1), '1.0.0')).toMatchObject(told);
    expect(updateIssues(verdict, failed('update.rollback', 2), '1.0.0')).toMatchObject([
      { key: 'update.rollback', severity: 'warning' },
    ]);
    expect(updateIssues(null, failed('update.unreachable', 9), '1.0.0')).toEqual([]);
    const over = { kind: 'refused', reason: 'expired' } as const;
    expect(updateIssues(over, failed('update.unreachable', 1), '1.0.0')).toMatchObject([
      { key: 'update.expired' },
    ]);
  });
});
