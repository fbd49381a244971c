// A settings file that cannot be used, through every door: the core runs, does nothing, and says why.
import { execFileSync } from 'node:child_process';
import {
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { asOrdinaryUser } from '../adapters/host/temporary.ts';
import {
  cli,
  freshEnv,
  issuesEverywhere,
  refusedEverywhere,
  requestRefused,
  runningCore,
} from './every-door.ts';

const long = { timeout: 60_000 };

interface Wrong {
  readonly name: string;
  readonly key: string;
  readonly words: string;
  readonly put: (file: string) => void;
}

const cases: readonly Wrong[] = [
  {
    name: 'with a tab',
    key: 'settings.broken',
    words: 'line 3: a tab is used for indentation',
    put: (file) => writeFileSync(file, 'version: 1\npools:\n\t- name: x\n'),
  },
  {
    name: 'with an unknown key',
    key: 'settings.broken',
    words: 'line 2: polos is not a setting; known here: version',
    put: (file) => writeFileSync(file, 'version: 1\npolos: []\n'),
  },
  {
    name: 'that is a folder',
    key: 'settings.no-access',
    words: 'it is a folder',
    put: (file) => mkdirSync(file),
  },
  {
    name: 'that is a pipe',
    key: 'settings.no-access',
    words: 'a pipe',
    put: (file) => void execFileSync('mkfifo', [file]),
  },
  {
    name: 'that is a link to nowhere',
    key: 'settings.no-access',
    words: 'a link to gone.yaml, which is not there',
    put: (file) => symlinkSync('gone.yaml', file),
  },
  {
    name: 'of 100 MB',
    key: 'settings.no-access',
    words: 'it has 100 MB',
    put: (file) => {
      writeFileSync(file, '');
      truncateSync(file, 100_000_000);
    },
  },
];

function homeWith(put: (file: string) => void): ReturnType<typeof freshEnv> {
  const env = freshEnv();
  mkdirSync(env.AUTOGIT_HOME, { mode: 0o700 });
  put(path.join(env.AUTOGIT_HOME, 'settings.yaml'));
  return env;
}

describe('a settings file', () => {
  it.each(cases)('$name is an issue, and whatever acts is refused', long, async ({ key, words, put }) => {
    const running = await runningCore(homeWith(put));
    const issue = (await issuesEverywhere(running)).find((found) => found.key === key);
    expect(issue).toMatchObject({ severity: 'error' });
    expect(issue?.message).toContain(words);
    const refused = await requestRefused(running, 'lab.drain', {}, 'lab drain');
    expect(refused).toMatchObject({ key, code: 1, status: 422, message: issue?.message });
  });

  it('that is broken is kept as a copy', long, async () => {
    const env = homeWith((file) => writeFileSync(file, 'pools: 7\n'));
    await cli(env, 'status');
    const [copy = ''] = readdirSync(env.AUTOGIT_HOME).filter((name) => name.includes('.broken-'));
    expect(readFileSync(path.join(env.AUTOGIT_HOME, copy), 'utf8')).toBe('pools: 7\n');
    expect(await cli(env, 'settings validate')).toMatchObject({ code: 1, err: '' });
  });

  it('that others own is an issue', long, async () => {
    const env = homeWith((file) => writeFileSync(file, 'version: 1\n', { mode: 0o000 }));
    const file = path.join(env.AUTOGIT_HOME, 'settings.yaml');
    if (process.getuid?.() === 0) execFileSync('chown', ['nobody', env.HOME ?? '', env.AUTOGIT_HOME]);
    await asOrdinaryUser(async () => {
      const { code, out } = await cli(env, 'issue list --json');
      expect(code).toBe(0);
      expect(JSON.parse(out)).toContainEqual(
        expect.objectContaining({
          key: 'settings.no-access',
          message: `The settings file ${file} cannot be read: you may not.`,
        }),
      );
    });
  });

  it('from the future keeps a core from starting', async () => {
    const env = homeWith((file) => writeFileSync(file, 'version: 99\n'));
    const refused = await refusedEverywhere(env);
    expect(refused).toMatchObject({ key: 'settings.from-future', code: 1, fields: { found: 99 } });
  });

  it('from the future is an issue for a core that runs, which goes on with what it has', long, async () => {
    const running = await runningCore(freshEnv());
    const file = running.core.paths.settings;
    writeFileSync(file, 'version: 99\n');
    await expect
      .poll(async () => (await issuesEverywhere(running)).map(({ key }) => key), { timeout: 20_000 })
      .toContain('settings.from-future');
    rmSync(file);
  });
});

describe('a file to check', () => {
  it.each([
    ['/', 'it is a folder'],
    ['/not/there', 'there is no such file'],
  ])('%s cannot be read: %s', async (file, words) => {
    const said = await cli(freshEnv(), `settings validate ${file}`);
    expect(said).toMatchObject({ code: 1, out: '' });
    expect(said.err).toContain(`${file} cannot be read: ${words}`);
    expect(said.err).toContain('settings.file-unreadable');
  });
});
