// The autostart entry: a command survives it, whatever its path.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { autostartEntry, execLine, isStarting } from '../../../electron/autostart-entry.ts';

/** Reads an `Exec` value as the specification says: first the escapes of values, then quotes, then field codes. */
function wordsOf(exec: string): string[] {
  const value = exec.replaceAll('\\\\', '\\');
  return [...value.matchAll(/"((?:[^"\\]|\\.)*)"/gs)].map(([, word = '']) =>
    word.replaceAll(/\\(.)/gs, '$1').replaceAll('%%', '%'),
  );
}

describe('the entry', () => {
  it('keeps every path as it is', () => {
    const path = fc.string({ unit: 'grapheme' }).filter((word) => !/[\0\r\n]/.test(word));
    fc.assert(
      fc.property(fc.array(path, { minLength: 1, maxLength: 4 }), (words) => {
        expect(wordsOf(execLine(words))).toEqual(words);
      }),
    );
  });

  it('cannot be broken out of', () => {
    expect(autostartEntry(['/opt/a\nExec=evil'])).toBeNull();
  });

  it('names its program, so that nothing is started once that is uninstalled', () => {
    const words = ['env', 'AUTOGIT_HOME=/srv/lab', '/opt/Auto Git\\autogit', '--hidden'];
    expect(autostartEntry(words)?.split('\n')).toContain('TryExec=/opt/Auto Git\\\\autogit');
  });

  it('counts only while it is on and starts this program', () => {
    const text = autostartEntry(['/opt/autogit', '--hidden']) ?? '';
    expect(isStarting(text, ['/opt/autogit', '--hidden'])).toBe(true);
    expect(isStarting(text, ['/old/autogit', '--hidden'])).toBe(false);
    expect(isStarting(`${text}Hidden=true\n`, ['/opt/autogit', '--hidden'])).toBe(false);
    const off = text.replace('enabled=true', 'enabled=false');
    expect(isStarting(off, ['/opt/autogit', '--hidden'])).toBe(false);
  });
});
