// What a job is made of, keyword by keyword.
import { describe, expect, it } from 'vitest';
import { jobOf, pipelineOf } from './compiling.ts';

describe('a job', () => {
  it("has GitLab's defaults", () => {
    expect(jobOf('job: {script: make}')).toEqual({
      name: 'job',
      stage: 'test',
      tags: [],
      when: 'on_success',
      allowFailure: false,
      needs: null,
      dependencies: null,
      script: ['make'],
      afterScript: [],
      variables: [],
      image: null,
      services: [],
      artifacts: [],
      cache: [],
      retry: { max: 0, when: ['always'] },
      timeoutSeconds: null,
      interruptible: false,
    });
  });

  it('runs before_script and script as one, with nested lists flattened', () => {
    const job = jobOf('job: {before_script: [a, [b, [c]]], script: [[d], e], after_script: f}');
    expect(job.script).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(job.afterScript).toEqual(['f']);
  });

  it('takes what it leaves out from default and from the keywords of old', () => {
    const yaml = `
image: old
default: {before_script: [setup], tags: [linux], retry: 1, timeout: 1h 30m, interruptible: true}
plain: {script: x}
own: {script: x, before_script: [], tags: [], retry: 0, timeout: 90 minutes, interruptible: false, image: new}
`;
    expect(jobOf(yaml, 'plain')).toMatchObject({
      script: ['setup', 'x'],
      tags: ['linux'],
      retry: { max: 1 },
      timeoutSeconds: 5400,
      interruptible: true,
      image: { name: 'old' },
    });
    expect(jobOf(yaml, 'own')).toMatchObject({
      script: ['x'],
      tags: [],
      retry: { max: 0 },
      timeoutSeconds: 5400,
      interruptible: false,
      image: { name: 'new' },
    });
  });

  it('hands on images and services as they are written', () => {
    const job = jobOf(`
job:
  script: x
  image: {name: $REGISTRY/app, entrypoint: [''], pull_policy: always, docker: {platform: linux/arm64, user: 1000}}
  services:
    - redis:7
    - {name: postgres, alias: db pg, command: [postgres, -c, a=b], entrypoint: [e], pull_policy: [never, always], variables: {A: 1}}
`);
    expect(job.image).toEqual({
      name: '$REGISTRY/app',
      entrypoint: [''],
      pullPolicy: ['always'],
      platform: 'linux/arm64',
      user: '1000',
    });
    expect(job.services).toMatchObject([
      { name: 'redis:7' },
      {
        name: 'postgres',
        alias: 'db pg',
        command: ['postgres', '-c', 'a=b'],
        entrypoint: ['e'],
        pullPolicy: ['never', 'always'],
        variables: [{ key: 'A', value: '1' }],
      },
    ]);
  });

  it('uploads an archive and one artifact for each report', () => {
    const job = jobOf(`
job:
  script: x
  artifacts:
    name: $CI_JOB_NAME
    paths: [out/]
    exclude: [out/tmp]
    when: always
    expire_in: 1 week
    reports:
      junit: report.xml
      dotenv: [build.env]
      coverage_report: {coverage_format: cobertura, path: cov.xml}
`);
    expect(job.artifacts).toEqual([
      {
        name: '$CI_JOB_NAME',
        untracked: false,
        paths: ['out/'],
        exclude: ['out/tmp'],
        when: 'always',
        expireIn: '1 week',
        type: 'archive',
        format: 'zip',
      },
      ...[
        ['junit', 'junit.xml', 'report.xml'],
        ['dotenv', '.env', 'build.env'],
        ['cobertura', 'cobertura-coverage.xml', 'cov.xml'],
      ].map(([type, name, path]) => ({
        name,
        untracked: false,
        paths: [path],
        exclude: [],
        when: 'always',
        expireIn: '1 week',
        type,
        format: 'gzip',
      })),
    ]);
    expect(jobOf('job: {script: x, artifacts: {reports: {sast: s.json}}}').artifacts).toMatchObject([
      { type: 'sast', format: 'raw' },
    ]);
  });

  it('caches under a text, or under what files of the commit contain', () => {
    const yaml = `
job:
  script: x
  variables: {POLICY: pull}
  cache:
    - {key: $CI_COMMIT_REF_SLUG, paths: [a], policy: $POLICY, fallback_keys: [old]}
    - {key: {files: [package-lock.json, missing], prefix: npm}, paths: [b], when: always, untracked: true}
    - {key: {files: [none]}}
    - {paths: [c]}
`;
    const job = jobOf(yaml, 'job', { digestFiles: (paths) => `digest of ${paths.join(' ')}` });
    expect(job.cache).toEqual([
      {
        key: '$CI_COMMIT_REF_SLUG',
        paths: ['a'],
        policy: 'pull',
        fallbackKeys: ['old'],
        when: 'on_success',
        untracked: false,
      },
      {
        key: 'npm-digest of package-lock.json',
        paths: ['b'],
        policy: 'pull-push',
        fallbackKeys: [],
        when: 'always',
        untracked: true,
      },
      {
        key: 'default',
        paths: [],
        policy: 'pull-push',
        fallbackKeys: [],
        when: 'on_success',
        untracked: false,
      },
      {
        key: 'default',
        paths: ['c'],
        policy: 'pull-push',
        fallbackKeys: [],
        when: 'on_success',
        untracked: false,
      },
    ]);
    expect(pipelineOf(yaml).unsupported).toEqual(['job.cache.key.files']);
  });

  it('can do without the cache of default', () => {
    const yaml =
      'default: {cache: {paths: [a]}}\none: {script: x}\ntwo: {script: x, cache: {}}\nthree: {script: x, cache: []}';
    expect(pipelineOf(yaml).jobs.map((job) => job.cache.length)).toEqual([1, 0, 0]);
  });

  it.each([
    ['retry: 2', { max: 2, when: ['always'] }],
    ['retry: {max: 1, when: script_failure}', { max: 1, when: ['script_failure'] }],
    [
      'retry: {max: 1, when: [api_failure, unknown_failure]}',
      { max: 1, when: ['api_failure', 'unknown_failure'] },
    ],
  ])('reads %s', (keyword, retry) => {
    expect(jobOf(`job: {script: x, ${keyword}}`).retry).toEqual(retry);
  });

  it.each([
    ['1h 30m', 5400],
    ['90 minutes', 5400],
    ["'3600'", 3600],
    ['2h20min', 8400],
  ])('reads the timeout %s', (timeout, seconds) => {
    expect(jobOf(`job: {script: x, timeout: ${timeout}}`).timeoutSeconds).toBe(seconds);
  });

  it.each([
    ['allow_failure: true', true, 'on_success'],
    ['allow_failure: {exit_codes: 3}', [3], 'on_success'],
    ['allow_failure: {exit_codes: [3, 4]}', [3, 4], 'on_success'],
    ['when: manual', true, 'manual'],
    ['when: manual, allow_failure: false', false, 'manual'],
    ['rules: [{when: manual}]', false, 'manual'],
    ['rules: [{when: manual, allow_failure: true}]', true, 'manual'],
    ['when: manual, rules: [{when: on_success}]', true, 'on_success'],
    ['allow_failure: {exit_codes: 3}, rules: [{when: always, allow_failure: false}]', false, 'always'],
  ])('with %s may fail: %s', (keywords, allowFailure, when) => {
    expect(jobOf(`job: {script: x, ${keywords}}`)).toMatchObject({ allowFailure, when });
  });

  it('waits as long as delayed jobs shall', () => {
    expect(jobOf('job: {script: x, when: delayed, start_in: 30 minutes}').startInSeconds).toBe(1800);
    expect(jobOf('job: {script: x, rules: [{when: delayed, start_in: 1 week}]}').startInSeconds).toBe(604800);
  });

  it('names its environment and coverage', () => {
    const job = jobOf(
      'job: {script: x, variables: {APP: web}, environment: {name: review/$APP}, coverage: /\\d+%/}',
    );
    expect(job).toMatchObject({ environment: 'review/web', coverage: '\\d+%' });
  });
});
