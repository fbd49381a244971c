// How files are read: variables and their precedence, YAML, extends, references.
import { describe, expect, it } from 'vitest';
import { jobNames, jobOf, valuesOf } from './compiling.ts';

describe('variables', () => {
  it('of rules outrank those of the job, which outrank those of the workflow and the file', () => {
    const yaml = `
variables: {A: file, B: file, C: file, D: {value: file, description: Text, expand: false}}
workflow: {rules: [{when: always, variables: {B: workflow, C: workflow}}]}
job: {script: x, variables: {C: job, E: 5}, rules: [{when: always, variables: {C: rule}}]}
`;
    const { variables } = jobOf(yaml);
    expect(valuesOf(variables)).toEqual({ A: 'file', B: 'workflow', C: 'rule', D: 'file', E: '5' });
    expect(variables.find(({ key }) => key === 'D')).toMatchObject({
      raw: true,
      public: true,
      masked: false,
    });
  });

  it('of the project decide rules before those of the file, predefined ones after them', () => {
    const yaml =
      'variables: {X: file}\njob: {script: x, rules: [{if: \'$X == "file"\'}]}\nother: {script: y}';
    const x = (value: string) => ({ key: 'X', value, public: true, masked: false, file: false, raw: false });
    expect(jobNames(yaml)).toEqual(['job', 'other']);
    expect(jobNames(yaml, { predefinedVariables: [x('predefined')] })).toEqual(['job', 'other']);
    expect(jobNames(yaml, { variables: [x('project')] })).toEqual(['other']);
  });

  it('named like parts of objects are ordinary ones', () => {
    const yaml =
      'variables: {__proto__: a, constructor: b, toString: c}\njob: {script: x}\n__proto__: {script: y}';
    expect(jobOf(yaml).variables.map(({ key, value }) => [key, value])).toEqual([
      ['__proto__', 'a'],
      ['constructor', 'b'],
      ['toString', 'c'],
    ]);
    expect(jobNames(yaml)).toEqual(['job', '__proto__']);
  });
});

describe('YAML', () => {
  it('reads values as GitLab does: numbers in other bases, yes and no, quoted texts', () => {
    const yaml =
      'variables: {O: 0777, U: 1_000, H: 0x1f, T: 1:30, Q: "yes", S: !!str 5, L: 12345678901234567890}\njob: {script: x, interruptible: yes}';
    expect(valuesOf(jobOf(yaml).variables)).toEqual({
      O: '511',
      U: '1000',
      H: '31',
      T: '90',
      Q: 'yes',
      S: '5',
      L: '12345678901234567890',
    });
    expect(jobOf(yaml).interruptible).toBe(true);
  });

  it('carries out anchors, aliases and merge keys', () => {
    const yaml = `
.base: &base {stage: build, tags: [a]}
.more: &more {tags: [b], retry: 1}
.script: &script [one, two]
job: {<<: [*base, *more], script: [*script, three]}
twin: {<<: *base, script: *script, tags: [c]}
`;
    expect(jobOf(yaml)).toMatchObject({
      stage: 'build',
      tags: ['a'],
      retry: { max: 1 },
      script: ['one', 'two', 'three'],
    });
    expect(jobOf(yaml, 'twin')).toMatchObject({ stage: 'build', tags: ['c'] });
  });

  it('merges what jobs extend: mappings key by key, lists replaced, the last base first', () => {
    const yaml = `
.a: {variables: {X: a, Y: a}, tags: [a], script: a}
.b: {extends: .a, variables: {Y: b}, tags: [b]}
.c: {variables: {Z: c}, image: c}
job: {extends: [.b, .c], variables: {W: job}}
`;
    const job = jobOf(yaml);
    expect(valuesOf(job.variables)).toEqual({ X: 'a', Y: 'b', Z: 'c', W: 'job' });
    expect(job).toMatchObject({ tags: ['b'], script: ['a'], image: { name: 'c' } });
  });

  it('puts references in, also nested ones and those to what was extended', () => {
    const yaml = `
.setup: {script: [one, !reference [.more, script]], variables: {URL: here}}
.more: {script: [two]}
.rules: {rules: [{if: '$NO'}, {when: always}]}
.extended: {extends: .setup}
job:
  script: [!reference [.extended, script], three]
  variables: {COPY: !reference [.setup, variables, URL]}
  rules: [!reference [.rules, rules]]
`;
    expect(jobOf(yaml).script).toEqual(['one', 'two', 'three']);
    expect(valuesOf(jobOf(yaml).variables)).toEqual({ COPY: 'here' });
  });

  it('keeps the last of two keys of one name', () => {
    expect(jobOf('job: {script: a}\njob: {script: b}').script).toEqual(['b']);
  });
});
