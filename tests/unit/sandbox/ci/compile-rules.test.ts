// Which jobs are part of the pipeline: rules, only and except, workflow.
import { describe, expect, it } from 'vitest';
import type { CompileContext } from '../../../../main/sandbox/ci/pipeline-spec.ts';
import { compile, jobNames, jobOf, variable } from './compiling.ts';

/** Whether a job with these keywords is in the pipeline. */
function isIn(keywords: string, context: Partial<CompileContext> = {}): boolean {
  return jobNames(`job: {script: x, ${keywords}}\nother: {script: y}`, context).includes('job');
}

const emptyPipeline =
  'The resulting pipeline would have been empty. Review the rules configuration for the relevant jobs.';

describe('rules', () => {
  it.each([
    ['rules: [{if: $CI_COMMIT_BRANCH}]', true],
    ['rules: [{if: $CI_COMMIT_TAG}]', false],
    ['rules: []', false],
    ['rules: [{if: \'$CI_COMMIT_BRANCH == "main"\', when: never}, {when: always}]', false],
    ['rules: [{if: $NO, when: never}, {when: on_failure}]', true],
    ['rules: [{changes: [src/**/*]}]', true],
    ['rules: [{changes: [lib/**/*]}]', false],
    ['rules: [{changes: {paths: ["*.md", "docs/*.md"]}}]', true],
    ['variables: {DIR: src}, rules: [{changes: [$DIR/app.ts]}]', true],
    ['rules: [{exists: [Dockerfile]}]', true],
    ['rules: [{exists: Dockerfile}]', true],
    ['rules: [{exists: ["**/*.rb"]}]', true],
    ['rules: [{exists: {paths: ["*.rb"]}}]', false],
    ['rules: [{if: $CI_COMMIT_BRANCH, exists: [Dockerfile], changes: [src/app.ts]}]', true],
    ['rules: [{if: $CI_COMMIT_BRANCH, exists: [Dockerfile], changes: [nothing]}]', false],
    ['variables: {A: $CI_COMMIT_BRANCH-x}, rules: [{if: \'$A == "main-x"\'}]', true],
    ['rules: [{if: \'$CI_JOB_NAME == "job"\'}]', true],
  ])('%s: %s', (keywords, expected) => {
    expect(isIn(keywords)).toBe(expected);
  });

  it('take changes to hold when there is nothing to compare with, and not when nothing changed', () => {
    expect(isIn('rules: [{changes: [nowhere]}]', { changedPaths: null })).toBe(true);
    expect(isIn('rules: [{changes: ["**/*"]}]', { changedPaths: [] })).toBe(false);
  });

  it('take a clause to hold that would need too many comparisons', () => {
    const paths = Array.from({ length: 50_001 }, (_, i) => `f${String(i)}`);
    expect(isIn('rules: [{changes: [nowhere]}]', { changedPaths: paths })).toBe(true);
    expect(isIn('rules: [{changes: [nowhere]}]', { changedPaths: paths.slice(1) })).toBe(false);
    expect(isIn('rules: [{exists: ["*.nowhere"]}]', { treePaths: paths.slice(0, 10_001) })).toBe(true);
    expect(isIn('rules: [{exists: ["*.nowhere"]}]', { treePaths: paths.slice(0, 10_000) })).toBe(false);
  });

  it('compare with another ref where the server can', () => {
    const keywords = 'variables: {BASE: v1}, rules: [{changes: {paths: [new.txt], compare_to: $BASE}}]';
    const changedPathsSince = (ref: string): readonly string[] | null => (ref === 'v1' ? ['new.txt'] : null);
    expect(isIn(keywords, { changedPathsSince })).toBe(true);
    expect(isIn(keywords)).toBe(false);
    const result = compile(`job: {script: x, ${keywords}}\nother: {script: y}`);
    expect(result).toMatchObject({ unsupported: ['job.rules.changes.compare_to'] });
  });

  it('set when, variables, needs and interruptible of the job', () => {
    const yaml = `
a: {script: x, stage: build}
b: {script: x, stage: build}
job:
  script: x
  needs: [a]
  when: on_failure
  rules:
    - {if: $NO, when: always}
    - {if: $CI_COMMIT_BRANCH, needs: [b], variables: {V: rule}, interruptible: true}
`;
    expect(jobOf(yaml)).toMatchObject({
      when: 'on_failure',
      needs: [{ job: 'b' }],
      variables: [{ key: 'V', value: 'rule' }],
      interruptible: true,
    });
  });

  it('leave no pipeline when they take every job out, or leave only .pre and .post', () => {
    expect(compile('job: {script: x, rules: [{when: never}]}')).toEqual({
      kind: 'none',
      reason: emptyPipeline,
    });
    expect(compile('job: {script: x, stage: .pre}')).toEqual({ kind: 'none', reason: emptyPipeline });
  });
});

describe('only and except', () => {
  const tag: Partial<CompileContext> = { ref: 'v1.2', refType: 'tag' };
  it.each<[string, Partial<CompileContext>, boolean]>([
    ['only: [branches]', {}, true],
    ['only: [branches]', tag, false],
    ['only: [tags]', tag, true],
    ['only: [main]', {}, true],
    ['only: [/^ma/]', {}, true],
    ['only: [/^MA/i]', {}, true],
    ['only: [/^v\\d/]', {}, false],
    ['only: [/^v\\d/]', tag, true],
    ['only: [pushes]', {}, true],
    ['only: [web]', {}, false],
    ['only: [web]', { source: 'web' }, true],
    ['only: [api]', { source: 'api' }, true],
    ['only: [schedules]', { source: 'schedule' }, true],
    ['only: [triggers]', { source: 'trigger' }, true],
    ['only: [main@group/project]', { variables: [variable('CI_PROJECT_PATH', 'group/project')] }, true],
    ['only: [main@group/other]', { variables: [variable('CI_PROJECT_PATH', 'group/project')] }, false],
    ['only: {variables: [\'$A == "1"\', $CI_COMMIT_BRANCH]}', {}, true],
    ["only: {refs: [main], variables: ['$A']}", {}, false],
    ['only: {changes: [src/*]}', {}, true],
    ['only: {changes: [lib/*]}', {}, false],
    ['except: [main]', {}, false],
    ['except: [tags]', {}, true],
    ['except: {variables: [$CI_COMMIT_BRANCH]}', {}, false],
    ['only: [branches], except: [/^ma.*/]', {}, false],
  ])('%s with %j: %s', (keywords, context, expected) => {
    expect(isIn(keywords, context)).toBe(expected);
  });
});

describe('workflow', () => {
  const filtered = {
    kind: 'none',
    reason: 'The pipeline did not run. Review the workflow:rules configuration for the pipeline.',
  };
  it.each([
    ['rules: [{if: $CI_COMMIT_TAG}]', false],
    ['rules: [{if: $CI_COMMIT_BRANCH}]', true],
    ['rules: [{if: $CI_COMMIT_BRANCH, when: never}, {when: always}]', false],
    ['rules: [{changes: [src/*]}]', true],
    ['rules: [{exists: [nothing]}]', false],
  ])('%s lets the pipeline run: %s', (rules, runs) => {
    const result = compile(`workflow: {${rules}}\njob: {script: x}`);
    if (runs) expect(result.kind).toBe('pipeline');
    else expect(result).toEqual(filtered);
  });

  it('hands variables of its rule to the rules of jobs', () => {
    const yaml = `
workflow: {rules: [{if: $CI_COMMIT_BRANCH, variables: {MODE: full}}]}
job: {script: x, rules: [{if: '$MODE == "full"'}]}
`;
    expect(jobNames(yaml)).toEqual(['job']);
  });
});
