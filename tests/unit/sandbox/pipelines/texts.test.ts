import { describe, expect, it } from 'vitest';
import { coverageIn } from '../../../../main/sandbox/pipelines/coverage.ts';
import { slugify } from '../../../../main/sandbox/pipelines/predefined-variables.ts';
import { matchesPattern } from '../../../../main/sandbox/pipelines/refs.ts';
import { parseDotenv } from '../../../../main/sandbox/runner-api/dotenv.ts';

describe('slugify', () => {
  it.each([
    ['Feature/ABC_1', 'feature-abc-1'],
    ['--x--', 'x'],
    ['a'.repeat(80), 'a'.repeat(63)],
    [`${'a'.repeat(62)}/b`, 'a'.repeat(62)],
  ])('makes %s to %s', (text, slug) => {
    expect(slugify(text)).toBe(slug);
  });
});

describe('matchesPattern', () => {
  it.each([
    ['main', 'main', true],
    ['main', 'maine', false],
    ['release/*', 'release/1.0', true],
    ['*-stable', '1-stable', true],
    ['v*.*', 'v1x0', false],
    ['*', 'anything/at all', true],
  ])('%s and %s: %s', (pattern, name, fits) => {
    expect(matchesPattern(pattern, name)).toBe(fits);
  });
});

describe('coverageIn', () => {
  it.each([
    ['/Coverage: (\\d+\\.\\d+)%/', 'Coverage: 12.5%\nmore\nCoverage: 80.25%\nend', 80.25],
    ['/TOTAL.*\\s(\\d+)%/', '2026-01-02T03:04:05.000000Z 01O \u001b[32;1mTOTAL  10  2  80%\u001b[0;m', 80],
    ['/^\\d+ percent/', '2026-01-02T03:04:05.000000Z 01O 42 percent', 42],
    ['/nothing/', 'x', null],
    ['/(?i)lines: (\\d+)/', 'Lines: 10\nLINES: 20, lines: 30', 30],
    ['/(?=Total) \\d+/', 'Total 5', null],
    ['/((\\d+)+)+%$/', `${'1'.repeat(50_000)}x\n7%`, 7],
    ['/(/', '(', null],
  ])('%s in %j is %s', (expression, trace, coverage) => {
    expect(coverageIn(expression, trace)).toBe(coverage);
  });
});

describe('parseDotenv', () => {
  it('refuses what is not KEY=value', () => {
    expect(parseDotenv('A=1\nnot this')).toBeNull();
    expect(parseDotenv('1A=1')).toBeNull();
  });

  it('keeps everything after the first equals sign', () => {
    expect(parseDotenv('URL=http://x/?a=b')).toMatchObject([{ key: 'URL', value: 'http://x/?a=b' }]);
  });
});
