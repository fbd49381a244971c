import { execFile } from 'node:child_process';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { complete, completionScript } from '../../../main/cli/completion.ts';
import { groups } from '../../../main/cli/commands.ts';

const run = promisify(execFile);

describe('completion', () => {
  it.each([
    [[''], groups],
    [['sa'], ['sandbox']],
    [
      ['job', ''],
      ['list', 'show', 'explain', 'log', 'cancel', 'retry'],
    ],
    [['job', 'lo'], ['log']],
    [
      ['snapshot', ''],
      ['follow', 'changes'],
    ],
    [['job', 'list', '--st'], ['--status']],
    [['job', 'list', '--status', 'p'], ['pending']],
    [['job', 'list', '--project', ''], []],
    [['job', 'log', ''], []],
    [
      ['pool', 'list', ''],
      ['--json', '--help'],
    ],
    [
      ['sandbox', 'reset', '--'],
      ['--dry-run', '--json', '--help', '--yes'],
    ],
    [
      ['sandbox', 'reset', '--yes', '--'],
      ['--dry-run', '--json', '--help'],
    ],
    [
      ['completion', ''],
      ['bash', 'zsh'],
    ],
    [['--v'], ['--version']],
    [['nonsense', ''], []],
  ])('of %j offers %j', (words, offered) => expect(complete(words)).toEqual(offered));
});

describe('the bash script', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'autogit-completion-'));
    const program = path.resolve('main/cli/main.ts');
    const call = `exec "${process.execPath}" --disable-warning=ExperimentalWarning "${program}" "$@"`;
    await writeFile(path.join(folder, 'autogit'), `#!/bin/sh\n${call}\n`);
    await chmod(path.join(folder, 'autogit'), 0o755);
    await writeFile(path.join(folder, 'script'), completionScript('bash'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('completes nested commands in a real shell', async () => {
    const words = `COMP_WORDS=(autogit job lo); COMP_CWORD=2; _autogit; echo "\${COMPREPLY[@]}"`;
    const env = { ...process.env, PATH: `${folder}:${process.env.PATH ?? ''}` };
    const { stdout } = await run('bash', ['-c', `. "${folder}/script"; ${words}`], { env });
    expect(stdout.trim()).toBe('log');
  });
});
