import { describe, expect, it } from 'vitest';
import { contract } from '../../../main/contract/contract.ts';
import { expectedOf, fieldsOf, inputError, optionName, readField } from '../../../main/contract/fields.ts';
import type { RequestField } from '../../../main/contract/fields.ts';
import { poolFields } from '../../../main/contract/pool-fields.ts';
import { poolSchema } from '../../../main/model/pool.ts';

const fields = fieldsOf(contract['pool.set'].input);

function field(name: string): RequestField {
  const found = fields.find((one) => one.name === name);
  if (found === undefined) throw new Error(`no field ${name}`);
  return found;
}

describe('a field in an object', () => {
  const { input } = contract['backup.add-target'];
  const folder = { name: 'nas', kind: 'folder', path: '/mnt/nas' };

  function errorOf(target: unknown) {
    const given = { target };
    return inputError(fieldsOf(input), given, input.safeParse(given).error?.issues ?? []);
  }

  it.each([
    [
      { ...folder, path: 'mnt' },
      'target.path must be text, not "mnt".',
      'It takes an absolute path of a folder.',
    ],
    [
      { name: 'nas', kind: 'sftp', host: 'a', user: 'b', path: '/c', hostKey: 'd e', port: 0 },
      'target.port must be a whole number from 1 to 65535, not 0.',
      'Give a whole number from 1 to 65535.',
    ],
    [
      { ...folder, kind: 'foldr' },
      'target.kind must be one of folder, usb, sftp, s3, rclone, not "foldr".',
      'Did you mean folder?',
    ],
    [{ name: 'nas' }, 'target.kind is missing.', 'Give one of folder, usb, sftp, s3, rclone.'],
    [{ name: 'nas', kind: 'usb' }, 'target.label is missing.', 'Give text.'],
    [
      { ...folder, host: 'a' },
      'There is no target.host here.',
      'Known here: target.name, target.kind, target.path.',
    ],
  ])('is named by itself: %j', (target, message, next) => {
    expect(errorOf(target)).toMatchObject({ message, next });
  });

  it('is told to programs by its path', () => {
    expect(errorOf({ ...folder, path: 'mnt' })).toMatchObject({ fields: { field: 'target.path' } });
  });

  it('is not looked for where the whole is no object', () => {
    expect(errorOf('nas').message).toBe('target must be an object, not "nas".');
    expect(errorOf(undefined).message).toBe('target is missing.');
  });
});

describe('fields of a pool', () => {
  it('are those of the settings, but for what has commands of its own', () => {
    // Windows of the week are written in the file: they are groups of fields themselves.
    const settings = Object.keys(poolSchema.shape).filter(
      (name) => !['name', 'paused', 'warm'].includes(name),
    );
    expect(Object.keys(poolFields).sort()).toEqual(settings.sort());
  });

  it.each([
    ['tags', 'docker, gpu', ['docker', 'gpu']],
    ['tags', 'none', []],
    ['cpus', 'none', null],
    ['cpus', '1.5', 1.5],
    ['image', 'none', null],
    ['image', 'debian:13', 'debian:13'],
    ['max', '3', 3],
    ['max', 'none', 'none'],
    ['runUntagged', 'true', true],
  ])('%s from the text %s', (name, text, value) => {
    expect(readField(field(name), text)).toEqual(value);
  });

  it.each([
    ['tags', 'a list of at most 100, with commas between'],
    ['cpus', 'a number from 0.05 to 1024, or none'],
    ['max', 'a whole number from 0 to 1000'],
    ['image', 'text, or none'],
  ])('%s in words: %s', (name, words) => {
    expect(expectedOf(field(name))).toBe(words);
  });

  it.each([
    ['dryRun', 'dry-run'],
    ['memoryMiB', 'memory-mib'],
    ['idleTime', 'idle-time'],
  ])('%s is typed --%s', (name, typed) => {
    expect(optionName(name)).toBe(typed);
  });

  it('of a list that has a wrong item, the item is named', () => {
    const given = { name: 'a', tags: ['good', 'b\na'] };
    const { issues = [] } = contract['pool.set'].input.safeParse(given).error ?? {};
    expect(inputError(fields, given, issues)).toMatchObject({
      key: 'usage.invalid-value',
      message: String.raw`tags must be a list of at most 100, with commas between, not "b\na".`,
      next: 'It takes no commas and no control characters.',
    });
  });
});
