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
