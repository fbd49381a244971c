import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { addProject, jobSpec, needing, openFixture } from '../fixture.ts';
import type { Fixture } from '../fixture.ts';

let fixture: Fixture;
beforeEach(() => {
  fixture = openFixture();
});
afterEach(() => {
  fixture.close();
});

const createdAt = '2026-01-02T03:04:05.000Z';

describe('which job a runner gets', () => {
  it('refuses an unknown token as GitLab does', async () => {
    const answer = await fixture.request('POST', '/jobs/request', { token: 'glrt-wrong' });
    expect([answer.status, await answer.json()]).toEqual([403, { message: '403 Forbidden' }]);
  });

  it.each([
    // tags of the job, tags of the runner, run_untagged, whether it fits
    [[], [], true, true],
    [[], ['x'], true, true],
    [[], ['x'], false, false],
    [['x'], ['x', 'y'], false, true],
    [['x', 'y'], ['x'], true, false],
    [['x'], [], true, false],
  ])(
    'a job tagged %j and a runner tagged %j (untagged: %s) fit: %s',
    async (tags, runnerTags, runUntagged, fits) => {
      fixture.store.runners.update(fixture.runner.id, { tags: runnerTags, runUntagged });
      fixture.push([jobSpec('a', { tags })]);
      expect((await fixture.take()) !== null).toBe(fits);
    },
  );

  it('gives nothing to a paused runner, nor to an instance runner where the project has none', async () => {
    fixture.push([jobSpec('a')]);
    fixture.store.runners.update(fixture.runner.id, { paused: true });
    expect(await fixture.take()).toBeNull();
    fixture.store.runners.update(fixture.runner.id, { paused: false });
    fixture.store.projects.update(fixture.project.id, { sharedRunnersEnabled: false });
    expect(await fixture.take()).toBeNull();
    fixture.store.projects.update(fixture.project.id, { sharedRunnersEnabled: true });
    expect(await fixture.take()).not.toBeNull();
  });

  it('gives a protected runner only jobs of protected refs', async () => {
    fixture.store.runners.update(fixture.runner.id, { accessLevel: 'ref_protected' });
    fixture.store.protectedTags.insert({ projectId: fixture.project.id, name: 'v*' });
    fixture.push([jobSpec('a')]);
    expect(await fixture.take()).toBeNull();
    fixture.push([jobSpec('b')], { ref: 'v1', refType: 'tag' });
    expect(await fixture.take()).toMatchObject({ job_info: { name: 'b' }, git_info: { protected: true } });
  });

  it('gives project and group runners the jobs of theirs only', async () => {
    const { store, project } = fixture;
    const base = { kind: 'group', name: 'g', createdAt } as const;
    const group = store.namespaces.insert({ ...base, path: 'g', fullPath: 'g' });
    const sub = store.namespaces.insert({ ...base, path: 's', fullPath: 'g/s', parentId: group.id });
    const inside = addProject(store, sub.id, 'inside', createdAt);
    store.runners.insert({
      runnerType: 'project_type',
      token: 'glrt-p',
      projectIds: [project.id],
      createdAt,
    });
    store.runners.insert({ runnerType: 'group_type', token: 'glrt-g', groupIds: [group.id], createdAt });
    fixture.push([jobSpec('a')], { project: inside });
    expect(await fixture.take({}, 'glrt-p')).toBeNull();
    expect(await fixture.take({}, 'glrt-g')).toMatchObject({
      job_info: { project_full_path: 'root/inside' },
    });
    fixture.push([jobSpec('b')]);
    expect(await fixture.take({}, 'glrt-g')).toBeNull();
    expect(await fixture.take({}, 'glrt-p')).toMatchObject({ job_info: { name: 'b' } });
  });

  it('serves projects in turn: fewer running jobs first, then oldest first', async () => {
    const other = addProject(fixture.store, 1, 'other', createdAt);
    fixture.push([jobSpec('a1'), jobSpec('a2'), jobSpec('a3')]);
    fixture.push([jobSpec('b1'), jobSpec('b2')], { project: other });
    const order: unknown[] = [];
    for (let n = 0; n < 5; n += 1) order.push((await fixture.take())?.['job_info']);
    expect(order).toMatchObject(['a1', 'b1', 'a2', 'b2', 'a3'].map((name) => ({ name })));
  });

  it('fails a job that the runner cannot run, and gives the next one', async () => {
    const report = {
      untracked: false,
      paths: ['r.xml'],
      exclude: [],
      when: 'always',
      type: 'junit',
      format: 'gzip',
    } as const;
    fixture.push([jobSpec('a', { artifacts: [report] }), jobSpec('b')]);
    expect(await fixture.take()).toMatchObject({ job_info: { name: 'b' } });
    expect(fixture.job('a')).toMatchObject({ status: 'failed', failureReason: 'runner_unsupported' });
  });

  it('never gives one job to two runners', async () => {
    fixture.push(Array.from({ length: 10 }, (_, n) => jobSpec(`j${n}`)));
    const taken = await Promise.all(Array.from({ length: 20 }, () => fixture.take()));
    const ids = taken.flatMap((job) => job?.id ?? []);
    expect([ids.length, new Set(ids).size]).toEqual([10, 10]);
  });
});

describe('X-GitLab-Last-Update', () => {
  const ask = async (lastUpdate?: string): Promise<Response> =>
    fixture.request('POST', '/jobs/request', {
      token: 'glrt-first',
      ...(lastUpdate === undefined ? {} : { last_update: lastUpdate }),
    });

  it('changes when a job comes to wait, and when the runner is changed', async () => {
    const first = (await ask()).headers.get('x-gitlab-last-update') ?? '';
    expect((await ask(first)).headers.get('x-gitlab-last-update')).toBe(first);
    fixture.store.runners.update(fixture.runner.id, { tags: ['new'] });
    const second = (await ask(first)).headers.get('x-gitlab-last-update') ?? '';
    expect(second).not.toBe(first);
    fixture.push([jobSpec('a')]);
    expect((await ask(second)).status).toBe(201);
  });
});

describe('long polling', () => {
  it('holds a request until a job waits, which the next request gets', async () => {
    fixture.close();
    fixture = openFixture({ longPollSeconds: 10 });
    const last = (await fixture.request('POST', '/jobs/request', { token: 'glrt-first' })).headers.get(
      'x-gitlab-last-update',
    );
    const held = fixture.request('POST', '/jobs/request', { token: 'glrt-first', last_update: last });
    await new Promise((resolve) => setImmediate(resolve));
    fixture.push([jobSpec('a')]);
    const told = await held;
    expect([told.status, told.headers.get('x-gitlab-last-update')]).toEqual([204, null]);
    const next = fixture.request('POST', '/jobs/request', { token: 'glrt-first', last_update: last });
    expect((await next).status).toBe(201);
  });

  it('answers 204 after its time', async () => {
    fixture.close();
    fixture = openFixture({ longPollSeconds: 0.05 });
    const last = (await fixture.request('POST', '/jobs/request', { token: 'glrt-first' })).headers.get(
      'x-gitlab-last-update',
    );
    const answer = await fixture.request('POST', '/jobs/request', { token: 'glrt-first', last_update: last });
    expect([answer.status, answer.headers.get('x-gitlab-last-update')]).toEqual([204, null]);
  });
});

describe('the job that a runner gets', () => {
  it('has everything that a runner needs, with addresses as the runner knows the server', async () => {
    const image = { name: 'alpine:3', entrypoint: [''], pullPolicy: ['if-not-present'], user: 'me' };
    fixture.push([
      jobSpec('a', {
        image,
        services: [{ name: 'postgres:17', alias: 'db' }],
        script: ['one', 'two'],
        afterScript: ['three'],
        timeoutSeconds: 300,
        cache: [
          { key: 'k', untracked: false, policy: 'pull', paths: ['x'], when: 'always', fallbackKeys: ['f'] },
        ],
        artifacts: [
          {
            untracked: false,
            paths: ['o'],
            exclude: [],
            when: 'on_success',
            type: 'archive',
            format: 'zip',
            expireIn: '1 day',
          },
        ],
      }),
    ]);
    const job = await fixture.take({ fallback_cache_keys: true });
    const token = String(job?.token);
    expect(token).toMatch(/^glcbt-/);
    expect(job).toMatchObject({
      allow_git_fetch: true,
      job_info: {
        name: 'a',
        stage: 'test',
        project_name: 'demo',
        project_full_path: 'root/demo',
        time_in_queue_seconds: 0,
      },
      git_info: {
        repo_url: `http://gitlab-ci-token:${token}@gitlab.test:8080/root/demo.git`,
        ref: 'main',
        ref_type: 'branch',
        refspecs: ['+refs/pipelines/1:refs/pipelines/1', '+refs/heads/main:refs/remotes/origin/main'],
        depth: 20,
        protected: false,
      },
      runner_info: { timeout: 300 },
      steps: [
        { name: 'script', script: ['one', 'two'], timeout: 300, when: 'on_success', allow_failure: false },
        { name: 'after_script', script: ['three'], when: 'always', allow_failure: true },
      ],
      image: {
        name: 'alpine:3',
        entrypoint: [''],
        pull_policy: ['if-not-present'],
        executor_opts: { docker: { user: 'me' } },
      },
      services: [{ name: 'postgres:17', alias: 'db' }],
      cache: [{ key: 'k', policy: 'pull', fallback_keys: ['f'] }],
      artifacts: [{ paths: ['o'], expire_in: '1 day', artifact_type: 'archive', artifact_format: 'zip' }],
      credentials: [],
      dependencies: [],
      features: { trace_sections: true },
    });
    expect(job?.['features']).toHaveProperty(
      'failure_reasons',
      expect.arrayContaining(['script_failure', 'runner_interrupted']),
    );
  });

  it('fetches all branches and tags without a depth, and the tag in a tag pipeline', async () => {
    const full = { key: 'GIT_DEPTH', value: '0', public: true, masked: false, file: false, raw: false };
    fixture.push([jobSpec('a', { variables: [full] })]);
    expect((await fixture.take())?.['git_info']).toMatchObject({
      depth: 0,
      refspecs: [
        '+refs/pipelines/1:refs/pipelines/1',
        '+refs/heads/*:refs/remotes/origin/*',
        '+refs/tags/*:refs/tags/*',
      ],
    });
    fixture.push([jobSpec('b')], { ref: 'v1', refType: 'tag' });
    expect((await fixture.take())?.['git_info']).toMatchObject({
      ref_type: 'tag',
      refspecs: ['+refs/pipelines/2:refs/pipelines/2', '+refs/tags/v1:refs/tags/v1'],
    });
  });

  it('has variables in GitLab’s order of precedence, expanded, the secret ones masked', async () => {
    const { store, project, ctx } = fixture;
    const own = (key: string, value: string) => ({
      key,
      value,
      public: true,
      masked: false,
      file: false,
      raw: false,
    });
    store.projectVariables.insert({ projectId: project.id, key: 'SECRET', value: 'hush', masked: true });
    store.projectVariables.insert({ projectId: project.id, key: 'WHO', value: 'project' });
    fixture.push([
      jobSpec('a', { variables: [own('WHO', 'job'), own('GREETING', 'hi $WHO of $CI_PROJECT_NAME')] }),
    ]);
    const job = await fixture.take();
    const variables = Object.fromEntries(
      (Array.isArray(job?.['variables']) ? job['variables'] : []).map((one: { key: string }) => [
        one.key,
        one,
      ]),
    );
    expect(variables['WHO']).toMatchObject({ value: 'project', public: false });
    expect(variables['GREETING']).toMatchObject({ value: 'hi project of demo' });
    expect(variables['SECRET']).toMatchObject({ value: 'hush', masked: true, public: false });
    expect(variables['CI_JOB_TOKEN']).toMatchObject({ value: job?.token, masked: true, public: false });
    expect(variables['CI_RUNNER_ID']).toMatchObject({ value: '1' });
    expect(ctx.store.jobs.need(1).systemId).toBe('s_1');
  });

  it('names the jobs whose artifacts it fetches, with its own token', async () => {
    const { store } = fixture;
    fixture.push([
      jobSpec('one', { stage: 'build' }),
      jobSpec('two', { stage: 'build' }),
      jobSpec('all'),
      jobSpec('none', { dependencies: [] }),
      jobSpec('some', { dependencies: ['two'] }),
      jobSpec('dag', {
        needs: [...(needing('one') ?? []), { job: 'two', artifacts: false, optional: false }],
      }),
    ]);
    for (const name of ['one', 'two']) {
      const job = await fixture.take();
      fixture.ctx.ci.finishJob(job?.id ?? 0, { state: 'success' });
      const file = {
        fileType: 'archive',
        fileFormat: 'zip',
        filename: `${name}.zip`,
        size: 3,
        sha256: '',
        createdAt,
      } as const;
      const { id } = store.artifacts.insert({ jobId: job?.id ?? 0, projectId: 1, ...file });
      writeFileSync(join(store.stateDir, 'artifacts', String(id)), 'abc');
    }
    const fetched: Record<string, unknown> = {};
    for (let n = 0; n < 4; n += 1) {
      const job = await fixture.take();
      const list = Array.isArray(job?.['dependencies']) ? job['dependencies'] : [];
      expect(list.every((one: { token: string }) => one.token === job?.token)).toBe(true);
      fetched[store.jobs.need(job?.id ?? 0).name] = list.map((one: { name: string }) => one.name);
    }
    expect(fetched).toEqual({ all: ['one', 'two'], none: [], some: ['two'], dag: ['one'] });
  });
});
