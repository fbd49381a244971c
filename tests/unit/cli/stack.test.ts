import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { AutoGitError } from '../../../main/errors.ts';
import type { FakeCore } from '../../fakes/fake-core.ts';
import { somePlan, someStatus, stackCalls } from '../../fakes/fake-stack-calls.ts';
import { useCli } from './open-cli.ts';

const open = useCli();
afterEach(() => vi.restoreAllMocks());

const terminal = { columns: 100, rows: 40 };
const files = { '-': 'lab: lab\n', 'lab.yaml': 'lab: lab\n' };
const namesOf = ({ calls }: FakeCore): readonly string[] => calls.map(({ name }) => name);
const inputOf = ({ calls }: FakeCore, name: string): unknown =>
  calls.findLast((call) => call.name === name)?.input;

describe('stack plan', () => {
  it('sends the text of the file and shows what would be done', async () => {
    const { cli, core } = await open({ files });
    expect(await cli.run('stack plan --answers lab.yaml --keep a/b,c')).toBe(0);
    expect(inputOf(core, 'stack.plan')).toMatchObject({ text: 'lab: lab\n', keep: ['a/b', 'c'] });
    expect(cli.out()).toContain('It would create 2 services, write 4 files, pull 1.6 GB.');
  });

  it('reads answers from standard input', async () => {
    const { cli, core } = await open({ files });
    expect(await cli.run('stack plan --answers - --json')).toBe(0);
    expect(inputOf(core, 'stack.plan')).toMatchObject({ text: 'lab: lab\n' });
    expect(JSON.parse(cli.out())).toMatchObject({ valid: true, plan: { hash: somePlan.hash } });
  });

  it('says which file it cannot read', async () => {
    const { cli } = await open();
    expect(await cli.run('stack plan --answers /nowhere/lab.yaml --json')).toBe(1);
    expect(cli.out()).toContain('stack.answers-unreadable');
  });

  it('writes the files into an empty folder, and into no other', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'autogit-out-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const { cli } = await open({ files });
    expect(await cli.run(`stack plan --out ${folder}/new`)).toBe(0);
    expect(await readFile(`${folder}/new/gitlab/gitlab.rb`, 'utf8')).toBe("external_url 'x'\n");
    await writeFile(`${folder}/new/mine`, 'mine');
    expect(await cli.run(`stack plan --out ${folder}/new --json`)).toBe(1);
    expect(cli.out()).toContain('stack.out-not-empty');
  });
});

describe('stack up', () => {
  it('shows the plan, asks, and agrees to that plan alone', async () => {
    const { cli, core } = await open({ files, terminal, answer: true });
    expect(await cli.run('stack up --answers lab.yaml')).toBe(0);
    expect(cli.asked).toEqual(['Do this?']);
    expect(inputOf(core, 'stack.up')).toMatchObject({ plan: somePlan.hash, text: 'lab: lab\n', wait: false });
    expect(cli.err()).toContain('gitlab');
    expect(cli.out()).toContain('Everything is up.');
    expect(cli.drawn.at(-1)).toContain('Everything is up.');
  });

  it.each([
    ['nobody can answer', undefined, null],
    ['a person says no', terminal, false],
  ] as const)('does nothing when %s', async (_what, screen, answer) => {
    const { cli, core } = await open({
      files,
      answer,
      ...(screen === undefined ? {} : { terminal: screen }),
    });
    expect(await cli.run('stack up --answers lab.yaml')).toBe(1);
    expect(cli.err()).toContain('stack.not-agreed');
    expect(namesOf(core)).not.toContain('stack.up');
  });

  it('goes without the backup before an upgrade only where somebody says so', async () => {
    const { cli, core } = await open({ files });
    expect(await cli.run('stack up --answers lab.yaml --yes')).toBe(0);
    expect(inputOf(core, 'stack.up')).not.toMatchObject({ withoutBackup: true });
    expect(await cli.run('stack up --answers lab.yaml --yes --without-backup')).toBe(0);
    expect(inputOf(core, 'stack.up')).toMatchObject({ withoutBackup: true });
  });

  it('asks nothing with --yes, and gives one document with --json', async () => {
    const { cli, core } = await open({ files });
    expect(await cli.run('stack up --answers lab.yaml --yes --json')).toBe(0);
    expect(cli.asked).toEqual([]);
    expect(JSON.parse(cli.out())).toMatchObject({ run: 1, message: 'Everything is up.', dryRun: false });
    expect(namesOf(core)).not.toContain('stack.secret');
  });

  it('goes by the answers of the last time where no file is named', async () => {
    const { cli, core } = await open();
    expect(await cli.run('stack up --yes')).toBe(0);
    expect(inputOf(core, 'stack.plan')).toEqual({ files: false, replace: [], keep: [] });
  });

  it.each([
    ['shown to a person at a terminal', terminal, 'a-pretended-password'],
    ['kept from an output that is no terminal', undefined, 'autogit stack secret gitlab-root-password'],
  ] as const)('has its first password %s', async (_what, screen, expected) => {
    vi.spyOn(stackCalls, 'stack.status').mockReturnValue({ ...someStatus, isNew: true });
    const { cli, core } = await open(screen === undefined ? {} : { terminal: screen });
    expect(await cli.run('stack up --yes')).toBe(0);
    expect(cli.out()).toContain(expected);
    expect(namesOf(core).includes('stack.secret')).toBe(screen !== undefined);
  });

  it('does not follow with --no-wait', async () => {
    const { cli } = await open();
    expect(await cli.run('stack up --yes --no-wait')).toBe(0);
    expect(cli.out()).toContain('The lab is up.');
    expect(cli.err()).not.toContain('Everything is up.');
  });

  it('ends with the error that ended the run', async () => {
    const { cli, core } = await open();
    core.failNext(
      'stack.watch',
      new AutoGitError({ key: 'stack.unhealthy', message: 'GitLab is not well.', next: 'Look at its log.' }),
    );
    expect(await cli.run('stack up --yes')).toBe(1);
    expect(cli.err()).toContain('stack.unhealthy');
  });

  it('only shows the plan with --dry-run', async () => {
    const { cli, core } = await open();
    expect(await cli.run('stack up --dry-run')).toBe(0);
    expect(inputOf(core, 'stack.up')).toMatchObject({ dryRun: true });
    expect(cli.out()).toContain('It would create 2 services');
  });
});

describe('stack destroy', () => {
  it('keeps data, and asks nothing for that', async () => {
    const { cli, core } = await open();
    expect(await cli.run('stack destroy')).toBe(0);
    expect(inputOf(core, 'stack.destroy')).toMatchObject({ deleteData: false });
  });

  it('deletes data after two confirmations', async () => {
    const { cli, core } = await open({ terminal, answer: true });
    expect(await cli.run('stack destroy --delete-data')).toBe(0);
    expect(cli.asked).toHaveLength(2);
    expect(inputOf(core, 'stack.destroy')).toMatchObject({ deleteData: true });
  });

  it.each([
    ['stack destroy --delete-data', null],
    ['stack destroy --delete-data', false],
  ] as const)('refuses `%s` without a person who agrees (%s)', async (words, answer) => {
    const { cli, core } = await open({ answer });
    expect(await cli.run(words)).toBe(4);
    expect(cli.err()).toContain('refused.data-loss');
    expect(namesOf(core)).toEqual([]);
  });

  it('deletes data with --delete-data --yes, and not with --yes alone', async () => {
    const { cli, core } = await open();
    expect(await cli.run('stack destroy --yes')).toBe(0);
    expect(inputOf(core, 'stack.destroy')).toMatchObject({ deleteData: false });
    expect(await cli.run('stack destroy --delete-data --yes')).toBe(0);
    expect(inputOf(core, 'stack.destroy')).toMatchObject({ deleteData: true });
  });
});

describe('secrets of the stack', () => {
  it('are given from standard input without its last line feed', async () => {
    const { cli, core } = await open({ files: { '-': 'top secret\n' } });
    expect(await cli.run('stack set-secret mail-password --lab lab')).toBe(0);
    expect(inputOf(core, 'stack.set-secret')).toEqual({
      ...{ name: 'mail-password', lab: 'lab', value: 'top secret', dryRun: false },
    });
  });

  it('are asked for at a terminal', async () => {
    const { cli, core } = await open({ typed: ['typed'] });
    expect(await cli.run('stack set-secret mail-password')).toBe(0);
    expect(inputOf(core, 'stack.set-secret')).toMatchObject({ value: 'typed' });
  });

  it('are shown alone on their line, to be piped', async () => {
    const { cli } = await open();
    expect(await cli.run('stack secret gitlab-root-password')).toBe(0);
    expect(cli.out()).toBe('a-pretended-password\n');
  });
});

describe('what only tries something', () => {
  const answers = 'lab: casa\ndata: /srv/casa\ntls: { mode: local-ca }\n';

  it.each([
    ['certificate check --domain lab.example.org', 'certificate.check', { domain: 'lab.example.org' }],
    ['sso check', 'sso.check', {}],
    ['directory test ana', 'directory.test', { search: 'ana' }],
  ] as const)('takes answers from a file: %s', async (words, name, more) => {
    const { cli, core } = await open({ files: { 'lab.yaml': answers } });
    expect(await cli.run(`${words} --answers lab.yaml`)).toBe(0);
    expect(inputOf(core, name)).toEqual({ ...more, text: answers });
  });

  it.each([
    ['sso check --secret', 'sso.check', 'secret'],
    ['directory test --password', 'directory.test', 'password'],
  ] as const)('takes a secret from standard input, and never shows it: %s', async (words, name, field) => {
    const { cli, core } = await open({ files: { '-': 'of-a-person\n' } });
    expect(await cli.run(words)).toBe(0);
    expect(inputOf(core, name)).toEqual({ [field]: 'of-a-person' });
    expect(cli.out() + cli.err()).not.toContain('of-a-person');
  });

  it('ends with 1 where something is wrong', async () => {
    const { cli, core } = await open();
    vi.spyOn(core, 'call').mockResolvedValue({ good: false, sentence: 'It ends tomorrow.', checks: [] });
    expect(await cli.run('certificate check')).toBe(1);
    expect(cli.out()).toContain('It ends tomorrow.');
  });
});
