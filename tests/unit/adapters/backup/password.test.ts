// The words of the recovery sheet: twelve of BIP-39's, and typos are told.
import { describe, expect, it } from 'vitest';
import { createBackupWords } from '../../../../main/adapters/backup/password.ts';

const words = createBackupWords();
/** A test vector of BIP-39. https://github.com/trezor/python-mnemonic/blob/master/vectors.json */
const known = 'legal winner thank year wave sausage worth useful legal winner thank yellow';

describe('the words of the recovery sheet', () => {
  it('are twelve, never the same, and good', () => {
    const made = Array.from({ length: 50 }, () => words.make());
    expect(new Set(made).size).toBe(50);
    for (const one of made) {
      expect(one.split(' ')).toHaveLength(12);
      expect(words.problem(one)).toBeNull();
      expect(words.normal(one)).toBe(one);
    }
  });

  it('may be typed with capitals, on several lines', () => {
    const typed = `  ${known.toUpperCase().replaceAll(' ', '\n  ')} `;
    expect(words.normal(typed)).toBe(known);
    expect(words.problem(typed)).toBeNull();
  });

  it('name the one that is no word, and what may be meant', () => {
    expect(words.problem(known.replace('sausage', 'sausages'))).toBe(
      'Word 6, "sausages", is none of the list; perhaps "sausage" is meant.',
    );
    expect(words.problem(known.replace('year', 'xyz'))).toBe('Word 4, "xyz", is none of the list.');
  });

  it('are told when some are missing, or two are swapped', () => {
    expect(words.problem('legal winner thank')).toBe('There are 3 words; the sheet has 12.');
    expect(words.problem('')).toBe('There are 0 words; the sheet has 12.');
    expect(words.problem(known.replace('legal winner', 'winner legal'))).toContain('two are swapped');
  });
});
