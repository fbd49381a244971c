// What the bootstrap refuses before it installs anything is what the command line would refuse, in the same words.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { refuseDemoWords } from '../../../main/bootstrap/demo-words.js';
import { checkInput } from '../../../main/cli/check-input.ts';
import { demoInput, labelIn } from '../../../main/cli/commands.ts';
import { parseWords } from '../../../main/cli/parse.ts';
import { AutoGitError } from '../../../main/errors.ts';

/** What the command line says to the same words. */
function refusedByCli(words: readonly string[]): object | null {
  try {
    const parsed = parseWords(['demo', ...words]);
    if (parsed.kind !== 'run') return null;
    checkInput(demoInput, parsed.given, labelIn(parsed.command));
    return null;
  } catch (error) {
    if (!(error instanceof AutoGitError)) throw error;
    return { key: error.key, message: error.message, next: error.next, fields: error.fields };
  }
}

describe('words of the demo', () => {
  it.each([
    '--jobs -1',
    '--jobs=-1',
    '--jobs 1e9',
    '--jobs x',
    '--jobs 0',
    '--jobs 201',
    '--jobs 2.5',
    '--idle 0',
    '--idle=3601',
    '--runner other',
    '--wherefore',
    '--keep --jobs x',
    '--json --jobs x',
    '20',
    '--keep 20',
  ])('%s', (text) => {
    const words = text.split(' ');
    const refused = refuseDemoWords(words);
    expect(refused).not.toBeNull();
    // The command line hands on what its schema advises about a choice.
    const next = text.startsWith('--runner') ? (expect.any(String) as string) : refused?.next;
    expect(refusedByCli(words)).toEqual({ ...refused, next });
  });

  it.each([
    '',
    '--jobs 20',
    '--jobs=200 --idle 1',
    '--keep --json --yes',
    '-y',
    '--runner official',
    '--help',
  ])('that are right pass: %s', (text) => {
    const words = text.split(' ').filter(Boolean);
    expect([refuseDemoWords(words), refusedByCli(words)]).toEqual([null, null]);
  });

  it('that are left to the command line pass here', () => {
    for (const words of [['--jobs'], ['--jobs', '--keep'], ['--runner='], ['-x'], ['--no-keep'], ['--', 'x']])
      expect(refuseDemoWords(words)).toBeNull();
  });

  it('are never refused here when the command line takes them', () => {
    const value = fc.oneof(
      fc.integer().map(String),
      fc.float().map(String),
      fc.stringMatching(/^[a-z0-9.+-]{1,5}$/),
    );
    const option = fc.constantFrom('jobs', 'idle', 'runner', 'keep', 'json');
    const words = fc.array(
      fc.oneof(
        fc.tuple(option, value).map(([name, text]) => [`--${name}=${text}`]),
        fc.tuple(option, value).map(([name, text]) => [`--${name}`, text]),
        option.map((name) => [`--${name}`]),
      ),
      { maxLength: 3 },
    );
    fc.assert(
      fc.property(words, (lists) => {
        const flat = lists.flat();
        if (refuseDemoWords(flat) !== null) expect(refusedByCli(flat)).not.toBeNull();
      }),
      { numRuns: 300 },
    );
  });
});
