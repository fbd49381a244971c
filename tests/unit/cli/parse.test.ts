import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseWords } from '../../../main/cli/parse.ts';
import { AutoGitError } from '../../../main/errors.ts';

function parse(line: string): unknown {
  const parsed = parseWords(line.split(' ').filter(Boolean));
  if (parsed.kind !== 'run') return parsed.kind;
  const { yes, json } = parsed.flags;
  return [parsed.command.path.join(' '), parsed.given, ...(yes ? ['yes'] : []), ...(json ? ['json'] : [])];
}

function refusal(line: string): unknown {
  try {
    return parse(line);
  } catch (error) {
    if (!(error instanceof AutoGitError)) throw error;
    return [error.key, `${error.message} ${error.next}`];
  }
}

describe('a command line', () => {
  it.each([
    ['status', ['status', {}]],
    ['status --json', ['status', {}, 'json']],
    ['--json status', ['status', {}, 'json']],
    ['job log 41 --follow', ['job log', { id: 41, follow: true }]],
    ['job log --id 41', ['job log', { id: 41 }]],
    ['sandbox seed --jobs=3 --dry-run', ['sandbox seed', { jobs: 3, dryRun: true }]],
    ['sandbox seed --dry-run=false', ['sandbox seed', { dryRun: false }]],
    ['sandbox seed --jobs -1', ['sandbox seed', { jobs: -1 }]],
    ['sandbox seed --jobs 1e9', ['sandbox seed', { jobs: 1_000_000_000 }]],
    ['sandbox seed --jobs x', ['sandbox seed', { jobs: 'x' }]],
    ['sandbox seed --jobs 0x10', ['sandbox seed', { jobs: '0x10' }]],
    ['sandbox reset -y', ['sandbox reset', {}, 'yes']],
    ['runner list --pool 007', ['runner list', { pool: '007' }]],
    ['snapshot', ['snapshot', {}]],
    ['snapshot follow', ['snapshot follow', {}]],
    ['settings validate new.yaml', ['settings validate', { file: 'new.yaml' }]],
    ['demo --jobs 20 --keep', ['demo', { jobs: 20, keep: true }]],
    ['completion zsh', ['completion', { shell: 'zsh' }]],
    ['', 'help'],
    ['--help', 'help'],
    ['help job log', 'help'],
    ['job log --help', 'help'],
    ['job -h', 'help'],
    ['status --json --json', ['status', {}, 'json']],
    ['--version', 'version'],
  ])('%j means %j', (line, meaning) => expect(parse(line)).toEqual(meaning));

  it.each([
    ['stauts', 'usage.unknown-command', 'autogit status'],
    ['job lits', 'usage.unknown-command', 'autogit job list'],
    ['snapshot folow', 'usage.unknown-command', 'autogit snapshot follow'],
    ['frobnicate', 'usage.unknown-command', 'autogit --help'],
    ['pool', 'usage.missing-command', 'list'],
    ['pool list x', 'usage.unexpected-argument', 'x'],
    ['job list -- x', 'usage.unexpected-argument', 'x'],
    ['job log 1 2', 'usage.unexpected-argument', '2'],
    ['sandbox seed --jbos 1', 'usage.unknown-option', '--jobs'],
    ['status -x', 'usage.unknown-option', '-x'],
    ['--jsn', 'usage.unknown-option', '--jsn'],
    ['sandbox seed --jobs', 'usage.missing-value', '--jobs'],
    ['sandbox seed --jobs 1 --jobs 2', 'usage.invalid-value', 'more than once'],
    ['sandbox reset --dry-run=yes', 'usage.invalid-value', '--dry-run'],
    ['sandbox reset -y=maybe', 'usage.invalid-value', '--yes'],
  ])('%j is refused', (line, key, words) => {
    expect(refusal(line)).toEqual([key, expect.stringContaining(words)]);
  });

  it('never fails but with a usage key', () => {
    const word = fc.oneof(
      fc.constantFrom(
        'job',
        'log',
        'list',
        '--json',
        '-y',
        '--',
        '--follow',
        '--limit',
        '-1',
        '--no-json',
        '',
      ),
      fc.string({ maxLength: 8 }),
    );
    fc.assert(
      fc.property(fc.array(word, { maxLength: 6 }), (words) => {
        try {
          parseWords(words);
        } catch (error) {
          expect(error).toBeInstanceOf(AutoGitError);
          expect(error instanceof AutoGitError && error.key).toMatch(/^usage\./);
        }
      }),
      { numRuns: 150 },
    );
  });
});
