// What the npm scripts hand to the bootstrap.
import { describe, expect, it } from 'vitest';
import { parseArguments } from '../../../main/bootstrap/arguments.js';
import { isAble, joinNeeds } from '../../../main/bootstrap/items.js';

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
      tiers: ['lint', 'types', 'format', 'unit', 'engine'],
    });
    expect(parseArguments(['test', 'unit', '--', 'tests/unit/plan', '--yes'])).toEqual({
      command: 'test',
      yes: true,
      tiers: ['unit'],
      filters: ['tests/unit/plan'],
    });
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
    [['test', 'e2e', '--']],
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

  it('makes a tier able to run with one of the peers that it is held against', () => {
    expect(isAble('unit', {})).toBe(true);
    expect(isAble('peers', { PATH: '' })).toBe(false);
    expect(isAble('peers', { PATH: '', AUTOGIT_GITLAB_RUNNER: '/opt/gitlab-runner' })).toBe(true);
  });

  it('is joined without repeating anything', () => {
    const joined = joinNeeds(['demo', 'unit', 'peers']);
    expect(joined.packages).toBe('all');
    expect(new Set([...joined.must, ...joined.may]).size).toBe(joined.must.length + joined.may.length);
  });
});
