import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createProtection, fitsName, isProtected } from '../../../main/observe/protection.ts';
import { addUse } from '../../../main/observe/recent-use.ts';
import { FakeClock } from '../../fakes/fake-clock.ts';
import { recordedLog } from '../../fakes/fake-context.ts';
import { FakeGitlab, gitlabFailure } from '../../fakes/fake-gitlab.ts';
import { now, someJob } from '../../fakes/world.ts';

const minute = 60_000;
const unbounded = { clock: new FakeClock(), budget: { take: () => true } };

describe('protected names', () => {
  it.each([
    ['main', 'main', true],
    ['Main', 'main', false],
    ['main2', 'main', false],
    ['release/1.0', 'release/*', true],
    ['release', 'release/*', false],
    ['a-b', '*-*', true],
    ['-', '*-*', true],
    ['ab', 'a*b*b', false],
    ['abb', 'a*b*b', true],
    ['a.c', 'a.*', true],
    ['abc', 'a.*', false],
    ['anything', '*', true],
  ])('%s fits %s: %s', (name, pattern, fits) => expect(fitsName(name, pattern)).toBe(fits));

  it('fit as a regular expression would say', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '*', '/'), maxLength: 8 });
    fc.assert(
      fc.property(text, text, (name, pattern) => {
        const source = pattern.split('*').join('.*');
        expect(fitsName(name.replaceAll('*', 'a'), pattern)).toBe(
          new RegExp(`^${source}$`).test(name.replaceAll('*', 'a')),
        );
      }),
      { numRuns: 2_000 },
    );
  });

  it('branches and tags are apart, and a merge request is not told', () => {
    const refs = { branches: ['main'], tags: ['v*'] };
    expect(isProtected({ ref: 'main', isTag: false }, refs)).toBe(true);
    expect(isProtected({ ref: 'main', isTag: true }, refs)).toBe(false);
    expect(isProtected({ ref: 'v1', isTag: true }, refs)).toBe(true);
    expect(isProtected({ ref: 'refs/merge-requests/3/head', isTag: false }, refs)).toBeNull();
    expect(isProtected({ ref: 'main' }, refs)).toBeNull();
  });
});

describe('asking projects what they protect', () => {
  const job = someJob({ isTag: false });

  it('asks each once in five minutes, and only for jobs that wait', async () => {
    const gitlab = new FakeGitlab();
    const protection = createProtection(gitlab, recordedLog(), unbounded);
    const jobs = [
      job,
      someJob({ id: 2, ref: 'topic', isTag: false }),
      someJob({ projectId: 8, status: 'running' }),
    ];
    const annotated = await protection.annotate(jobs, now);
    expect(annotated.map(({ protectedRef }) => protectedRef)).toEqual([true, false, undefined]);
    await protection.annotate(jobs, now + 5 * minute - 1);
    expect(gitlab.calls).toEqual(['protectedRefs']);
    await protection.annotate(jobs, now + 5 * minute);
    expect(gitlab.calls).toHaveLength(2);
  });

  it('leaves it open where a project does not answer', async () => {
    const gitlab = new FakeGitlab();
    gitlab.fail(gitlabFailure('gitlab.forbidden'), 'protectedRefs');
    const protection = createProtection(gitlab, recordedLog(), unbounded);
    expect(await protection.annotate([job], now)).toEqual([job]);
    await protection.annotate([job], now + 1);
    expect(gitlab.calls).toHaveLength(1);
  });

  it('asks no more than ten projects at a time, and reaches all of them', async () => {
    const gitlab = new FakeGitlab();
    const protection = createProtection(gitlab, recordedLog(), unbounded);
    const jobs = Array.from({ length: 25 }, (_, id) => someJob({ id, projectId: id, isTag: false }));
    await protection.annotate(jobs, now);
    expect(gitlab.calls).toHaveLength(10);
    await protection.annotate(jobs, now + 1);
    const annotated = await protection.annotate(jobs, now + 2);
    expect(gitlab.calls).toHaveLength(25);
    expect(annotated.every(({ protectedRef }) => protectedRef === true)).toBe(true);
  });
});

describe('recent use', () => {
  const running = someJob({ status: 'running' });

  it('grows with the time that jobs run, halves in half an hour, and is forgotten', () => {
    const used = addUse({}, [running, { ...running, id: 2 }, someJob({ projectId: 8 })], 10 * minute);
    expect(used).toEqual({ 7: 20 * minute });
    expect(addUse(used, [], 30 * minute)).toEqual({ 7: 10 * minute });
    expect(addUse(used, [], 24 * 60 * minute)).toEqual({});
  });

  it('is never more than what could run, however it is read', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 100_000 }), { maxLength: 50 }), (steps) => {
        const used = steps.reduce<Readonly<Record<number, number>>>(
          (before, ms) => addUse(before, [running], ms),
          {},
        );
        expect(used[7] ?? 0).toBeLessThanOrEqual(steps.reduce((sum, ms) => sum + ms, 0));
      }),
    );
  });
});
