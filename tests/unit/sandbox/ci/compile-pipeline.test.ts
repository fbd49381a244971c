// What pipelines come out: parallel jobs, order, names, what is not carried out.
import { describe, expect, it } from 'vitest';
import { compile, jobNames, jobOf, pipelineOf, valuesOf } from './compiling.ts';

describe('parallel', () => {
  it('makes numbered jobs that know their number', () => {
    expect(jobNames('job: {script: x, parallel: 3}')).toEqual(['job 1/3', 'job 2/3', 'job 3/3']);
    expect(valuesOf(jobOf('job: {script: x, parallel: 3}', 'job 2/3').variables)).toEqual({
      CI_NODE_INDEX: '2',
      CI_NODE_TOTAL: '3',
    });
  });

  it('makes one job for each combination of a matrix', () => {
    const yaml = `
job:
  script: x
  variables: {ARCH: none, KEEP: yes please}
  tags: [$ARCH]
  parallel: {matrix: [{OS: [linux, mac], ARCH: [x64, arm]}, {OS: bsd}]}
`;
    expect(jobNames(yaml)).toEqual([
      'job: [linux, x64]',
      'job: [linux, arm]',
      'job: [mac, x64]',
      'job: [mac, arm]',
      'job: [bsd]',
    ]);
    const job = jobOf(yaml, 'job: [mac, arm]');
    expect(valuesOf(job.variables)).toEqual({
      CI_NODE_INDEX: '4',
      CI_NODE_TOTAL: '5',
      ARCH: 'arm',
      KEEP: 'yes please',
      OS: 'mac',
    });
    expect(job.tags).toEqual(['arm']);
  });

  it('makes up to 200 jobs', () => {
    expect(jobNames('job: {script: x, parallel: 200}')).toHaveLength(200);
    const values = (count: number): string => Array.from({ length: count }, (_, i) => i).join(', ');
    expect(jobNames(`job: {script: x, parallel: {matrix: [{N: [${values(200)}]}]}}`)).toHaveLength(200);
    expect(compile(`job: {script: x, parallel: {matrix: [{N: [${values(201)}]}]}}`)).toEqual({
      kind: 'invalid',
      errors: ['jobs:job:parallel:matrix config generates too many jobs (maximum is 200)'],
    });
  });

  it('is needed whole, or by the cells that are named', () => {
    const yaml = `
build: {script: x, stage: build, parallel: {matrix: [{OS: [linux, mac]}]}}
all: {script: x, needs: [build]}
one: {script: x, needs: [{job: build, artifacts: false, parallel: {matrix: [{OS: mac}]}}]}
same: {script: x, parallel: {matrix: [{OS: [linux, mac]}]}, needs: [{job: build, parallel: {matrix: [{OS: ['$[[ matrix.OS ]]']}]}}]}
artifacts: {script: x, dependencies: [build]}
`;
    expect(jobOf(yaml, 'all').needs).toEqual([
      { job: 'build: [linux]', artifacts: true, optional: false },
      { job: 'build: [mac]', artifacts: true, optional: false },
    ]);
    expect(jobOf(yaml, 'one').needs).toEqual([{ job: 'build: [mac]', artifacts: false, optional: false }]);
    expect(jobOf(yaml, 'same: [mac]').needs?.map((need) => need.job)).toEqual(['build: [mac]']);
    expect(jobOf(yaml, 'artifacts').dependencies).toEqual(['build: [linux]', 'build: [mac]']);
  });
});

describe('the pipeline', () => {
  it('has its jobs in the order of stages, and only stages with jobs', () => {
    const yaml = `
stages: [one, two, [three]]
c: {script: x, stage: three}
z: {script: x, stage: .post}
a: {script: x, stage: one}
b: {script: x, stage: one}
y: {script: x, stage: .pre}
`;
    expect(pipelineOf(yaml).stages).toEqual(['.pre', 'one', 'three', '.post']);
    expect(jobNames(yaml)).toEqual(['y', 'a', 'b', 'c', 'z']);
  });

  it('carries a hundred jobs that need each other', () => {
    const line = (i: number): string =>
      `job${String(i)}: {script: x, needs: [${i === 0 ? '' : `job${String(i - 1)}`}]}`;
    const { jobs } = pipelineOf(Array.from({ length: 100 }, (_, i) => line(99 - i)).join('\n'));
    expect(jobs).toHaveLength(100);
    expect(jobs.find((job) => job.name === 'job0')?.needs).toEqual([]);
    expect(jobs.find((job) => job.name === 'job99')?.needs).toEqual([
      { job: 'job98', artifacts: true, optional: false },
    ]);
  });

  it('leaves out optional needs and dependencies that are not there', () => {
    const yaml = `
gone: {script: x, rules: [{when: never}]}
a: {script: x, needs: [{job: gone, optional: true}, {job: nowhere, optional: true}]}
b: {script: x, dependencies: [gone]}
`;
    expect(jobOf(yaml, 'a').needs).toEqual([]);
    expect(jobOf(yaml, 'b').dependencies).toEqual([]);
  });

  it('has a name with variables put in', () => {
    const yaml = 'workflow: {name: " $CI_COMMIT_BRANCH of $WHO "}\nvariables: {WHO: me}\njob: {script: x}';
    expect(pipelineOf(yaml).name).toBe('main of me');
    expect(pipelineOf('workflow: {name: $NOTHING}\njob: {script: x}').name).toBeNull();
    expect(pipelineOf('job: {script: x}').name).toBeNull();
  });

  it('names what the sandbox does not carry out', () => {
    const yaml = `
include: other.yml
default: {hooks: {pre_get_sources_script: [x]}, id_tokens: {A: {aud: b}}}
workflow: {auto_cancel: {on_new_commit: none}}
deploy: {stage: deploy, trigger: {project: a/b}}
steps: {run: [{name: a, script: b}]}
job:
  script: x
  resource_group: one
  release: {tag_name: a}
  secrets: {A: {vault: b}}
  inherit: {default: false}
  pages: true
  environment: {name: prod, url: http://x, action: stop}
  artifacts: {paths: [a], expose_as: b, public: false}
  retry: {max: 1, exit_codes: 3}
  cache: {paths: [a], unprotect: true}
  needs: [{pipeline: $P, job: a}]
  image: {name: a, kubernetes: {user: 1}}
  only: {refs: [main], kubernetes: active}
`;
    const result = pipelineOf(yaml);
    expect(result.jobs.map((job) => job.name)).toEqual(['job']);
    expect([...result.unsupported].sort()).toEqual([
      'default.hooks',
      'default.id_tokens',
      'deploy.trigger',
      'include',
      'job.artifacts.expose_as',
      'job.artifacts.public',
      'job.cache.unprotect',
      'job.environment.action',
      'job.environment.url',
      'job.image.kubernetes',
      'job.inherit',
      'job.needs.pipeline',
      'job.only.kubernetes',
      'job.pages',
      'job.release',
      'job.resource_group',
      'job.retry.exit_codes',
      'job.secrets',
      'steps.run',
      'workflow.auto_cancel',
    ]);
  });

  it('reports the header of a file with inputs', () => {
    expect(pipelineOf('spec: {inputs: {a: {}}}\n---\njob: {script: x}').unsupported).toEqual(['spec']);
  });

  it('says so when nothing is left that the sandbox carries out', () => {
    expect(compile('deploy: {trigger: {project: a/b}}')).toEqual({
      kind: 'none',
      reason: 'The sandbox carries out none of these keywords: deploy.trigger.',
    });
  });
});
