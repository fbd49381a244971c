// The official JavaScript client against the sandbox.
import { AccessLevel, Gitlab, GitbeakerRequestError } from '@gitbeaker/rest';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startManagementServer } from '../management-server.ts';
import type { ManagementServer } from '../management-server.ts';

let server: ManagementServer;
let gitlab: InstanceType<typeof Gitlab>;

beforeAll(async () => {
  server = await startManagementServer();
  gitlab = new Gitlab({ host: server.url, token: server.token });
});
afterAll(async () => await server.close());

async function projectWithJobs(name: string, jobs = 'build:\ntest:\n') {
  const project = await gitlab.Projects.create({ name });
  await gitlab.Commits.create(project.id, 'main', 'Add CI', [
    { action: 'create', filePath: '.gitlab-ci.yml', content: jobs },
  ]);
  return project;
}

describe('@gitbeaker/rest', () => {
  it('creates, shows, edits, lists and removes projects', async () => {
    const project = await gitlab.Projects.create({
      name: 'My Project',
      description: 'd',
      visibility: 'internal',
      initializeWithReadme: true,
    });
    expect(project).toMatchObject({
      path: 'my-project',
      path_with_namespace: 'root/my-project',
      default_branch: 'main',
      empty_repo: false,
      name_with_namespace: 'Administrator / My Project',
      namespace: { kind: 'user', full_path: 'root' },
    });
    expect(await gitlab.Projects.show('root/my-project')).toMatchObject({ id: project.id });
    await gitlab.Projects.edit(project.id, { description: 'e', ciConfigPath: 'x.yml' });
    expect(server.ctx.store.projects.need(project.id)).toMatchObject({
      description: 'e',
      ciConfigPath: 'x.yml',
    });
    const owned = await gitlab.Projects.all({ owned: true, search: 'My Pro', simple: true });
    expect(owned.map((one) => one.id)).toEqual([project.id]);
    await expect(gitlab.Projects.create({ name: 'My Project' })).rejects.toThrow(/already been taken/);
    await gitlab.Projects.remove(project.id);
    await expect(gitlab.Projects.show(project.id)).rejects.toBeInstanceOf(GitbeakerRequestError);
  });

  it('administers users, their keys and tokens', async () => {
    const user = await gitlab.Users.create({
      email: 'eve@example.com',
      username: 'eve',
      name: 'Eve',
      password: 'a long password',
      skipConfirmation: true,
    });
    expect(user).toMatchObject({ username: 'eve', state: 'active', is_admin: false });
    await expect(
      gitlab.Users.create({
        email: 'eve@example.com',
        username: 'eve2',
        name: 'E',
        password: 'a long password',
      }),
    ).rejects.toThrow('Email has already been taken');
    await gitlab.Users.block(user.id);
    expect(await gitlab.Users.show(user.id)).toMatchObject({ state: 'blocked' });
    await gitlab.Users.unblock(user.id);
    const key = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl eve';
    const added = await gitlab.UserSSHKeys.create('laptop', key, { userId: user.id });
    expect(await gitlab.UserSSHKeys.all({ userId: user.id })).toMatchObject([
      { id: added.id, title: 'laptop' },
    ]);
    await gitlab.UserSSHKeys.remove(added.id, { userId: user.id });
    const token = await gitlab.Users.createPersonalAccessToken(user.id, 'ci', ['api'], {
      expiresAt: inDays(30),
    });
    const eve = new Gitlab({ host: server.url, token: token.token });
    expect(await eve.Users.showCurrentUser()).toMatchObject({ username: 'eve' });
    const rotated = await gitlab.PersonalAccessTokens.rotate(token.id);
    expect(rotated).toMatchObject({ name: 'ci', active: true });
    await expect(eve.Users.showCurrentUser()).rejects.toThrow();
    await gitlab.Users.remove(user.id);
    expect(await gitlab.Users.all({ username: 'eve' })).toEqual([]);
  });

  it('makes groups, members and projects in them', async () => {
    const group = await gitlab.Groups.create('Team', 'team');
    const child = await gitlab.Groups.create('Sub', 'sub', { parentId: group.id });
    expect(child).toMatchObject({ full_path: 'team/sub', full_name: 'Team / Sub', parent_id: group.id });
    const project = await gitlab.Projects.create({ name: 'tool', namespaceId: child.id });
    expect(project.path_with_namespace).toBe('team/sub/tool');
    const { user, token } = server.person('dan');
    const dan = new Gitlab({ host: server.url, token });
    await expect(dan.Projects.show(project.id)).rejects.toThrow('404 Project Not Found');
    await gitlab.GroupMembers.add(group.id, AccessLevel.DEVELOPER, { userId: user.id });
    expect(await dan.Projects.show(project.id)).toMatchObject({ id: project.id });
    expect(await gitlab.ProjectMembers.all(project.id, { includeInherited: true })).toHaveLength(2);
    await expect(dan.Projects.edit(project.id, { name: 'x' })).rejects.toThrow('403 Forbidden');
    await gitlab.Groups.remove(group.id);
    expect(server.ctx.store.projects.get(project.id)).toBeUndefined();
  });

  it('commits, branches, tags, files and their protection', async () => {
    const project = await projectWithJobs('files');
    expect(await gitlab.Pipelines.all(project.id)).toMatchObject([{ source: 'push', ref: 'main', iid: 1 }]);
    await gitlab.RepositoryFiles.create(project.id, 'a/b c.txt', 'main', 'hello', 'Add');
    expect(await gitlab.RepositoryFiles.showRaw(project.id, 'a/b c.txt', 'main')).toBe('hello');
    await gitlab.RepositoryFiles.edit(project.id, 'a/b c.txt', 'main', 'bye', 'Edit');
    const file = await gitlab.RepositoryFiles.show(project.id, 'a/b c.txt', 'main');
    expect(Buffer.from(file.content, 'base64').toString()).toBe('bye');
    await expect(
      gitlab.RepositoryFiles.create(project.id, 'a/b c.txt', 'main', 'x', 'Again'),
    ).rejects.toThrow('A file with this name already exists');
    await gitlab.RepositoryFiles.remove(project.id, 'a/b c.txt', 'main', 'Remove');
    const commits = await gitlab.Commits.all(project.id);
    expect(commits.map((commit) => commit.title)).toEqual(['Remove', 'Edit', 'Add', 'Add CI']);
    await gitlab.Branches.create(project.id, 'topic', 'main');
    expect((await gitlab.Branches.all(project.id)).map((branch) => [branch.name, branch.protected])).toEqual([
      ['main', true],
      ['topic', false],
    ]);
    const named = async (regex: string) => await gitlab.Branches.all(project.id, { regex });
    expect(await named('^(?i)T[a-z]+$')).toMatchObject([{ name: 'topic' }]);
    await expect(named('^(?!main)')).rejects.toThrow('regex is invalid');
    await gitlab.ProtectedBranches.protect(project.id, 'release/*', {
      pushAccessLevel: AccessLevel.NO_ACCESS,
    });
    expect(await gitlab.ProtectedBranches.all(project.id)).toMatchObject([
      { name: 'main', push_access_levels: [{ access_level: 40 }] },
      { name: 'release/*', push_access_levels: [{ access_level: 0, access_level_description: 'No one' }] },
    ]);
    await expect(gitlab.Branches.create(project.id, 'release/1', 'main')).rejects.toThrow();
    await gitlab.ProtectedTags.protect(project.id, 'v*');
    expect(await gitlab.ProtectedTags.all(project.id)).toMatchObject([{ name: 'v*' }]);
    await expect(gitlab.ProtectedTags.protect(project.id, 'v*')).rejects.toThrow(
      "Protected tag 'v*' already exists",
    );
    await gitlab.ProtectedTags.unprotect(project.id, 'v*');
    await expect(gitlab.ProtectedTags.show(project.id, 'v*')).rejects.toThrow('404 Not Found');
    await gitlab.Tags.create(project.id, 'v1', 'main', { message: 'one' });
    expect(await gitlab.Tags.show(project.id, 'v1')).toMatchObject({ name: 'v1', message: 'one' });
    await gitlab.Branches.remove(project.id, 'topic');
    expect(server.ctx.store.pipelines.by('projectId', project.id).at(-1)).toMatchObject({
      ref: 'v1',
      tag: true,
    });
  });

  it('starts, lists, cancels and retries pipelines and jobs', async () => {
    const project = await projectWithJobs('ci');
    const pipeline = await gitlab.Pipelines.create(project.id, 'main', {
      variables: [{ key: 'A', value: 'b' }],
    });
    expect(pipeline).toMatchObject({
      source: 'api',
      status: 'pending',
      detailed_status: { label: 'pending' },
    });
    expect(await gitlab.Pipelines.allVariables(project.id, pipeline.id)).toMatchObject([
      { key: 'A', value: 'b' },
    ]);
    const jobs = await gitlab.Jobs.all(project.id, { pipelineId: pipeline.id });
    expect(jobs).toMatchObject([
      { name: 'test', status: 'pending', tag_list: ['docker'], runner: null, pipeline: { id: pipeline.id } },
      { name: 'build', stage: 'test' },
    ]);
    const [job] = jobs;
    expect(await gitlab.Jobs.cancel(project.id, job?.id ?? 0)).toMatchObject({ status: 'canceled' });
    const retried = await gitlab.Jobs.retry(project.id, job?.id ?? 0);
    expect(retried).toMatchObject({ name: 'test', status: 'pending' });
    await expect(gitlab.Jobs.retry(project.id, job?.id ?? 0)).rejects.toThrow('Job is not retryable');
    server.ctx.store.files.appendTrace(retried.id, Buffer.from('log\n'));
    expect(await gitlab.Jobs.showLog(project.id, retried.id)).toBe('log\n');
    const pending = await gitlab.Jobs.all(project.id, { scope: 'pending' });
    expect(pending.map((one) => one.name).sort()).toEqual(['build', 'build', 'test', 'test']);
    expect(await gitlab.Pipelines.cancel(project.id, pipeline.id)).toMatchObject({ status: 'canceled' });
    expect(await gitlab.Pipelines.retry(project.id, pipeline.id)).toMatchObject({ status: 'pending' });
    await gitlab.Pipelines.remove(project.id, pipeline.id);
    await expect(gitlab.Pipelines.show(project.id, pipeline.id)).rejects.toThrow('404');
    await expect(gitlab.Pipelines.create(project.id, 'ghost')).rejects.toThrow('Reference not found');
  });

  it('keeps no pipeline of an invalid file that was asked for by the API', async () => {
    const project = await projectWithJobs('broken', '\tbad');
    expect(await gitlab.Pipelines.all(project.id)).toMatchObject([{ status: 'failed' }]);
    await expect(gitlab.Pipelines.create(project.id, 'main')).rejects.toThrow('cannot start any token');
    expect(await gitlab.Pipelines.all(project.id)).toHaveLength(1);
  });

  it('creates, lists, edits, resets and deletes runners', async () => {
    const made = await gitlab.Users.createCIRunner('instance_type', {
      description: 'pool',
      tagList: ['docker', 'amd64'],
      runUntagged: false,
    });
    expect(made.token).toMatch(/^glrt-/);
    expect(made).toMatchObject({ token_expires_at: null });
    expect(await gitlab.Runners.show(made.id)).toMatchObject({
      status: 'never_contacted',
      tag_list: ['docker', 'amd64'],
      run_untagged: false,
      is_shared: true,
    });
    expect(await gitlab.Runners.all({ tagList: ['amd64'] })).toHaveLength(1);
    await gitlab.Runners.edit(made.id, { paused: true, tagList: ['arm64'] });
    expect(server.ctx.store.runners.need(made.id)).toMatchObject({ paused: true, tags: ['arm64'] });
    await expect(gitlab.Users.createCIRunner('instance_type', { runUntagged: false })).rejects.toThrow(
      'can not be empty when runner is not allowed to pick untagged jobs',
    );
    const { token } = server.person('nobody');
    const nobody = new Gitlab({ host: server.url, token });
    await expect(nobody.Users.createCIRunner('instance_type')).rejects.toThrow('403');
    await gitlab.Runners.remove({ runnerId: made.id });
    await expect(gitlab.Runners.show(made.id)).rejects.toThrow('404');
  });

  it('lists the jobs of one of a runner’s managers', async () => {
    const project = await projectWithJobs('managed');
    const { id } = await gitlab.Users.createCIRunner('project_type', { projectId: project.id });
    const [first, second] = server.ctx.store.jobs.by('projectId', project.id);
    const startedAt = new Date().toISOString();
    for (const [job, systemId] of [
      [first, 's_1'],
      [second, 's_2'],
    ] as const) {
      server.ctx.store.jobs.update(job?.id ?? 0, { status: 'running', startedAt, runnerId: id, systemId });
    }
    const answer = await server.api('GET', `/runners/${id}/jobs?system_id=s_2&order_by=id`);
    expect(answer.body).toMatchObject([{ id: second?.id, project: { path_with_namespace: 'root/managed' } }]);
    expect(answer.headers.get('x-total')).toBeNull();
    expect(await gitlab.Runners.show(id)).toMatchObject({ job_execution_status: 'active' });
  });

  it('keeps variables, and hides what is hidden', async () => {
    const project = await gitlab.Projects.create({ name: 'vars' });
    await gitlab.ProjectVariables.create(project.id, 'SECRET', 'long-enough', { masked: true });
    expect(await gitlab.ProjectVariables.show(project.id, 'SECRET')).toMatchObject({
      masked: true,
      raw: false,
    });
    await expect(
      gitlab.ProjectVariables.create(project.id, 'S', 'short', { masked: true }),
    ).rejects.toThrow();
    await gitlab.ProjectVariables.edit(project.id, 'SECRET', 'another-one');
    await gitlab.ProjectVariables.remove(project.id, 'SECRET');
    expect(await gitlab.ProjectVariables.all(project.id)).toEqual([]);
    await server.api('POST', '/admin/ci/variables', { key: 'ALL', value: '1' });
    expect((await server.api('GET', '/admin/ci/variables/ALL')).body).toMatchObject({
      key: 'ALL',
      value: '1',
    });
  });

  it('hands variables of the instance and the project to pipelines, the project’s last', async () => {
    await server.api('POST', '/admin/ci/variables', { key: 'WHO', value: 'instance' });
    const project = await gitlab.Projects.create({ name: 'told' });
    await gitlab.ProjectVariables.create(project.id, 'WHO', 'project');
    await gitlab.RepositoryFiles.create(project.id, '.gitlab-ci.yml', 'main', 'build:\n', 'CI');
    const values = server.compiled
      .at(-1)
      ?.variables.filter((one) => one.key === 'WHO')
      .map((one) => one.value);
    expect(values).toEqual(['instance', 'project']);
  });

  it('reads and writes the instance’s settings', async () => {
    await gitlab.ApplicationSettings.edit({ signupEnabled: false, somethingElse: 5 });
    expect(await gitlab.ApplicationSettings.show()).toMatchObject({
      signup_enabled: false,
      something_else: 5,
    });
    expect(await gitlab.Metadata.show()).toMatchObject({ enterprise: false });
  });
});

function inDays(days: number): string {
  return new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
}
