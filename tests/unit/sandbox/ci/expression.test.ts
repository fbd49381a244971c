// Expressions of rules: what they mean, and what is none.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isTruthful, parseExpression } from '../../../../main/sandbox/ci/rules/expression.ts';
import { createRegexBudget } from '../../../../main/sandbox/untrusted-regex.ts';

const values = new Map([
  ['BRANCH', 'release/1.2'],
  ['EMPTY', ''],
  ['BLANK', '  '],
  ['ONE', '1'],
  ['PATTERN', '/^release/'],
  ['TEXT', 'release/1.2 and more'],
  ['FLAGS', '/^RELEASE/i'],
  ['BROKEN', '/re(lease/'],
  ['LINES', 'one\nTwo\nthree'],
  ['LOOK', '/^(?!main)/'],
]);

function holds(text: string): boolean {
  const budget = createRegexBudget();
  const expression = parseExpression(text, budget);
  if (expression === null) throw new Error('not an expression');
  return isTruthful(expression, { values, budget });
}

describe('an expression', () => {
  it.each([
    ['$BRANCH', true],
    ['$NOTHING', false],
    ['$EMPTY', false],
    ['$BLANK', false],
    ['$ONE == "1"', true],
    ["$ONE == '1'", true],
    ['"1" == $ONE', true],
    ['$ONE != "1"', false],
    ['$NOTHING == null', true],
    ['$EMPTY == null', false],
    ['$EMPTY == ""', true],
    ['$NOTHING == ""', false],
    ['$BRANCH == $BRANCH', true],
    ['$BRANCH =~ /^release/', true],
    ['$BRANCH =~ /^RELEASE/', false],
    ['$BRANCH =~ /^RELEASE/i', true],
    ['$BRANCH !~ /^main$/', true],
    ['$BRANCH !~ /^RELEASE/i', false],
    ['$LINES =~ /^two$/i', false],
    ['$LINES =~ /^two$/im', true],
    ['$LINES =~ /one.Two/', false],
    ['$LINES =~ /one.Two/s', true],
    ['$BRANCH =~ $FLAGS', true],
    ['$BRANCH =~ $BROKEN', false],
    ['"re(lease" =~ $BROKEN', true],
    ['$BRANCH =~ $LOOK', false],
    ['"größe" =~ /^GRÖ\\pL+$/i', true],
    ['$BRANCH =~ /main|RELEASE/i', true],
    ['$BRANCH =~ /release\\/1/', true],
    ['$BRANCH =~ $PATTERN', true],
    ['"main" =~ $PATTERN', false],
    ['$BRANCH =~ $NOTHING', false],
    ['$BRANCH !~ $NOTHING', true],
    ['$NOTHING =~ /xy/', false],
    ['$NOTHING !~ /xy/', true],
    ['$BRANCH =~ $TEXT', true],
    ['$TEXT =~ $BRANCH', false],
    ['$ONE && $BRANCH', true],
    ['$ONE && $NOTHING', false],
    ['$NOTHING || $ONE', true],
    ['$NOTHING && $ONE || $BRANCH', true],
    ['$ONE || $NOTHING && $NOTHING', true],
    ['($ONE || $NOTHING) && $NOTHING', false],
    ['$ONE == "1" && ($BRANCH == "main" || $BRANCH =~ /^rel/)', true],
    ['$EMPTY && $ONE', true],
    ['$EMPTY || $ONE', false],
    ['true', true],
    ['false', false],
    ['"false"', true],
  ])('%s: %s', (text, expected) => {
    expect(holds(text)).toBe(expected);
  });

  it.each([
    '',
    '   ',
    '$A ==',
    '== null',
    '$A == 123',
    '$A $B',
    '($A',
    '$A)',
    '()',
    '$A === "b"',
    '$A =~ /x/',
    '$A =~ /some ( thing/',
    '$A =~ /^(?!main).+/',
    '$A =~ /(a)\\1/',
    '"unclosed',
    '${A} == "b"',
    '!$A',
    '$A & $B',
    Array.from({ length: 60 }, () => '$A').join(' || '),
  ])('is not: %s', (text) => {
    expect(parseExpression(text, createRegexBudget())).toBeNull();
  });

  it('is read, or refused, whatever the text', () => {
    const pieces = fc.constantFrom(
      '$A',
      '"b"',
      '/c+/',
      'null',
      '==',
      '=~',
      '!~',
      '&&',
      '||',
      '(',
      ')',
      ' ',
      '$',
      '\\',
      '/',
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(pieces).map((parts) => parts.join('')),
        ),
        (text) => {
          const budget = createRegexBudget();
          const expression = parseExpression(text, budget);
          if (expression !== null) isTruthful(expression, { values, budget });
        },
      ),
    );
  });
});
