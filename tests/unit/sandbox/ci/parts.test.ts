// The small parts of the compiler: path patterns, durations, references in variables.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseDuration } from '../../../../main/sandbox/ci/duration.ts';
import { compileGlob } from '../../../../main/sandbox/ci/glob.ts';
import { expand, expandExisting, expandVariables } from '../../../../main/sandbox/ci/variables.ts';
import { createRegexBudget } from '../../../../main/sandbox/untrusted-regex.ts';
import { variable } from './compiling.ts';

describe('a path pattern', () => {
  const test = (pattern: string, path: string): boolean => compileGlob(pattern, createRegexBudget())(path);
  it.each([
    ['Dockerfile', 'Dockerfile', true],
    ['Dockerfile', 'a/Dockerfile', false],
    ['*.rb', 'c.rb', true],
    ['*.rb', 'a/c.rb', false],
    ['**/*.rb', 'c.rb', true],
    ['**/*.rb', 'a/b/c.rb', true],
    ['a/**/*', 'a/b/c', true],
    ['a/**/*', 'a/.hidden', true],
    ['a/**/*', 'ab/c', false],
    ['a/**', 'a/b', true],
    ['a/**', 'a/b/c', false],
    ['a/**/b/**/c', 'a/x/b/c', true],
    ['?.md', 'a.md', true],
    ['?.md', 'ab.md', false],
    ['[a-c].t', 'b.t', true],
    ['[!a].t', 'a.t', false],
    ['[^a].t', 'b.t', true],
    ['{a,b}/*.js', 'b/x.js', true],
    ['{a,b}/*.js', 'c/x.js', false],
    ['{x,**/y}.c', 'q/w/y.c', true],
    ['{a,{b,c}}', 'c', true],
    ['a\\*b', 'a*b', true],
    ['a\\*b', 'axb', false],
    ['a.b', 'axb', false],
    ['(a|b)+', 'a', false],
    ['a{b', 'a{b', true],
    ['a{b*', 'a{bc', false],
    ['[]-]*', ']x', true],
    ['größe?', 'größer', true],
    ['*\n*', 'a\nb', true],
  ])('%s takes %s: %s', (pattern, path, expected) => {
    expect(test(pattern, path)).toBe(expected);
  });

  it('takes itself, and never fails', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (pattern, path) => {
        expect(test(pattern, pattern)).toBe(true);
        test(pattern, path);
      }),
    );
  });
});

describe('a duration', () => {
  it.each([
    ['1h 30m', 5400],
    ['90 minutes', 5400],
    ['3600', 3600],
    ['2h20min', 8400],
    ['1 week', 604_800],
    ['3 weeks and 2 days', 1_987_200],
    ['6 mos 1 day', 15_638_400],
    ['47 yrs 6 mos and 4d', 1_499_104_800],
    ['1.5h', 5400],
    ['1:30', 90],
    ['1:00:00', 3600],
    ['1 hour, 2 mins', 3720],
    ['1H', 3600],
    ['1h 30', 3630],
    ['0', null],
    ['', null],
    ['never', null],
    ['7 elephants', null],
    ['-5 minutes', null],
    ['1'.repeat(300), null],
  ])('%s is %s seconds', (text, seconds) => {
    expect(parseDuration(text)).toBe(seconds);
  });

  it('is whole and positive, or none, whatever the text', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const seconds = parseDuration(text);
        expect(seconds === null || (seconds >= 0 && Number.isInteger(seconds))).toBe(true);
      }),
    );
  });
});

describe('references to variables', () => {
  const values = new Map([
    ['A', 'one'],
    ['B', 'two'],
  ]);

  it('are put in', () => {
    expect(expand('$A-${B}-%A%-$C-$', values)).toBe('one-two-one--$');
    expect(expandExisting('$A-$C-${C}', values)).toBe('one-$C-${C}');
  });

  const all = { keepUndefined: false, keepFileAndRaw: false };
  const expandedValues = (list: Parameters<typeof expandVariables>[0], options = all): unknown => {
    const result = expandVariables(list, options);
    return result.kind === 'circular' ? result.message : result.variables.map(({ value }) => value);
  };

  it('are expanded in the order of what refers to what', () => {
    expect(expandedValues([variable('A', '$B!'), variable('B', '${C}?'), variable('C', 'c')])).toEqual([
      'c?!',
      'c?',
      'c',
    ]);
  });

  it('stay in raw variables, in escapes, and where the runner shall expand them', () => {
    const list = [
      variable('A', '$R $F $U $$X'),
      variable('R', '$A', { raw: true }),
      variable('F', 'f', { file: true }),
    ];
    expect(expandedValues(list)).toEqual(['$A f  $$X', '$A', 'f']);
    expect(expandedValues(list, { keepUndefined: true, keepFileAndRaw: true })).toEqual([
      '$R $F $U $$X',
      '$A',
      'f',
    ]);
  });

  it('in a circle are named', () => {
    expect(expandedValues([variable('A', '$B'), variable('B', '$C'), variable('C', '$B')])).toBe(
      'circular variable reference detected: ["B","C"]',
    );
  });

  it('do not grow without end', () => {
    const list = Array.from({ length: 60 }, (_, i) =>
      variable(`V${String(i)}`, `$V${String(i + 1)}$V${String(i + 1)}`),
    );
    const result = expandVariables([...list, variable('V60', 'x'.repeat(1000))], all);
    const length =
      result.kind === 'circular' ? 0 : result.variables.reduce((sum, { value }) => sum + value.length, 0);
    expect(length).toBeLessThan(10_000_000);
  });
});
