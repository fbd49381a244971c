// Real pushes with git, and the pipelines that GitLab would make of them.
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Pipeline } from '../../main/sandbox/state.ts';
import { createGraph, expectedStatuses, jobsBefore, renderGraph } from './job-graph.ts';
import { startOfficialRunner } from './official-runner.ts';
import { describeWithPeer, findGitlabRunner } from './peers.ts';
import { openLab } from './sandbox-lab.ts';
import type { LabProject, SandboxLab } from './sandbox-lab.ts';

const peer = await findGitlabRunner();
const blank = '0'.repeat(40);
const ciFile = 'build:\n  script: make\ntest:\n  stage: test\n  needs: [build]\n  script: make test\n';

describe('a push with git', () => {
  let lab: SandboxLab;
  beforeAll(async () => {
    lab = await openLab();
  });
  afterAll(() => lab.close());

  const pipelines = ({ id }: LabProject): readonly Pipeline[] =>
    lab.sandbox.store.pipelines.by('projectId', id);
  const pushed = async (name: string): Promise<{ project: LabProject; first: string }> => {
    const project = await lab.createProject(name);
    const first = await project.tree.commit({ '.gitlab-ci.yml': ciFile });
    await project.tree.git('push', '--quiet', 'origin', 'main');
    return { project, first };
  };

  it('of a branch makes a pipeline at its commit', async () => {
    const { project, first } = await pushed('branch');
    await project.tree.git('checkout', '--quiet', '-b', 'feature/x');
    const second = await project.tree.commit({ 'README.md': 'hello\n' });
    await project.tree.git('push', '--quiet', 'origin', 'feature/x');
    const common = { tag: false, source: 'push', status: 'pending', beforeSha: blank };
    expect(pipelines(project)).toMatchObject([
      { ...common, iid: 1, ref: 'main', sha: first, protectedRef: true },
      { ...common, iid: 2, ref: 'feature/x', sha: second, protectedRef: false },
    ]);
    expect(lab.statuses(pipelines(project)[1]?.id ?? 0)).toEqual({ build: 'pending', test: 'created' });
    expect(await lab.api('GET', `/projects/${project.id}`)).toMatchObject({ default_branch: 'main' });
  });

  it('of a further commit makes the pipeline before it redundant', async () => {
    const { project, first } = await pushed('further');
    const second = await project.tree.commit({ 'README.md': 'hello\n' });
    await project.tree.git('push', '--quiet', 'origin', 'main');
    expect(pipelines(project)).toMatchObject([
      { sha: first, status: 'canceled' },
      { sha: second, beforeSha: first, status: 'pending' },
    ]);
  });

  it('of a tag makes a pipeline for the tag, an annotated one at its commit', async () => {
    const { project, first } = await pushed('tag');
    await project.tree.git('tag', 'v1.0');
    await project.tree.git('tag', '--annotate', '--message=two', 'v2.0');
    await project.tree.git('push', '--quiet', 'origin', 'v1.0', 'v2.0');
    expect(pipelines(project).slice(1)).toMatchObject([
      { ref: 'v1.0', tag: true, sha: first, status: 'pending' },
      { ref: 'v2.0', tag: true, sha: first, status: 'pending' },
    ]);
    expect(pipelines(project)[0]?.status).toBe('pending');
  });

  it('with force is refused on a protected branch, and makes a pipeline on another', async () => {
    const { project, first } = await pushed('force');
    await project.tree.git('checkout', '--quiet', '-b', 'topic');
    const second = await project.tree.commit({ a: 'a' });
    await project.tree.git('push', '--quiet', 'origin', 'topic');
    await project.tree.git('commit', '--quiet', '--amend', '--message=Other');
    const third = await project.tree.git('rev-parse', 'HEAD');
    await project.tree.git('push', '--quiet', '--force', 'origin', 'topic');
    expect(pipelines(project)).toMatchObject([
      { ref: 'main', sha: first },
      { ref: 'topic', sha: second, status: 'canceled' },
      { ref: 'topic', sha: third, beforeSha: second, status: 'pending' },
    ]);
    await project.tree.git('checkout', '--quiet', 'main');
    await project.tree.git('commit', '--quiet', '--amend', '--message=Other');
    await expect(project.tree.git('push', '--force', 'origin', 'main')).rejects.toMatchObject({
      stderr: expect.stringContaining(
        'You are not allowed to force push code to a protected branch on this project.',
      ) as unknown,
    });
    expect(pipelines(project)).toHaveLength(3);
  });

  it('of an empty CI file makes nothing, as without a file', async () => {
    const project = await lab.createProject('empty');
    await project.tree.commit({ '.gitlab-ci.yml': '' });
    await project.tree.git('push', '--quiet', 'origin', 'main');
    expect(pipelines(project)).toEqual([]);
    await expect(lab.api('POST', `/projects/${project.id}/pipeline`, { ref: 'main' })).rejects.toThrow(
      'Missing CI config file',
    );
  });

  it.each([
    ['blank', '\n', 'Local file `.gitlab-ci.yml` is empty!'],
    ['tabbed', 'a:\n\tscript: x\n', 'found character that cannot start any token'],
    [
      'scriptless',
      'a:\n  stage: test\n',
      'jobs a config should implement the script:, run:, or trigger: keyword',
    ],
    ['needless', 'a:\n  script: x\n  needs: [b]\n', 'a job: undefined need: b'],
    ['hidden', '.a:\n  script: x\n', 'jobs config should contain at least one visible job'],
  ])('of a CI file that is %s makes a failed pipeline without jobs', async (name, content, words) => {
    const project = await lab.createProject(name);
    await project.tree.commit({ '.gitlab-ci.yml': content });
    await project.tree.git('push', '--quiet', 'origin', 'main');
    const [pipeline] = pipelines(project);
    expect(await lab.api('GET', `/projects/${project.id}/pipelines/${pipeline?.id ?? 0}`)).toMatchObject({
      ...{ status: 'failed', source: 'push' },
      yaml_errors: expect.stringContaining(words) as unknown,
    });
    expect(lab.statuses(pipeline?.id ?? 0)).toEqual({});
  });

  it('that says so makes no pipeline to run', async () => {
    const { project } = await pushed('skipped');
    await project.tree.commit({ a: 'a' }, 'Change [skip ci]');
    await project.tree.git('push', '--quiet', 'origin', 'main');
    expect(pipelines(project).at(-1)?.status).toBe('skipped');
  });
});

interface Step {
  readonly job: string;
  readonly kind: 'waits' | 'taken' | 'ended';
}

describeWithPeer('100 jobs that need one another', peer, (binary) => {
  const concurrent = 4;
  const graph = createGraph(100, 28);
  const steps: Step[] = [];
  let lab: SandboxLab;
  let pipeline: Pipeline;

  beforeAll(async () => {
    lab = await openLab({
      log: (_level, message, fields = {}) => {
        const job = message === 'job assigned' ? lab.sandbox.store.jobs.need(Number(fields['job'])) : null;
        if (job !== null) steps.push({ job: job.name, kind: 'taken' });
      },
    });
    lab.sandbox.context.events.on('job', ({ name, status, offeredUntil }) => {
      if (status === 'pending' && offeredUntil === null) steps.push({ job: name, kind: 'waits' });
      if (status === 'success' || status === 'failed') steps.push({ job: name, kind: 'ended' });
    });
    pipeline = await lab.pushPipeline('graph', renderGraph(graph));
    const runner = await startOfficialRunner({
      ...{ binary: binary(), folder: join(lab.folder, 'runner'), url: lab.sandbox.url, idleTime: null },
      ...{ token: (await lab.createRunnerEntry()).token, systemId: 'r_0a1b2c3d4e5f' },
      settings: { concurrent, check_interval: 1 },
    });
    pipeline = await lab.finish(pipeline.id);
    await runner.stop();
    expect(await runner.ended).toBe(0);
  });
  afterAll(() => lab.close());

  it('end as on GitLab', () => {
    const expected = expectedStatuses(graph);
    expect(lab.statuses(pipeline.id)).toEqual(Object.fromEntries(expected));
    const failed = graph.some((job) => expected.get(job.name) === 'failed' && !job.allowFailure);
    expect(pipeline.status).toBe(failed ? 'failed' : 'success');
    expect(new Set(expected.values())).toEqual(new Set(['success', 'failed', 'skipped']));
  });

  it('start only when all they wait for has ended, and the oldest of those that wait first', () => {
    const place = (name: string, kind: Step['kind']): number =>
      steps.findIndex((step) => step.job === name && step.kind === kind);
    const taken = graph.filter(({ name }) => place(name, 'taken') >= 0);
    expect(taken.length).toBeGreaterThan(50);
    for (const job of taken) {
      const at = place(job.name, 'taken');
      for (const { name } of jobsBefore(job, graph)) expect(place(name, 'ended')).toBeLessThan(at);
      const older = taken.filter(
        ({ name }) =>
          lab.job(pipeline.id, name).id < lab.job(pipeline.id, job.name).id &&
          place(name, 'waits') < at &&
          place(name, 'taken') > at,
      );
      expect(older).toEqual([]);
    }
  });

  it('run at the same time, as many as the runner takes', () => {
    let running = 0;
    let most = 0;
    for (const { kind } of steps) {
      running += kind === 'taken' ? 1 : kind === 'ended' ? -1 : 0;
      most = Math.max(most, running);
    }
    expect(running).toBe(0);
    expect(most).toBeLessThanOrEqual(concurrent);
    expect(most).toBeGreaterThan(1);
  });
});
