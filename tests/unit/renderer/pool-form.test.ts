import { describe, expect, it } from 'vitest';
import { poolSchema } from '../../../main/model/pool.ts';
import {
  fieldHelp,
  fieldWords,
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

  it('has words for every field', () => {
    for (const { name } of poolFormFields) expect(fieldWords(name)).toMatch(/^[A-Z][a-z]+( [a-zA-Z()]+)*$/);
    expect(fieldWords('idleTime')).toBe('Idle time (seconds)');
    const image = poolFormFields.find(({ name }) => name === 'image');
    expect(image === undefined ? '' : fieldHelp(image)).toBe('Image of the runner; empty for the usual one');
  });

  it('changes nothing as long as nothing is typed', () => {
    expect(readForm(before, before)).toEqual({ name: 'gpu', change: {}, options: '', errors: {} });
  });

  it('reads only what differs, and gives the same command', () => {
    const texts = { ...before, tags: 'docker,  big one', cpus: '', max: '9', runUntagged: 'false' };
    expect(readForm(texts, before)).toEqual({
      name: 'gpu',
      change: { tags: ['docker', 'big one'], cpus: null, max: 9, runUntagged: false },
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

  it('of a new pool needs a name that fits', () => {
    const empty = textsOf(null);
    expect(readForm(empty, empty).errors['name']).toContain('Name');
    expect(readForm({ ...empty, name: 'Big' }, empty).errors['name']).toContain(
      'It takes lower-case letters',
    );
    expect(readForm({ ...empty, name: 'big', max: '2' }, empty)).toEqual({
      name: 'big',
      change: { max: 2 },
      options: ' --max 2',
      errors: {},
    });
  });
});
