import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { TextFilter } from '../../../../main/sandbox/runner/masking.ts';
import { chainFilters, maskSecrets, maskTokens } from '../../../../main/sandbox/runner/masking.ts';

function feed(filter: TextFilter, pieces: readonly string[]): string {
  return pieces.map((piece) => filter.write(piece)).join('') + filter.end();
}

/** Text over few letters, so that secrets overlap and begin often. */
const letters = fc.string({ unit: fc.constantFrom('a', 'b', 'c', '-'), maxLength: 12 });
const secret = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), minLength: 1, maxLength: 5 });

describe('maskSecrets', () => {
  it.each([
    ['a secret in one piece', ['x secret y'], 'x [MASKED] y'],
    ['a secret in two pieces', ['x sec', 'ret y'], 'x [MASKED] y'],
    ['a secret letter by letter', Array.from('xsecrety'), 'x[MASKED]y'],
    ['a beginning that is none', ['sec', 'ond'], 'second'],
    ['a beginning at the end', ['a sec'], 'a sec'],
    ['the longer of two secrets', ['secretive'], '[MASKED]'],
    ['the shorter where the longer does not come', ['secreti', 'ng'], '[MASKED]ing'],
  ])('masks %s', (_what, pieces, shown) => {
    expect(feed(maskSecrets(['secret', 'secretive']), pieces)).toBe(shown);
  });

  it('shows at once what cannot be the beginning of a secret', () => {
    expect(maskSecrets(['secret']).write('hello ')).toBe('hello ');
  });

  it('trims secrets and ignores empty ones', () => {
    expect(feed(maskSecrets(['', '  ', ' pass\n']), ['my pass'])).toBe('my [MASKED]');
  });

  it('never shows a secret, however it arrives', () => {
    fc.assert(
      fc.property(fc.array(secret, { minLength: 1, maxLength: 4 }), fc.array(letters), (secrets, pieces) => {
        const shown = feed(maskSecrets(secrets), pieces);
        for (const each of shown.split('[MASKED]')) {
          for (const hidden of secrets) expect(each).not.toContain(hidden);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('shows the same for every way to cut the text', () => {
    fc.assert(
      fc.property(fc.array(secret, { maxLength: 4 }), fc.array(letters), (secrets, pieces) => {
        expect(feed(maskSecrets(secrets), pieces)).toBe(feed(maskSecrets(secrets), [pieces.join('')]));
      }),
      { numRuns: 500 },
    );
  });
});

describe('maskTokens', () => {
  it.each([
    ['a token', ['x glpat-abc.DEF_1= y'], 'x glpat-[MASKED] y'],
    ['a token in pieces', ['x gl', 'pat-', 'ab', 'c', ' y'], 'x glpat-[MASKED] y'],
    ['a token at the end', ['glpat-abc'], 'glpat-[MASKED]'],
    ['a prefix alone', ['glpat- x'], 'glpat- x'],
    ['a beginning of a prefix', ['glp', 'x'], 'glpx'],
    ['two tokens', ['glpat-a glpat-b'], 'glpat-[MASKED] glpat-[MASKED]'],
  ])('masks %s', (_what, pieces, shown) => {
    expect(feed(maskTokens(['glpat-']), pieces)).toBe(shown);
  });

  it('shows the same for every way to cut the text', () => {
    const piece = fc.string({ unit: fc.constantFrom('g', 'l', '-', 'x', ' '), maxLength: 8 });
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        const prefixes = ['gl-', 'gl-x-', 'l'];
        expect(feed(maskTokens(prefixes), pieces)).toBe(feed(maskTokens(prefixes), [pieces.join('')]));
      }),
      { numRuns: 500 },
    );
  });
});

describe('chainFilters', () => {
  it('ends the first into the second', () => {
    const chain = chainFilters([maskSecrets(['secret']), maskTokens(['glpat-'])]);
    expect(feed(chain, ['a secret gl', 'pat-secr'])).toBe('a [MASKED] glpat-[MASKED]');
  });
});
