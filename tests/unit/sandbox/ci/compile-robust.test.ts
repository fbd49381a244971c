// The compiler answers whatever it is given: it neither throws nor hangs.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { compile, jobNames } from './compiling.ts';

const tooBig = { kind: 'invalid', errors: ['`.gitlab-ci.yml`: The parsed YAML is too big'] };

const tooSlow = { kind: 'invalid', errors: ['The regular expressions take too long to match'] };

const kinds = ['pipeline', 'invalid', 'none'];

const keywords = [
  'script',
  'stage',
  'stages',
  'image',
  'services',
  'name',
  'rules',
  'if',
  'changes',
  'exists',
  'when',
  'start_in',
  'needs',
  'job',
  'parallel',
  'matrix',
  'variables',
  'value',
  'expand',
  'default',
  'workflow',
  'extends',
  'cache',
  'key',
  'files',
  'prefix',
  'artifacts',
  'reports',
  'junit',
  'paths',
  'retry',
  'max',
  'timeout',
  'only',
  'except',
  'refs',
  'tags',
  'allow_failure',
  'exit_codes',
  'environment',
  'coverage',
  'dependencies',
  'include',
  'trigger',
  'a',
  'b',
  '.a',
  '__proto__',
  'constructor',
  'spec',
  '<<',
];

const scalar = fc.oneof(
  fc.constantFrom(
    'a',
    'b',
    '.a',
    'test',
    'build',
    'always',
    'never',
    'manual',
    'delayed',
    '1 day',
    '$A == "b"',
    '/a+/',
    '$A',
    'main',
    '',
  ),
  fc.integer({ min: -3, max: 250 }),
  fc.boolean(),
  fc.constant(null),
  fc.double(),
);

const { node } = fc.letrec((tie) => ({
  node: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    scalar,
    fc.array(tie('node'), { maxLength: 4 }),
    fc.dictionary(fc.constantFrom(...keywords), tie('node'), { maxKeys: 6 }),
  ),
}));

const job = fc
  .dictionary(fc.constantFrom(...keywords), node, { maxKeys: 8 })
  .map((map) => ({ script: 'x', ...map }));

describe('the compiler', () => {
  it('answers to any text', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => kinds.includes(compile(text).kind)));
    const pieces = fc.constantFrom(
      'a',
      ':',
      ' ',
      '\n',
      '-',
      '[',
      ']',
      '{',
      '}',
      '&a',
      '*a',
      '<<',
      '!reference',
      '"',
      "'",
      '|',
      '?',
      '%',
      '#',
      '\t',
      'script',
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 60 }), (parts) =>
        kinds.includes(compile(parts.join('')).kind),
      ),
      {
        numRuns: 200,
      },
    );
  });

  it('answers to any YAML made of its keywords', () => {
    const file = fc.dictionary(fc.constantFrom(...keywords), fc.oneof(job, node), { minKeys: 1, maxKeys: 6 });
    fc.assert(
      fc.property(file, (value) => kinds.includes(compile(stringify(value)).kind)),
      { numRuns: 200 },
    );
  });

  it.each([
    ['ten megabytes', 'x'.repeat(10_000_000)],
    ['more than half a megabyte', `job: {script: ${'x'.repeat(512 * 1024)}}`],
    ['lists in lists', '['.repeat(20_000)],
    ['mappings in mappings', `a: ${'{a: '.repeat(20_000)}`],
    ['nested blocks', '- '.repeat(20_000)],
    ['too many levels', `a: ${'['.repeat(101)}${']'.repeat(101)}`],
    [
      'a bomb of aliases',
      `a0: &a0 [x, x]\n${Array.from({ length: 40 }, (_, i) => `a${String(i + 1)}: &a${String(i + 1)} [*a${String(i)}, *a${String(i)}]`).join('\n')}`,
    ],
    [
      'a bomb of merges',
      `.a: &a {${Array.from({ length: 3000 }, (_, i) => `k${String(i)}: 1`).join(', ')}}\njob: {<<: [${'*a, '.repeat(3000)}]}`,
    ],
    [
      'a bomb of extends',
      `.a: {${Array.from({ length: 3000 }, (_, i) => `k${String(i)}: 1`).join(', ')}}\njob: {extends: [${'.a, '.repeat(3000)}]}`,
    ],
    [
      'a bomb of references',
      `.a0: [x, x]\n${Array.from({ length: 40 }, (_, i) => `.a${String(i + 1)}: [!reference [.a${String(i)}], !reference [.a${String(i)}]]`).join('\n')}`,
    ],
    [
      'a long chain of references',
      Array.from({ length: 5000 }, (_, i) => `.a${String(i)}: !reference [.a${String(i + 1)}]`).join('\n'),
    ],
  ])('refuses %s', (_, yaml) => {
    expect(compile(yaml)).toEqual(tooBig);
  });

  it('refuses to make millions of jobs', () => {
    const yaml = Array.from({ length: 100 }, (_, i) => `j${String(i)}: {script: x, parallel: 200}`).join(
      '\n',
    );
    expect(compile(yaml)).toEqual({
      kind: 'invalid',
      errors: ['Pipeline has too many jobs! Requested 20000.'],
    });
  });

  it('refuses rules whose expressions would take minutes', () => {
    const rule = `{if: '$LONG =~ /(?:a?){1000}b/'}`;
    const yaml = `variables: {LONG: ${'a'.repeat(30_000)}}\njob: {script: x, rules: [${rule}]}`;
    expect(compile(yaml)).toEqual(tooSlow);
  });

  const full = (part: string): string => part.repeat(Math.floor((500 * 1024) / part.length));
  const numbered = (part: (index: number) => string): string =>
    Array.from({ length: 20_000 }, (_, index) => part(index))
      .join('')
      .slice(0, 500 * 1024);

  it.each([
    ['quotes', full('"')],
    ['brackets', full('[]')],
    ['closed braces', full('}')],
    ['commas', `[${full(',')}`],
    ['a list', `job:\n  script:\n${full('    - echo hello\n')}`],
    ['expressions', `job:\n  script: x\n  only: [${numbered((index) => `/(?i)${String(index)}\\pL/,`)}]`],
    [
      'long matches',
      `variables: {LONG: ${'a'.repeat(40_000)}}\njob:\n  script: x\n  rules:\n${numbered((index) => `  - if: $LONG =~ /(?:a?){90}[bc]${String(index)}/\n`)}`,
    ],
  ])('answers within two seconds to half a megabyte of %s', (_, yaml) => {
    const start = process.threadCpuUsage();
    expect(kinds).toContain(compile(yaml).kind);
    const { user, system } = process.threadCpuUsage(start);
    expect(user + system).toBeLessThan(2_000_000);
  });

  it('compiles a thousand jobs that need each other', () => {
    const line = (i: number): string =>
      `j${String(i)}: {script: x, needs: [${i === 0 ? '' : `j${String(i - 1)}`}]}`;
    expect(jobNames(Array.from({ length: 1000 }, (_, i) => line(i)).join('\n'))).toHaveLength(1000);
  });

  it('changes nothing that it is given', () => {
    const yaml = 'variables: {A: b}\njob: {script: x, parallel: 2, needs: []}';
    expect(compile(yaml)).toEqual(compile(yaml));
  });
});
