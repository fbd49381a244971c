// Terminals as they are: narrow, without a known width, without colours or UTF-8, gone before the end. Real processes.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { columnsOf } from '../../../main/cli/render/text.ts';
import { freshEnv } from './every-door.ts';

const program = [process.execPath, '--disable-warning=ExperimentalWarning', path.resolve('main/cli/main.ts')];
const autogit = program.map((word) => `'${word}'`).join(' ');

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

type Env = Readonly<Record<string, string | undefined>>;

/** Runs a line of a shell, in which `$autogit` is the program. */
async function shell(line: string, env: Env = {}): Promise<Ended> {
  const { DOCKER_HOST, AUTOGIT_HOME, HOME } = freshEnv();
  const { PATH } = process.env;
  const child = spawn('bash', ['-c', line.replaceAll('$autogit', autogit)], {
    env: { PATH, DOCKER_HOST, AUTOGIT_HOME, HOME, TERM: 'xterm-256color', LANG: 'C.UTF-8', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const code = new Promise<number | null>((resolve) => child.once('close', resolve));
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return { code: await code, out, err };
}

/** The same on a terminal of its own. What is on standard error is on that terminal too. */
async function onTerminal(line: string, env: Env = {}): Promise<Ended> {
  const inner = line.replaceAll('$autogit', autogit);
  const ended = await shell(`exec script --quiet --return --command "$inner" /dev/null`, { ...env, inner });
  return { ...ended, out: ended.out.replaceAll('\r\n', '\n') };
}

const hasTerminals = existsSync('/usr/bin/script');
const sharp = '\u001b[';
const long = { timeout: 120_000 };

describe('an output that nobody reads to its end', long, () => {
  it('is no failure', async () => {
    expect((await shell('$autogit --help | head -1; exit ${PIPESTATUS[0]}')).code).toBe(0);
    expect(
      (await shell('$autogit queue refresh; $autogit snapshot --json | head -c 1; exit ${PIPESTATUS[0]}'))
        .code,
    ).toBe(0);
    expect(
      (await shell('$autogit queue refresh; $autogit events --follow | true; exit ${PIPESTATUS[0]}')).code,
    ).toBe(0);
  });

  it('is none on standard error either, where the exit code stays', async () => {
    expect((await shell('($autogit blah; echo $?) 2> >(exec <&-)')).out).toBe('2\n');
    expect((await shell('$autogit blah 2>&-')).code).toBe(2);
    expect((await shell('$autogit --version >&-')).code).toBe(0);
  });

  it.runIf(existsSync('/dev/full'))('that has no room is a failure in one sentence', async () => {
    const { code, err } = await shell('$autogit --help > /dev/full');
    expect([code, err]).toEqual([
      1,
      'The output cannot be written: ENOSPC: no space left on device, write.\n',
    ]);
    expect((await shell('$autogit blah 2> /dev/full')).code).toBe(2);
  });
});

describe('an environment', long, () => {
  it('without HOME says what is missing', async () => {
    const { code, err } = await shell('$autogit status', { HOME: undefined, AUTOGIT_HOME: undefined });
    expect([code, err]).toEqual([1, expect.stringContaining('host.no-home')]);
  });

  it('without a locale has signs, with an ASCII one it has none', async () => {
    const none = { LANG: undefined, LC_ALL: undefined };
    expect((await shell('$autogit blah', none)).err).toMatch(/^× /);
    for (const locale of ['C', 'POSIX']) {
      const { err } = await shell('$autogit blah', { LC_ALL: locale });
      expect(err).toMatch(/^x There/);
      expect(err).toMatch(/^\p{ASCII}*$/u);
    }
  });
});

describe.runIf(hasTerminals)('a terminal (needs script)', long, () => {
  it('has colours, unless it cannot or somebody does not want them', async () => {
    expect((await onTerminal('$autogit blah')).out).toContain(sharp);
    expect((await onTerminal('$autogit blah', { NO_COLOR: '' })).out).toContain(sharp);
    for (const env of [{ NO_COLOR: '1' }, { TERM: 'dumb' }])
      expect((await onTerminal('$autogit blah', env)).out).not.toContain(sharp);
  });

  it('of 20 columns shows everything, in lines that fit', async () => {
    for (const words of ['blah', 'status', 'demo --jobs 0', '--help']) {
      const { out } = await onTerminal(`stty columns 20; $autogit ${words}`, { NO_COLOR: '1' });
      const lines = out.split('\n').filter((line) => line !== '');
      const examples = lines.indexOf('Examples:');
      // Keys and examples stay in one piece: they are there to be copied.
      const shown = lines
        .slice(0, examples === -1 ? undefined : examples)
        .filter((line) => !/^ {2}[a-z]+\.[a-z-]+$/.test(line));
      expect(Math.max(...shown.map(columnsOf)), words).toBeLessThanOrEqual(20);
      expect(shown.length, words).toBeGreaterThan(3);
    }
  });

  it('that does not know its width is taken for one of 80 columns', async () => {
    const { out } = await onTerminal('stty columns 0 rows 0; $autogit --help', { NO_COLOR: '1' });
    const widths = out.split('\n').map(columnsOf);
    expect(Math.max(...widths)).toBeGreaterThan(60);
    expect(Math.max(...widths)).toBeLessThanOrEqual(80);
  });
});
