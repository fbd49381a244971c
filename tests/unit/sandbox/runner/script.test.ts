import { execFile, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  quoteForShell,
  renderPrepareScript,
  renderSectionMark,
  renderStepScript,
} from '../../../../main/sandbox/runner/script.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'autogit-script-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function run(shell: string, script: string): Promise<{ output: string; code: number | null }> {
  const child = spawn(shell, [], { env: { PATH: process.env['PATH'] ?? '' } });
  child.stdin.end(script);
  const exited = new Promise<number | null>((resolve) => child.on('close', resolve));
  const output = await text(child.stdout);
  return { output, code: await exited };
}

const step = (commands: readonly string[], xtrace = false): string =>
  renderStepScript(commands, { cwd: folder, xtrace });
const green = (line: string): string => `\u001b[32;1m${line}\u001b[0;m`;

describe('quoteForShell', () => {
  it('makes one word of anything', async () => {
    const sample = fc.sample(
      fc.string({ unit: 'grapheme' }).filter((each) => !each.includes('\0')),
      50,
    );
    const words = [...sample, "it's", '$HOME `x` "y"', '\\', 'a\nb'];
    const script = words.map((word) => `printf '%s\\0' ${quoteForShell(word)}`).join('\n');
    const { stdout } = await promisify(execFile)('sh', ['-c', script]);
    expect(stdout.split('\0').slice(0, -1)).toEqual(words);
  });
});

describe.each(['bash', 'sh'])('a step in %s', (shell) => {
  it('says each command in green before it runs it', async () => {
    const { output, code } = await run(shell, step(['echo one', 'echo "$((1 + 1))"']));
    expect(output).toBe(`${green('$ echo one')}\none\n${green('$ echo "$((1 + 1))"')}\n2\n`);
    expect(code).toBe(0);
  });

  it('shows the first line of several, and an empty line for none', async () => {
    const { output } = await run(shell, step(['echo a\necho b', '']));
    expect(output).toBe(`${green('$ echo a # collapsed multi-line command')}\na\nb\n\n`);
  });

  it('stops at the first failure with its exit code', async () => {
    const { output, code } = await run(shell, step(['echo before', '(exit 7)', 'echo after']));
    expect(code).toBe(7);
    expect(output).not.toContain('after\n');
  });

  it('lets commands share variables and the working folder', async () => {
    const { output } = await run(shell, step(['X=shared', 'cd /', 'echo "$X in $PWD"']));
    expect(output).toContain('shared in /\n');
  });

  it('runs what comes before a syntax error', async () => {
    const { output, code } = await run(shell, step(['echo before', 'if then']));
    expect(output).toContain('\nbefore\n');
    expect(code).not.toBe(0);
  });

  it('gives commands nothing to read, and keeps errors in order with output', async () => {
    const { output } = await run(shell, step(['cat', 'echo 1; echo 2 >&2; echo 3']));
    expect(output).toMatch(/1\n2\n3\n$/);
  });

  it('takes over the lines of GITLAB_ENV', async () => {
    await writeFile(join(folder, 'env'), 'ADDED=by an earlier step\n');
    const script = `export GITLAB_ENV=${quoteForShell(join(folder, 'env'))}\n${step(['echo "$ADDED"'])}`;
    expect((await run(shell, script)).output).toContain('\nby an earlier step\n');
  });

  it('writes private files that only their owner may read', async () => {
    const dir = join(folder, `private-${shell}`);
    const path = join(dir, 'KEY');
    const script = renderPrepareScript([join(folder, 'project')], [dir], [{ path, content: "it's\nsecret" }]);
    expect((await run(shell, script)).code).toBe(0);
    expect(await readFile(path, 'utf8')).toBe("it's\nsecret");
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect((await stat(dir)).mode & 0o777).toBe(0o700);
  });
});

describe('a step in bash', () => {
  it('fails when any part of a pipe fails', async () => {
    expect((await run('bash', step(['false | true']))).code).toBe(1);
  });

  it('shows every command with CI_DEBUG_TRACE', async () => {
    expect((await run('bash', step(['echo hi'], true))).output).toContain('+ echo hi');
  });
});

it('renders section marks as GitLab folds them', () => {
  expect(renderSectionMark('start', 'step_script', 12)).toBe('section_start:12:step_script\r\u001b[0K');
});
