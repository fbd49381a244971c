// How the tiers are judged and added up.
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { addSums, judgeRun, listFailures, renderSum, runTiers } from '../../../main/bootstrap/tiers.js';

const report = (passed: number, failed: number, skipped: number): object => ({
  numPassedTests: passed,
  numFailedTests: failed,
  numPendingTests: skipped,
  numTodoTests: 0,
  testResults: [
    { status: failed > 0 ? 'failed' : 'passed', assertionResults: failed > 0 ? [{ status: 'failed' }] : [] },
  ],
});

describe('the sum of a tier', () => {
  it('is what vitest counted', () => {
    expect(judgeRun(report(5, 0, 2), 0, true)).toMatchObject({ passed: 5, failed: 0, skipped: 2 });
    expect(judgeRun(report(5, 3, 0), 1, true)).toMatchObject({ passed: 5, failed: 3, skipped: 0 });
  });

  it('counts a test that is still to be written as skipped', () => {
    expect(judgeRun({ ...report(1, 0, 1), numTodoTests: 2 }, 0, true)).toMatchObject({ skipped: 3 });
  });

  it('counts a file that cannot be loaded as a failure', () => {
    const broken = { ...report(5, 0, 0), testResults: [{ status: 'failed', assertionResults: [] }] };
    expect(judgeRun(broken, 1, true)).toMatchObject({ passed: 5, failed: 1 });
  });

  it('fails when the run ends badly although no test failed', () => {
    expect(judgeRun(report(5, 0, 0), 1, true)).toMatchObject({ passed: 5, failed: 1 });
  });

  it('fails when there is no result', () => {
    expect(judgeRun(null, 0, true)).toMatchObject({ passed: 0, failed: 1 });
  });

  it('fails when the tier ran no test although it can run here', () => {
    expect(judgeRun(report(0, 0, 7), 0, true)).toMatchObject({ failed: 1, skipped: 7 });
    expect(judgeRun(report(0, 0, 7), 0, false)).toMatchObject({ failed: 0, skipped: 7 });
  });
});

describe('the tests that failed', () => {
  const file = (status: string, tests: object[], message = '') => ({
    name: '/project/tests/unit/a.test.ts',
    status,
    message,
    assertionResults: tests,
  });
  const broke = {
    fullName: 'a runner leaves',
    status: 'failed',
    failureMessages: ['\u001B[31mAssertionError: expected 1 to be 2\u001B[39m\n    at somewhere'],
  };

  it('are named with the first line of why', () => {
    const tests = [{ fullName: 'a runner comes', status: 'passed' }, broke];
    expect(listFailures({ testResults: [file('failed', tests), file('passed', [])] }, '/project')).toEqual([
      'failed: tests/unit/a.test.ts: a runner leaves: AssertionError: expected 1 to be 2',
    ]);
  });

  it('are named by their file when it could not be loaded', () => {
    expect(listFailures({ testResults: [file('failed', [], 'no such module\nat x')] }, '/project')).toEqual([
      'failed: tests/unit/a.test.ts: no such module',
    ]);
  });

  it('are none where there is no report', () => {
    expect(listFailures(null, '/project')).toEqual([]);
  });
});

describe('a tier whose subject cannot be made', () => {
  it('counts as one failure and starts nothing', async () => {
    const write = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
    const code = await runTiers(['e2e'], {
      root: '/nowhere',
      node: '/nowhere/node',
      env: {},
      filters: [],
      able: () => true,
      ready: () => Promise.resolve(false),
    });
    const lines = write.mock.calls.map(([text]) => String(text));
    write.mockRestore();
    expect(lines.at(-1)).toBe('0 passed, 1 failed, 0 skipped\n');
    expect(code).toBe(1);
  });
});

describe('the lanes of a round', () => {
  const noTests = { root: '/nowhere', node: '/nowhere/node', env: {}, filters: [], able: () => true };

  it.each([
    ['peers', 'stacks'],
    ['unit', 'engine'],
  ] as const)('begin side by side: %s and %s', async (...tiers) => {
    const write = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
    const begun = new Set<string>();
    const both = Promise.withResolvers<boolean>();
    await runTiers(tiers, {
      ...noTests,
      ready: (tier) => {
        if (begun.add(tier).size === 2) both.resolve(false);
        return both.promise;
      },
    });
    write.mockRestore();
    expect([...begun]).toEqual(tiers);
  });

  it('have their tiers one after the other', async () => {
    const write = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
    const told: string[] = [];
    await runTiers(['unit', 'e2e'], {
      ...noTests,
      ready: async (tier) => {
        told.push(`${tier} begins`);
        await Promise.resolve();
        told.push(`${tier} ends`);
        return false;
      },
    });
    write.mockRestore();
    expect(told).toEqual(['unit begins', 'unit ends', 'e2e begins', 'e2e ends']);
  });
});

describe('a check that finds something', () => {
  it('is told beside the tests that failed', async () => {
    const write = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
    const node = '/bin/false';
    const code = await runTiers(['lint'], {
      ...{
        root: '/nowhere',
        node,
        env: {},
        filters: [],
        able: () => true,
        ready: () => Promise.resolve(true),
      },
    });
    const lines = write.mock.calls.map(([text]) => String(text));
    write.mockRestore();
    expect(lines.join('')).toMatch(/^failed: lint: /m);
    expect(code).toBe(1);
  });
});

describe('the closing line', () => {
  it('is exactly what CI reads', () => {
    const count = fc.nat(10_000);
    const sum = fc.record({ passed: count, failed: count, skipped: count });
    fc.assert(
      fc.property(fc.array(sum), (sums) => {
        const total = addSums(sums);
        expect(total.passed).toBe(sums.reduce((all, one) => all + one.passed, 0));
        expect(renderSum(total)).toMatch(/^\d+ passed, \d+ failed, \d+ skipped$/);
      }),
    );
    expect(renderSum({ passed: 1, failed: 2, skipped: 3 })).toBe('1 passed, 2 failed, 3 skipped');
  });
});
