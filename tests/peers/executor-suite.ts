// What every executor of the official runner does with the sandbox's jobs.
import { join } from 'node:path';
import type { TomlTable } from 'smol-toml';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startOfficialRunner } from './official-runner.ts';
import type { OfficialRunner } from './official-runner.ts';
import { openLab } from './sandbox-lab.ts';
import type { SandboxLab } from './sandbox-lab.ts';

export interface ExecutorSubject {
  readonly binary: string;
  /** Of the entry of `runners` in `config.toml`. */
  readonly runner: TomlTable;
  /** As the executor says how a script ended: `exit status 42`, `exit code 42`. */
  exitWords(code: number): string;
}

export const systemId = 'r_0a1b2c3d4e5f';

/** Kilobytes of log that the runner sends; its own default of 4096 is a test of its own. */
const outputLimit = 16_384;

/**
 * One `run-single` takes the jobs of all tests. They run at the same time, so that it always finds a job and does not
 * sleep its three seconds between.
 */
export function executorSuite(find: () => ExecutorSubject): { readonly lab: () => SandboxLab } {
  let lab: SandboxLab;
  let runner: OfficialRunner;

  beforeAll(async () => {
    lab = await openLab();
    const { token } = await lab.createRunnerEntry();
    runner = await startOfficialRunner({
      ...{ binary: find().binary, folder: join(lab.folder, 'runner'), url: lab.sandbox.url, token, systemId },
      idleTime: 600,
      runner: { ...find().runner, output_limit: outputLimit },
    });
  });
  afterAll(async () => {
    await runner.stop();
    await lab.close();
  });

  it.concurrent('clones the commit over HTTP', async () => {
    const pipeline = await lab.pushPipeline(
      'clone',
      'show:\n  script: [cat greeting.txt, "echo $CI_COMMIT_SHA $CI_COMMIT_BRANCH $CI_PROJECT_PATH"]\n',
      { 'greeting.txt': 'a file of the repository\n' },
    );
    expect((await lab.finish(pipeline.id)).status).toBe('success');
    const log = await lab.log(lab.job(pipeline.id, 'show'));
    expect(log).toContain('a file of the repository');
    expect(log).toContain(`${pipeline.sha} main root/clone`);
    expect(log).toContain('Job succeeded');
  });

  it.concurrent('hands artifacts from job to job and to people', async () => {
    const pipeline = await lab.pushPipeline('artifacts', artifactsFile);
    expect((await lab.finish(pipeline.id)).status).toBe('success');
    expect(await lab.log(lab.job(pipeline.id, 'use'))).toContain('made at build');
    expect(await lab.log(lab.job(pipeline.id, 'without'))).toContain('nothing here');
    const build = lab.job(pipeline.id, 'build');
    const file = await fetch(
      `${lab.sandbox.url}/api/v4/projects/${build.projectId}/jobs/${build.id}/artifacts/out/made.txt`,
      { headers: { 'PRIVATE-TOKEN': lab.token } },
    );
    expect(await file.text()).toBe('made at build\n');
    expect(await lab.api('GET', `/projects/${build.projectId}/jobs/${build.id}`)).toMatchObject({
      artifacts_file: { filename: 'artifacts.zip' },
      runner_manager: { system_id: systemId, version: expect.stringMatching(/^19\.4\./) as unknown },
    });
  });

  it.concurrent('ends a canceled job gracefully: the script stops, after_script runs', async () => {
    const pipeline = await lab.pushPipeline('cancel', cancelFile);
    const { id, projectId } = lab.job(pipeline.id, 'long');
    await lab.until(() => lab.sandbox.store.files.traceSize(id) > 0);
    await lab.until(() => lab.sandbox.store.files.readTrace(id).includes('now waiting'));
    const answer = await lab.api('POST', `/projects/${projectId}/jobs/${id}/cancel`);
    expect(answer).toMatchObject({ id, status: 'canceling' });
    expect((await lab.finish(pipeline.id)).status).toBe('canceled');
    expect(lab.statuses(pipeline.id)).toEqual({ long: 'canceled', next: 'skipped' });
    const log = await lab.log(lab.job(pipeline.id, 'long'));
    expect(log).toContain('cleaned up after canceled');
    expect(log).not.toContain('never printed');
  });

  it.concurrent('tells the exit code of a job that fails', async () => {
    const pipeline = await lab.pushPipeline('failure', failureFile);
    expect((await lab.finish(pipeline.id)).status).toBe('failed');
    expect(lab.statuses(pipeline.id)).toEqual({ broken: 'failed', next: 'skipped', rescue: 'success' });
    const broken = lab.job(pipeline.id, 'broken');
    expect(broken).toMatchObject({ failureReason: 'script_failure', exitCode: 42 });
    expect(await lab.log(broken)).toContain(`ERROR: Job failed: ${find().exitWords(42)}`);
  });

  it.concurrent('lets jobs fail that may, by exit code too', async () => {
    const pipeline = await lab.pushPipeline('allowed', allowedFile);
    expect(await lab.finish(pipeline.id)).toMatchObject({ status: 'failed' });
    expect(lab.statuses(pipeline.id)).toEqual({
      ...{ any: 'failed', right: 'failed', wrong: 'failed' },
      next: 'skipped',
    });
    const allowed = ['any', 'right', 'wrong'].map((name) => lab.job(pipeline.id, name).allowFailure);
    expect(allowed).toEqual([true, true, false]);
  });

  it.concurrent('goes on after jobs that were allowed to fail, with a warning', async () => {
    const pipeline = await lab.pushPipeline(
      'warned',
      'stages: [a, b]\nany:\n  stage: a\n  script: exit 1\n  allow_failure: true\nnext:\n  stage: b\n  script: echo on\n',
    );
    expect(await lab.finish(pipeline.id)).toMatchObject({ status: 'success', warnings: true });
    expect(lab.statuses(pipeline.id)).toEqual({ any: 'failed', next: 'success' });
  });

  it.concurrent('sends a log of 5 MB whole', async () => {
    const lines = 52_429;
    const pipeline = await lab.pushPipeline(
      'large',
      `loud:\n  script:\n    - ${printLines(lines)}\n    - echo the end\n`,
    );
    expect((await lab.finish(pipeline.id)).status).toBe('success');
    const log = await lab.log(lab.job(pipeline.id, 'loud'));
    expect(log.split('\n').filter((line) => /^0{98}7\r?$/.test(line))).toHaveLength(lines);
    expect(log.indexOf('the end')).toBeGreaterThan(5_242_900);
  });

  it.concurrent('runs a failed job again as often as `retry` says', async () => {
    const pipeline = await lab.pushPipeline('retry', 'again:\n  script: exit 3\n  retry: 2\n');
    expect((await lab.finish(pipeline.id)).status).toBe('failed');
    const { store } = lab.sandbox;
    const tries = store.jobs.by('pipelineId', pipeline.id);
    expect(tries.map(({ status, retried, retryCount }) => [status, retried, retryCount])).toEqual([
      ...[['failed', true, 0] as const, ['failed', true, 1] as const],
      ['failed', false, 2],
    ]);
  });

  it.concurrent('runs a job again when a person asks, and the pipeline goes on', async () => {
    const pipeline = await lab.pushPipeline('again', retryFile);
    expect((await lab.finish(pipeline.id)).status).toBe('failed');
    const broken = lab.job(pipeline.id, 'broken');
    const base = `/projects/${broken.projectId}`;
    await lab.api('POST', `${base}/variables`, { key: 'MENDED', value: 'yes' });
    await lab.api('POST', `${base}/jobs/${broken.id}/retry`);
    await lab.until(() => lab.pipeline(pipeline.id).status !== 'failed');
    expect((await lab.finish(pipeline.id)).status).toBe('success');
    expect(lab.statuses(pipeline.id)).toEqual({ broken: 'success', next: 'success' });
  });

  it.concurrent('runs the parts of a parallel job, each with its number', async () => {
    const pipeline = await lab.pushPipeline('parallel', parallelFile);
    expect((await lab.finish(pipeline.id)).status).toBe('success');
    expect(Object.keys(lab.statuses(pipeline.id)).sort()).toEqual(
      ['part 1/3', 'part 2/3', 'part 3/3', 'system: [mars, arm64]', 'system: [venus, arm64]'].sort(),
    );
    expect(await lab.log(lab.job(pipeline.id, 'part 2/3'))).toContain('part 2 of 3');
    expect(await lab.log(lab.job(pipeline.id, 'system: [venus, arm64]'))).toContain('on venus with arm64');
  });

  it.concurrent('hides the values of masked variables', async () => {
    const { id, tree } = await lab.createProject('masked');
    await lab.api('POST', `/projects/${id}/variables`, {
      key: 'SECRET',
      value: 'hunter2hunter2',
      masked: true,
    });
    await tree.commit({ '.gitlab-ci.yml': 'tell:\n  script: echo "it is $SECRET"\n' });
    await tree.git('push', '--quiet', 'origin', 'main');
    const pipelineId = lab.sandbox.store.pipelines.by('projectId', id)[0]?.id ?? 0;
    expect((await lab.finish(pipelineId)).status).toBe('success');
    const log = await lab.log(lab.job(pipelineId, 'tell'));
    expect(log).toContain('it is [MASKED]');
    expect(log).not.toContain('hunter2');
  });

  return { lab: () => lab };
}

/** A command that prints so many lines of 100 bytes. */
export function printLines(count: number): string {
  return `awk 'BEGIN { for (i = 0; i < ${count}; i++) printf "%099d\\n", 7 }'`;
}

const artifactsFile = `
stages: [build, test]
build:
  stage: build
  script:
    - mkdir out
    - echo "made at build" > out/made.txt
  artifacts:
    paths: [out/]
    expire_in: 1 day
use:
  stage: test
  script: cat out/made.txt
without:
  stage: test
  dependencies: []
  script: test ! -e out && echo "nothing here"
`;

const cancelFile = `
stages: [a, b]
long:
  stage: a
  script:
    - echo "now waiting"
    - for i in $(seq 120); do echo "waited $i s"; sleep 1; done
    - echo "never printed at the end"
  after_script:
    - echo "cleaned up after $CI_JOB_STATUS"
next:
  stage: b
  script: echo next
`;

const failureFile = `
stages: [a, b]
broken:
  stage: a
  script:
    - echo before
    - exit 42
next:
  stage: b
  script: echo next
rescue:
  stage: b
  when: on_failure
  script: echo rescue
`;

const allowedFile = `
stages: [a, b]
any:
  stage: a
  script: exit 1
  allow_failure: true
right:
  stage: a
  script: exit 42
  allow_failure: { exit_codes: [42] }
wrong:
  stage: a
  script: exit 41
  allow_failure: { exit_codes: 42 }
next:
  stage: b
  script: echo next
`;

const retryFile = `
stages: [a, b]
broken:
  stage: a
  script: test "$MENDED" = yes
next:
  stage: b
  script: echo next
`;

const parallelFile = `
part:
  parallel: 3
  script: echo "part $CI_NODE_INDEX of $CI_NODE_TOTAL"
system:
  parallel:
    matrix:
      - PLANET: [mars, venus]
        ARCH: arm64
  script: echo "on $PLANET with $ARCH"
`;
