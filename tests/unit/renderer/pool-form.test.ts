import { describe, expect, it } from 'vitest';
import type { RequestField } from '../../../main/contract/fields.ts';
import { poolSchema } from '../../../main/model/pool.ts';
import {
  emptyWords,
  fieldHelp,
  fieldReading,
  fieldUnit,
  fieldWords,
  poolFieldGroups,
  poolFormFields,
  readForm,
  textsOf,
} from '../../../renderer/state/pool-form.ts';

const pool = poolSchema.parse({
  name: 'gpu',
  tags: ['docker', 'cuda'],
  cpus: 2,
  scope: { kind: 'group', path: 'lab/web' },
});
const before = textsOf(pool);

function fieldOf(name: string): RequestField {
  const field = poolFormFields.find((one) => one.name === name);
  if (field === undefined) throw new Error(`there is no field ${name}`);
  return field;
}

describe('the form of a pool', () => {
  it('shows what is set, as text', () => {
    expect(before).toMatchObject({
      name: 'gpu',
      tags: 'docker, cuda',
      cpus: '2',
      memoryMiB: '',
      runUntagged: 'true',
      scope: 'group:lab/web',
    });
  });

  it('has words for every field, and every field once', () => {
    for (const { name } of poolFormFields) expect(fieldWords(name)).toMatch(/^[A-Z][a-zA-Z]*( [a-zA-Z]+)*$/);
    const grouped = poolFieldGroups.flatMap(({ fields }) => fields.map(({ name }) => name));
    expect(grouped.toSorted()).toEqual(poolFormFields.map(({ name }) => name).toSorted());
    expect(poolFieldGroups.flatMap(({ fields }) => fields).every((field) => fieldHelp(field) !== '.')).toBe(
      true,
    );
  });

  it.each([
    ['idleTime', '300', 's', '5 min', '1 to 86,400, default 300.'],
    ['memoryMiB', '2048', 'MiB', '2.1 GB', 'empty for no limit. 64 to 4,194,304.'],
    ['priority', '7', null, null, '-100 to 100, default 0.'],
    ['tags', 'a', null, null, 'At most 100.'],
    ['runUntagged', 'true', null, null, 'Default yes.'],
    ['image', 'debian:13', null, null, 'Image of the runner; empty for the usual one.'],
  ])('says of %s its unit, its reading and its range', (name, text, unit, reading, help) => {
    const field = fieldOf(name);
    expect(fieldUnit(field)).toBe(unit);
    expect(fieldReading(field, text)).toBe(reading);
    expect(fieldHelp(field)).toContain(help);
  });

  it('says what an empty field means', () => {
    expect(emptyWords(fieldOf('memoryMiB'))).toBe('no limit');
    expect(emptyWords(fieldOf('jobsPerRunner'))).toBe('when it is idle');
    expect(emptyWords(fieldOf('max'))).toBeNull();
  });

  it('changes nothing as long as nothing is typed', () => {
    expect(readForm(before, before)).toEqual({
      name: 'gpu',
      change: {},
      options: '',
      canBeTyped: true,
      errors: {},
    });
  });

  it('reads only what differs, and gives the same command', () => {
    const texts = { ...before, tags: 'docker,  big one', cpus: '', max: '9', runUntagged: 'false' };
    expect(readForm(texts, before)).toEqual({
      name: 'gpu',
      change: { tags: ['docker', 'big one'], cpus: null, max: 9, runUntagged: false },
      canBeTyped: true,
      options: " --tags 'docker,big one' --run-untagged false --max 9 --cpus none",
      errors: {},
    });
  });

  it('says beside each field what it takes', () => {
    const texts = { ...before, max: '-1', memoryMiB: 'much', tags: 'a,,b', scope: 'everybody' };
    const { errors } = readForm(texts, before);
    expect(Object.keys(errors).sort()).toEqual(['max', 'memoryMiB', 'scope', 'tags']);
    expect(errors['max']).toBe('Most runners must be a whole number from 0 to 1000, not -1.');
    expect(errors['memoryMiB']).toContain('must be a whole number from 64 to 4194304, or none, not "much"');
    expect(errors['tags']).toContain('Tags must be a list');
    expect(errors['scope']).toContain('It takes instance, group:PATH or project:PATH.');
  });

  it('says what does not fit together', () => {
    const { errors } = readForm({ ...before, max: '2', min: '3' }, before);
    expect(errors).toEqual({ min: 'Not above "Most runners".' });
  });

  it('takes lists of long items one a line, values with commas included', () => {
    const texts = { ...before, env: 'A=1,2\n\nB=x y\n', prePull: 'debian:13\nalpine:3' };
    const { change, options, errors, canBeTyped } = readForm(texts, before);
    expect(errors).toEqual({});
    expect(change).toEqual({ env: ['A=1,2', 'B=x y'], prePull: ['debian:13', 'alpine:3'] });
    expect(options).toContain(' --pre-pull debian:13,alpine:3');
    expect(canBeTyped).toBe(false);
    expect(readForm({ ...texts, env: 'A=1' }, before).canBeTyped).toBe(true);
  });

  it('shows such lists as they are typed', () => {
    const texts = textsOf({ ...pool, env: { A: '1', B: 'x' }, mounts: ['/srv/a:/a', '/srv/b:/b:rw'] });
    expect(texts['env']).toBe('A=1\nB=x');
    expect(texts['mounts']).toBe('/srv/a:/a\n/srv/b:/b:rw');
  });

  it('of a new pool begins with the defaults', () => {
    expect(textsOf(null)).toMatchObject({ name: '', max: '4', idleTime: '300', scope: 'instance' });
  });

  it('of a new pool needs a name that fits', () => {
    const empty = textsOf(null);
    expect(readForm(empty, empty).errors['name']).toContain('Name');
    expect(readForm({ ...empty, name: 'Big' }, empty).errors['name']).toContain(
      'It takes lower-case letters',
    );
    expect(readForm({ ...empty, name: 'big', max: '2' }, empty)).toEqual({
      name: 'big',
      change: { max: 2 },
      canBeTyped: true,
      options: ' --max 2',
      errors: {},
    });
  });
});
