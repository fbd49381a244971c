import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { PushEvent } from '../../../../main/sandbox/events.ts';
import { containing, idOf, startManagementServer } from '../management-server.ts';
import type { ManagementServer } from '../management-server.ts';

const CI = 'build:\n  script: [make]\n';
let server: ManagementServer;
let pushes: PushEvent[] = [];
let count = 0;

beforeAll(async () => {
  server = await startManagementServer();
  server.ctx.events.on('push', (push) => pushes.push(push));
});
afterAll(async () => await server.close());
beforeEach(() => {
  pushes = [];
});

async function newProject(): Promise<{ id: number; path: string; remote: string }> {
  count += 1;
  const path = `project-${count}`;
  const id = idOf(await server.api('POST', '/projects', { name: path }));
  return { id, path, remote: server.cloneUrl(`root/${path}`) };
}

/** A project with `main` pushed and a pipeline in it. */
async function pushedProject(files: Readonly<Record<string, string>> = { '.gitlab-ci.yml': CI }) {
  const project = await newProject();
  const tree = await server.workTree(project.path, files);
  await server.git(tree, 'remote', 'add', 'origin', project.remote);
  const pushed = await server.git(tree, 'push', 'origin', 'main');
  expect(pushed.exitCode, pushed.output).toBe(0);
  return { ...project, tree };
}

const pipelinesOf = (projectId: number) => server.ctx.store.pipelines.by('projectId', projectId);

describe('a push of a branch', () => {
  it('creates a pipeline at the pushed commit before git returns', async () => {
    const { id, tree } = await pushedProject({ '.gitlab-ci.yml': CI, 'src/a.txt': 'a' });
    const head = (await server.git(tree, 'rev-parse', 'HEAD')).output.trim();
    expect(pipelinesOf(id)).toMatchObject([
      { ref: 'main', tag: false, sha: head, source: 'push', status: 'pending', beforeSha: '0'.repeat(40) },
    ]);
    expect(server.compiled.at(-1)).toMatchObject({
      changedPaths: null,
      treePaths: ['.gitlab-ci.yml', 'src/a.txt'],
      refType: 'branch',
    });
    expect(pushes).toMatchObject([{ ref: 'main', refType: 'branch', before: '0'.repeat(40), after: head }]);
  });

  it('makes the first branch the default branch and protects it', async () => {
    const project = await newProject();
    const tree = await server.workTree(`${project.path}-master`, { a: '1' }, 'master');
    await server.git(tree, 'push', project.remote, 'master');
    expect(server.ctx.store.projects.need(project.id).defaultBranch).toBe('master');
    expect(server.ctx.store.protectedBranches.by('projectId', project.id)).toMatchObject([
      { name: 'master', pushAccessLevel: 40, allowForcePush: false },
    ]);
    const cloned = await server.git(server.folder, 'clone', project.remote, `${project.path}-clone`);
    expect(cloned.output).not.toMatch(/warning|fatal/);
  });

  it('tells the paths that changed since the last push', async () => {
    const { tree } = await pushedProject();
    await server.commit(tree, 'more', { 'docs/x.md': 'x', 'y with space': 'y' });
    await server.git(tree, 'push', 'origin', 'main');
    expect(server.compiled.at(-1)?.changedPaths).toEqual(['docs/x.md', 'y with space']);
  });

  it('creates no pipeline without a CI file, or from an empty one', async () => {
    const { id, tree } = await pushedProject({ 'README.md': 'hello' });
    await server.commit(tree, 'empty', { '.gitlab-ci.yml': '' });
    await server.git(tree, 'push', 'origin', 'main');
    expect(pipelinesOf(id)).toEqual([]);
  });

  it('creates a failed pipeline from a blank or invalid CI file', async () => {
    const { id, tree } = await pushedProject({ '.gitlab-ci.yml': '\n' });
    await server.commit(tree, 'tabs', { '.gitlab-ci.yml': '\tbad' });
    await server.git(tree, 'push', 'origin', 'main');
    expect(pipelinesOf(id)).toMatchObject([
      { status: 'failed', yamlErrors: 'Please provide content of .gitlab-ci.yml' },
      { status: 'failed', yamlErrors: containing('cannot start any token') },
    ]);
  });

  it('tells who pushes which parts of the CI file are not carried out', async () => {
    const project = await newProject();
    const tree = await server.workTree(project.path, { '.gitlab-ci.yml': `include: x.yml\n${CI}` });
    const pushed = await server.git(tree, 'push', project.remote, 'main');
    expect(pushed.exitCode).toBe(0);
    expect(pushed.output).toMatch(/remote: .*does not carry out[^\n]*\nremote: {3}include/);
  });

  it('reads the CI file where the project says', async () => {
    const { id, tree } = await pushedProject({ 'ci/pipe.yml': CI });
    expect(pipelinesOf(id)).toEqual([]);
    await server.api('PUT', `/projects/${id}`, { ci_config_path: 'ci/pipe.yml' });
    await server.commit(tree, 'again', { a: 'a' });
    await server.git(tree, 'push', 'origin', 'main');
    expect(pipelinesOf(id)).toHaveLength(1);
  });

  it('creates a skipped pipeline for [skip ci] and for -o ci.skip', async () => {
    const { id, tree } = await pushedProject();
    await server.commit(tree, 'no build [skip ci]', { a: '1' });
    await server.git(tree, 'push', 'origin', 'main');
    await server.commit(tree, 'still none', { a: '2' });
    await server.git(tree, 'push', '-o', 'ci.skip', 'origin', 'main');
    expect(pipelinesOf(id).map((pipeline) => pipeline.status)).toEqual(['pending', 'skipped', 'skipped']);
    expect(pipelinesOf(id).map((pipeline) => pipeline.iid)).toEqual([1, 2, 3]);
  });

  it('hands the variables of push options to the pipeline', async () => {
    const { id, tree } = await pushedProject();
    await server.commit(tree, 'vars', { a: '1' });
    await server.git(tree, 'push', '-o', 'ci.variable=A=1 2', '-o', 'ci.variable="B=x=y"', 'origin', 'main');
    expect(pipelinesOf(id).at(-1)?.variables).toMatchObject([
      { key: 'A', value: '1 2' },
      { key: 'B', value: 'x=y' },
    ]);
  });

  it('creates at most four pipelines, and no push events for more than three branches', async () => {
    const { id, tree } = await pushedProject();
    pushes = [];
    const branches = ['a', 'b', 'c', 'd', 'e', 'f'];
    await server.git(tree, 'push', 'origin', ...branches.map((name) => `HEAD:refs/heads/${name}`));
    expect(pipelinesOf(id).map((pipeline) => pipeline.ref)).toEqual(['main', 'a', 'b', 'c', 'd']);
    expect(pushes).toEqual([]);
  });

  it('carries a file of several megabytes both ways', async () => {
    const { tree, path, remote } = await pushedProject();
    const big = randomBytes(1_500_000).toString('hex');
    await server.commit(tree, 'big', { 'big.bin': big });
    expect((await server.git(tree, 'push', 'origin', 'main')).exitCode).toBe(0);
    const clone = `${path}-big`;
    expect((await server.git(server.folder, 'clone', '--depth', '1', remote, clone)).exitCode).toBe(0);
    const same = await server.git(server.folder, 'diff', '--no-index', `${path}/big.bin`, `${clone}/big.bin`);
    expect(same.exitCode).toBe(0);
  });
});

describe('a fetch', () => {
  it('understands a compressed request', async () => {
    const { id, path } = await pushedProject();
    await server.api('PUT', `/projects/${id}`, { visibility: 'public' });
    const answer = await fetch(`${server.url}/root/${path}.git/git-upload-pack`, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-git-upload-pack-request',
        'content-encoding': 'gzip',
        'git-protocol': 'version=2',
      },
      body: new Uint8Array(gzipSync('0014command=ls-refs\n0000')),
    });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toBe('application/x-git-upload-pack-result');
    expect(await answer.text()).toContain('refs/heads/main');
  });

  it('redirects an address without .git', async () => {
    const answer = await fetch(`${server.url}/a/b/info/refs?service=git-upload-pack`, { redirect: 'manual' });
    expect(answer.status).toBe(301);
    expect(answer.headers.get('location')).toBe('/a/b.git/info/refs?service=git-upload-pack');
  });
});

describe('other pushes', () => {
  it('creates a tag pipeline for a tag, annotated ones at their commit', async () => {
    const { id, tree } = await pushedProject();
    const head = (await server.git(tree, 'rev-parse', 'HEAD')).output.trim();
    await server.git(tree, 'tag', '-a', 'v1', '-m', 'one');
    await server.git(tree, 'push', 'origin', 'v1');
    expect(pipelinesOf(id).at(-1)).toMatchObject({ ref: 'v1', tag: true, sha: head, source: 'push' });
    expect(server.compiled.at(-1)?.refType).toBe('tag');
    expect(pushes.at(-1)).toMatchObject({ refType: 'tag', ref: 'v1' });
  });

  it('creates no pipeline when a branch is deleted, and says so to hooks', async () => {
    const { id, tree } = await pushedProject();
    await server.git(tree, 'push', 'origin', 'main:topic');
    pushes = [];
    const before = pipelinesOf(id).length;
    expect((await server.git(tree, 'push', 'origin', ':topic')).exitCode).toBe(0);
    expect(pipelinesOf(id)).toHaveLength(before);
    expect(pushes).toMatchObject([{ ref: 'topic', after: '0'.repeat(40) }]);
  });

  it('accepts a force push to an unprotected branch', async () => {
    const { id, tree } = await pushedProject();
    await server.git(tree, 'push', 'origin', 'main:topic');
    await server.git(tree, 'commit', '--amend', '-m', 'other');
    const forced = await server.git(tree, 'push', '--force', 'origin', 'HEAD:topic');
    expect(forced.exitCode, forced.output).toBe(0);
    expect(pipelinesOf(id).at(-1)?.ref).toBe('topic');
  });

  it('refuses a force push to a protected branch in the words of GitLab', async () => {
    const { id, tree } = await pushedProject();
    const before = pipelinesOf(id).length;
    await server.git(tree, 'commit', '--amend', '-m', 'other');
    const refused = await server.git(tree, 'push', '--force', 'origin', 'main');
    expect(refused.exitCode).toBe(1);
    expect(refused.output).toContain(
      'remote: GitLab: You are not allowed to force push code to a protected branch on this project.',
    );
    expect(refused.output).toContain('! [remote rejected] main -> main (pre-receive hook declined)');
    expect(pipelinesOf(id)).toHaveLength(before);
  });

  it('refuses it too when a push option tries to end the question about it', async () => {
    const { tree, path } = await pushedProject();
    const old = (await server.git(tree, 'rev-parse', 'HEAD')).output.trim();
    const tip = await server.commit(tree, 'more', { a: '1' });
    await server.git(tree, 'push', 'origin', 'main');
    // As git's own client would never send it: back to the old commit, with no objects.
    const line = (text: string): string => (text.length + 4).toString(16).padStart(4, '0') + text;
    const pack = Buffer.from('5041434b0000000200000000029d08823bd8a8eab510ad6ac75c823cfd3ed31e', 'hex');
    const commands = line(`${tip} ${old} refs/heads/main\0report-status push-options`) + '0000';
    const options = `${line('x\nend')}0000`;
    const answer = await fetch(`${server.url}/root/${path}.git/git-receive-pack`, {
      method: 'POST',
      headers: {
        authorization: `Basic ${Buffer.from(`x:${server.token}`).toString('base64')}`,
        'content-type': 'application/x-git-receive-pack-request',
      },
      body: Buffer.concat([Buffer.from(commands + options), pack]),
    });
    expect(await answer.text()).toContain('ng refs/heads/main pre-receive hook declined');
    expect((await server.git(tree, 'ls-remote', 'origin', 'refs/heads/main')).output).toContain(tip);
  });

  it('refuses to delete the default branch', async () => {
    const { tree } = await pushedProject();
    const refused = await server.git(tree, 'push', 'origin', ':main');
    expect(refused.output).toContain('GitLab: The default branch of a project cannot be deleted.');
  });
});

describe('who may use a repository', () => {
  it('asks for a password when there is none or a wrong one', async () => {
    const { path } = await pushedProject();
    const anonymous = await fetch(`${server.url}/root/${path}.git/info/refs?service=git-upload-pack`);
    expect(anonymous.status).toBe(401);
    expect(anonymous.headers.get('www-authenticate')).toBe('Basic realm="GitLab"');
    const wrong = await server.git(
      server.folder,
      'ls-remote',
      server.cloneUrl(`root/${path}`, 'glpat-wrong'),
    );
    expect(wrong.output).toContain('Authentication failed');
  });

  it('lets everybody read a public project, and nobody push to it unsigned', async () => {
    const { id, path, tree } = await pushedProject();
    await server.api('PUT', `/projects/${id}`, { visibility: 'public' });
    const url = `${server.url}/root/${path}.git`;
    expect((await server.git(server.folder, 'ls-remote', url)).output).toContain('refs/heads/main');
    expect((await server.git(tree, 'push', url, 'main:x')).exitCode).not.toBe(0);
  });

  it('hides a private project from strangers and refuses a guest', async () => {
    const { id, path } = await pushedProject();
    const { user, token } = server.person(`guest-${path}`);
    const url = server.cloneUrl(`root/${path}`, token);
    expect((await server.git(server.folder, 'ls-remote', url)).output).toContain('not found');
    server.ctx.store.members.insert({
      ...{ sourceType: 'project', sourceId: id, userId: user.id, accessLevel: 10 },
      createdAt: new Date().toISOString(),
    });
    expect((await server.git(server.folder, 'ls-remote', url)).output).toContain('403');
  });

  it('lets a developer push a new branch but not the protected one', async () => {
    const { id, path, tree } = await pushedProject();
    const { user, token } = server.person(`dev-${path}`);
    server.ctx.store.members.insert({
      ...{ sourceType: 'project', sourceId: id, userId: user.id, accessLevel: 30 },
      createdAt: new Date().toISOString(),
    });
    await server.commit(tree, 'more', { a: '1' });
    const url = server.cloneUrl(`root/${path}`, token);
    expect((await server.git(tree, 'push', url, 'main:feature')).exitCode).toBe(0);
    const refused = await server.git(tree, 'push', url, 'main');
    expect(refused.output).toContain(
      'GitLab: You are not allowed to push code to protected branches on this project.',
    );
  });

  it('lets the token of a running job read its project, and not write', async () => {
    const { id, path, tree } = await pushedProject();
    const job = server.ctx.store.jobs.by('projectId', id)[0];
    const url = server.url.replace('://', `://gitlab-ci-token:${job?.token ?? ''}@`) + `/root/${path}.git`;
    expect((await server.git(tree, 'ls-remote', url)).output).toContain('Authentication failed');
    server.ctx.store.jobs.update(job?.id ?? 0, { status: 'running' });
    const refs = (await server.git(tree, 'ls-remote', url)).output;
    expect(refs).toContain(`refs/pipelines/${job?.pipelineId ?? 0}`);
    expect((await server.git(tree, 'push', url, 'main:x')).output).toContain('403');
    expect((await server.git(tree, 'ls-remote', url.replace(path, 'project-1'))).exitCode).not.toBe(0);
  });

  it('keeps the commit of an active pipeline after its branch is gone', async () => {
    const { id, tree, remote } = await pushedProject();
    const sha = await server.commit(tree, 'gone', { a: '1' });
    await server.git(tree, 'push', 'origin', 'HEAD:topic');
    await server.git(tree, 'push', 'origin', ':topic');
    const pipeline = pipelinesOf(id).at(-1);
    const clone = await server.workTree(`fetch-${id}`, {});
    const spec = `+refs/pipelines/${pipeline?.id ?? 0}:refs/pipelines/${pipeline?.id ?? 0}`;
    const fetched = await server.git(clone, 'fetch', '--depth', '20', remote, spec);
    expect(fetched.exitCode, fetched.output).toBe(0);
    expect((await server.git(clone, 'cat-file', '-t', sha)).output).toContain('commit');
  });
});

describe('a repository', () => {
  it('that lost the commit of an active pipeline still serves the others', async () => {
    const { id, tree } = await pushedProject();
    const { projectId, sha, ...rest } = server.ctx.store.pipelines.by('projectId', id)[0] ?? fail();
    server.ctx.store.pipelines.insert({
      ...rest,
      projectId,
      iid: 99,
      sha: sha.replace(/^./, (c) => (c === 'a' ? 'b' : 'a')),
    });
    const fetched = await server.git(tree, 'fetch', 'origin');
    expect(fetched.exitCode, fetched.output).toBe(0);
  });

  it('is not made, and neither is its project, for a default branch that git refuses', async () => {
    const body = { name: 'odd branch', default_branch: 'a..b' };
    expect(await server.api('POST', '/projects', body)).toMatchObject({ status: 400 });
    expect((await server.api('POST', '/projects', { name: 'odd branch' })).status).toBe(201);
    expect(readdirSync(join(server.ctx.store.stateDir, 'uploads'))).toEqual([]);
  });

  it('is made for one of two who want the same project at once', async () => {
    const both = await Promise.all([1, 2].map(() => server.api('POST', '/projects', { name: 'same' })));
    expect(both.map(({ status }) => status).sort()).toEqual([201, 400]);
  });

  it('answers names that no program can be given', async () => {
    const { id } = await pushedProject();
    const answer = await server.api('GET', `/projects/${id}/repository/commits/a%00b`);
    expect(answer.status).toBe(404);
  });
});

describe('git that cannot be started', () => {
  it('is an error of the request, and not the end of the sandbox', async () => {
    const runGit = new URL('../../../../main/sandbox/git/run-git.ts', import.meta.url).pathname;
    // Every descriptor is taken, so that no pipe can be made.
    const program = `
      import { openSync } from 'node:fs';
      import { tryGit } from ${JSON.stringify(runGit)};
      try { for (;;) openSync('/dev/null'); } catch {}
      const error = await tryGit('/', ['version']).catch((reason) => reason);
      process.exitCode = error.code === 'EMFILE' ? 42 : 1;`;
    const node = [process.execPath, '--input-type=module-typescript', '-e', program];
    const run = spawnSync('sh', ['-c', 'ulimit -n 40; exec "$@"', 'sh', ...node]);
    expect(run.status, run.stderr.toString()).toBe(42);
  });
});

function fail(): never {
  throw new Error('There is no pipeline');
}
