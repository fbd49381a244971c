// What is done to the texts of a bundle after it is made.
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { withinLatin1 } from '../../../electron/bundle.ts';

describe('a bundle', () => {
  it('has no character beyond Latin-1, so that V8 keeps it with one byte for each, and says the same', () => {
    const code = "[`a – ${'…'}`, '😀 é', /^[–—]$/.test('—'), /^😀$/u.test('😀')]";
    const narrow = withinLatin1(code);
    expect(narrow).toMatch(/^[\0-\xff]*$/);
    expect(narrow).toContain('é');
    expect(JSON.stringify(runInNewContext(narrow))).toBe(JSON.stringify(['a – …', '😀 é', true, true]));
  });
});
