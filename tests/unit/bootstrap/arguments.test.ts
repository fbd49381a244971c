// What the npm scripts hand to the bootstrap.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseArguments } from '../../../main/bootstrap/arguments.js';
import { findTool, isAble, joinNeeds, needs, tools } from '../../../main/bootstrap/items.js';

describe('arguments', () => {
  it('of a person reach the command untouched', () => {
    expect(parseArguments(['demo', '--', '--jobs', '20', '--json'])).toEqual({
      command: 'demo',
      yes: false,
      args: ['--jobs', '20', '--json'],
    });
    expect(parseArguments(['autogit', '--', 'job', 'log', '--', '--yes'])).toMatchObject({
      args: ['job', 'log', '--', '--yes'],
      yes: false,
    });
  });

  it('with --yes agree to changes, and the command sees it too', () => {
    expect(parseArguments(['demo', '--', '--yes'])).toMatchObject({ yes: true, args: ['--yes'] });
  });

  it('name the tiers, and what to run of them', () => {
    expect(parseArguments(['test', '--'])).toMatchObject({
      tiers: ['lint', 'types', 'format', 'unit', 'engine', 'e2e'],
    });
    expect(parseArguments(['test', 'unit', '--', 'tests/unit/plan', '--yes'])).toEqual({
      command: 'test',
      yes: true,
      tiers: ['unit'],
      filters: ['tests/unit/plan'],
    });
  });

  it('of the desktop reach it, and a build takes only which packages it shall make', () => {
    expect(parseArguments(['start', '--', '--hidden'])).toEqual({
      command: 'start',
      yes: false,
      args: ['--hidden'],
    });
    expect(parseArguments(['build', '--', '--yes'])).toEqual({ command: 'build', yes: true, packages: [] });
    const both = ['build', '--', '--headless', '--deb'];
    expect(parseArguments(both)).toEqual({ command: 'build', yes: false, packages: ['deb', 'headless'] });
    expect(() => parseArguments(['build', '--', '--msi'])).toThrow('does not know "--msi"');
  });

  it.each(['bench', 'chaos'] as const)('of %s reach it untouched', (command) => {
    expect(parseArguments([command, '--', 'coordinator', '--json', '--yes'])).toEqual({
      command,
      yes: true,
      args: ['coordinator', '--json', '--yes'],
    });
    expect(() => parseArguments([command, 'coordinator', '--'])).toThrow(
      expect.objectContaining({ key: 'bootstrap.usage' }),
    );
  });

  it('of the bootstrap itself say for what', () => {
    expect(parseArguments(['bootstrap', '--'])).toMatchObject({
      targets: ['demo'],
      dryRun: false,
      yes: false,
    });
    expect(parseArguments(['bootstrap', '--', 'unit', 'peers', '--dry-run', '-y'])).toEqual({
      command: 'bootstrap',
      yes: true,
      dryRun: true,
      targets: ['unit', 'peers'],
    });
  });

  it.each([
    [[]],
    [['deploy']],
    [['test', 'bench', '--']],
    [['build', '--', 'page']],
    [['start', '--quick']],
    [['bootstrap', '--', 'toString']],
    [['demo', '--jobs']],
  ])('that mean nothing are refused as wrong usage: %j', (argv) => {
    expect(() => parseArguments(argv)).toThrow(expect.objectContaining({ key: 'bootstrap.usage', exit: 2 }));
  });
});

describe('what commands need', () => {
  it('is nothing of the system for the command line', () => {
    expect(joinNeeds(['autogit'])).toEqual({ packages: 'production', must: [], may: [] });
  });

  it('is no development package for the demo', () => {
    expect(joinNeeds(['demo'])).toEqual({ packages: 'production', must: ['git', 'engine'], may: [] });
  });

  it('is no development package and no other program for chaos and benchmarks, but what they can do more with', () => {
    expect(joinNeeds(['chaos'])).toEqual({
      packages: 'production',
      must: ['git', 'bash', 'engine'],
      may: ['rootless-engines'],
    });
    expect(joinNeeds(['bench'])).toEqual({
      packages: 'production',
      must: ['git', 'bash', 'engine'],
      may: ['gitlab-runner'],
    });
  });

  it('makes a tier able to run with one of the peers that it is held against', () => {
    expect(isAble('unit', {})).toBe(true);
    expect(isAble('peers', { PATH: '' })).toBe(false);
    expect(isAble('peers', { PATH: '', AUTOGIT_GITLAB_RUNNER: '/opt/gitlab-runner' })).toBe(true);
    expect(isAble('stacks', { PATH: '' })).toBe(false);
  });

  it('makes the tier e2e able to run with a browser or a screen', () => {
    expect(isAble('e2e', { PATH: '' })).toBe(false);
    expect(isAble('e2e', { PATH: '', AUTOGIT_CHROMIUM: '/opt/chromium' })).toBe(true);
  });

  it('leaves an engine tier able without the rootless engines', () => {
    expect(isAble('engine', { PATH: '' })).toBe(true);
    expect(joinNeeds(['demo']).may).toEqual([]);
    expect(joinNeeds(['engine']).may).toEqual(['rootless-engines', 'emulators']);
  });

  it('is every tool that can be provided, each of them for something', () => {
    const used = Object.values(needs).flatMap(({ must, may }): readonly string[] => [...must, ...may]);
    for (const id of Object.keys(tools)) expect(used).toContain(id);
    expect(joinNeeds(['peers']).may).toEqual(expect.arrayContaining(['redis', 'git-lfs']));
    expect(joinNeeds(['stacks']).may).toContain('redis');
  });

  it('is joined without repeating anything', () => {
    const joined = joinNeeds(['demo', 'unit', 'peers', 'start', 'e2e']);
    expect(joined.packages).toBe('all');
    expect(new Set([...joined.must, ...joined.may]).size).toBe(joined.must.length + joined.may.length);
  });
});

describe('a tool', () => {
  let folder = '';
  const add = (...names: readonly string[]): void => {
    for (const name of names) writeFileSync(join(folder, name), '', { mode: 0o755 });
  };
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'autogit-tools-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('is there under any of its names', () => {
    expect(findTool('chromium', { PATH: folder })).toBeNull();
    add('google-chrome');
    expect(findTool('chromium', { PATH: folder })).toBe(join(folder, 'google-chrome'));
  });

  it('is missing while a program that it needs is', () => {
    add('dunst');
    expect(findTool('notifications', { PATH: folder })).toBeNull();
    add('dunstctl');
    expect(findTool('notifications', { PATH: folder })).toBe(join(folder, 'dunst'));
  });

  it('that is a set of libraries is there with the last of them', () => {
    const libraries: readonly string[] = tools['desktop-libraries'].libraries;
    add(...libraries);
    expect(findTool('desktop-libraries', { PATH: '', LD_LIBRARY_PATH: folder })).toBe(folder);
  });
});
