// Regular expressions of users: GitLab's syntax and flags, whatever the text, within a limit of time.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  compileDelimitedRegex,
  compileRegex,
  createRegexBudget,
  isDelimitedRegex,
  lastCapture,
  matchesRegex,
  RegexBudgetError,
} from '../../../main/sandbox/untrusted-regex.ts';

/** `null`: not an expression. */
function matches(text: string, subject: string, compile = compileDelimitedRegex): boolean | null {
  const budget = createRegexBudget();
  const regex = compile(text, budget);
  return regex === null ? null : matchesRegex(regex, subject, budget);
}

describe('an expression between slashes', () => {
  it.each<[string, string, boolean | null]>([
    ['/ABC/', 'xabcx', false],
    ['/ABC/i', 'xabcx', true],
    ['/x|ABC/i', 'abc', true],
    ['/^b$/', 'a\nb\nc', false],
    ['/^b$/m', 'a\nb\nc', true],
    ['/a.c/', 'a\nc', false],
    ['/a.c/s', 'a\nc', true],
    ['/^A.B$/ism', 'x\na\nb\ny', true],
    ['/a/U', 'a', true],
    ['/a/ii', 'A', true],
    ['/v\\d+$/', 'v1\n', false],
    ['/a/b/', 'a/b', true],
    ['//', 'anything', true],
    ['first\n/b/\nlast', 'abc', true],
    ['/a/x', 'a', null],
    ['/a/g', 'a', null],
    ['a', 'a', null],
    ['/a', 'a', null],
  ])('%j on %j: %s', (text, subject, expected) => {
    expect(matches(text, subject)).toBe(expected);
    expect(isDelimitedRegex(text)).toBe(expected !== null);
  });

  it('looks like one even when it is not valid', () => {
    expect(isDelimitedRegex('/some ( thing/')).toBe(true);
    expect(matches('/some ( thing/', 'some ( thing')).toBeNull();
  });
});

describe('RE2 syntax', () => {
  it.each<[string, string, boolean]>([
    ['^(?P<name>a)(?<other>b)$', 'ab', true],
    ['x{,2}', 'x{,2}', true],
    ['(?i:A)B', 'ab', false],
    ['a(?i)b|c', 'C', true],
    ['\\bfoo\\b', 'a foo b', true],
    ['foo\\B', 'foob', true],
    ['^[[:^digit:]]$', 'x', true],
    ['[]a]', ']', true],
    ['\\Qa.b\\E', 'axb', false],
    ['^\\x41\\x{1F600}$', 'A😀', true],
    ['^\\p{Greek}\\pL\\PL$', 'αb1', true],
    ['^.$', '😀', true],
    ['^[🙂-🙆]$', '🙃', true],
    ['(?i)^ÄPFEL$', 'äpfel', true],
    ['(?i)^k$', '\u212a', true],
    ['^\\w+$', 'é', false],
    ['\\/x', '/x', true],
    ['^\\D$', '\ud800', true],
  ])('%s on %j: %s', (source, subject, expected) => {
    expect(matches(source, subject, compileRegex)).toBe(expected);
  });

  it.each([
    ...['(', ')', '[', 'a**', '*a', '+', '\\', '[z-a]', 'a{2,1}'],
    ...['(?=a)', '(?!a)', '(?<=a)', '(?<!a)', '(?>a)', '(?x)a', '(a)\\1', '(?P=n)'],
    ...['\\Z', '\\y', '\\é', '[[:foo:]]', '\\p{Nope}', '\\x{110000}'],
    ...['a{1001}', '((a{1000}){1000})', '('.repeat(2_000) + ')'.repeat(2_000)],
  ])('does not have %s', (source) => {
    expect(matches(source, 'a', compileRegex)).toBeNull();
  });

  it('means what it means to the built-in engine where both know it', () => {
    const atom = fc.constantFrom('a', 'b', '.', '[ab]', '[^a]', '(?:a|b)', '(?:ab)', '\\d', '^', '$', '\\b');
    const piece = fc
      .tuple(atom, fc.constantFrom('', '', '*', '+', '?', '{1,2}'))
      .map(([one, times]) => (/^(?:\^|\$|\\b)$/.test(one) ? one : one + times));
    const source = fc.array(piece, { maxLength: 6 }).map((pieces) => pieces.join(''));
    const subject = fc
      .array(fc.constantFrom('a', 'b', '1', ' '), { maxLength: 8 })
      .map((letters) => letters.join(''));
    fc.assert(
      fc.property(source, subject, (pattern, text) => {
        expect(matches(pattern, text, compileRegex)).toBe(new RegExp(pattern, 'u').test(text));
      }),
      { numRuns: 500 },
    );
  });

  it('is read, or refused, whatever the text', () => {
    const pieces = fc.constantFrom(...'a()[]{}*+?|\\^-,1:pxQE<=!i\ud800'.split(''));
    const source = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(pieces).map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(source, fc.string(), (pattern, text) => {
        expect([true, false, null]).toContain(matches(pattern, text, compileRegex));
      }),
    );
  });
});

describe('what an expression captures', () => {
  it.each<[string, string, string | null]>([
    ['\\d+', '1 2 3', '3'],
    ['(\\d+)%', '10% 20%', '20'],
    ['(a)|(b)', 'ba', null],
    ['(a)(b)', 'ab', 'b'],
    ['x', 'y', null],
  ])('%s in %j: %s', (source, text, expected) => {
    const budget = createRegexBudget();
    const regex = compileRegex(source, budget);
    expect(regex === null ? undefined : lastCapture(regex, text, budget)).toBe(expected);
  });
});

/** Elapsed milliseconds of work that may run out of its budget. */
function elapsed(work: () => void): number {
  const start = performance.now();
  try {
    work();
  } catch (error) {
    expect(error).toBeInstanceOf(RegexBudgetError);
  }
  return performance.now() - start;
}

/** Without a period, so that an automaton for `a[ab]{900}` has a new state at each letter. */
const manyStates = Array.from({ length: 200_000 }, (_, index) =>
  ((index * index) % 7919) % 2 ? 'a' : 'b',
).join('');

describe('the time of expressions', () => {
  it.each([
    ['nested repetitions', '^(a+)+$', `${'a'.repeat(100_000)}b`],
    ['alternatives that are the same', '(a|a)*[bc]', 'a'.repeat(100_000)],
    ['many ways to split the text', '(.*a){12}[bc]', 'a'.repeat(10_000)],
    ['a thousand optional letters', '(?:a?){1000}a{1000}', 'a'.repeat(2_000)],
    ['a long text', '(?:a?){1000}b', 'a'.repeat(500_000)],
    ['many states', '[ab]*a[ab]{900}\\b[cd]', manyStates],
    ['long classes without case', `(?i)[${'B-ﻸ'.repeat(3_000)}]`, 'a'],
    ['many classes without case', `(?i)${'\\pL'.repeat(3_000)}`, 'a'],
  ])('is short for %s', (_, source, text) => {
    expect(elapsed(() => matches(source, text, compileRegex))).toBeLessThan(2_000);
  });

  it('is limited for all expressions of a file together', () => {
    const budget = createRegexBudget(50_000);
    const compileMany = (): void => {
      for (let count = 0; count < 1_000_000; count += 1) compileRegex(`(?i)\\pL{3}${String(count)}`, budget);
    };
    expect(compileMany).toThrow(RegexBudgetError);
    expect(elapsed(compileMany)).toBeLessThan(2_000);
  });

  it('is spent once on an expression that stands in many places', () => {
    const budget = createRegexBudget();
    expect(compileRegex('a{100}', budget)).toBe(compileRegex('a{100}', budget));
  });
});
