// What the core may rely on of a GitLab: the real client on the sandbox server, and the fake that other tests use.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { connectGitlab } from '../../../main/adapters/gitlab/connect-gitlab.ts';
import type { EntryTerms } from '../../../main/model/pool.ts';
import type { Gitlab, JobLogPart, QueuedJob } from '../../../main/ports.ts';
import { startSandbox } from '../../../main/sandbox/server.ts';
import { FakeGitlab, gitlabFailure } from '../../fakes/fake-gitlab.ts';

/** An entry for every project and every branch. */
const terms: EntryTerms = {
  ...{ tags: [], runUntagged: false, protectedOnly: false, paused: false, scope: { kind: 'instance' } },
};

interface NewJob {
  readonly name: string;
  readonly tags: readonly string[];
  /** Comes after the others. */
  readonly later?: boolean;
}

/** A GitLab with what only its own side can do. */
interface Ground {
  readonly gitlab: Gitlab;
  /** The same GitLab, asked with a wrong token. */
  readonly stranger: Gitlab;
  push(projectId: number, jobs: readonly NewJob[]): Promise<void>;
  /** What a runner process asks. */
  take(entryToken: string, systemId: string): Promise<number | null>;
  /** What a runner process writes to the job's log. */
  say(jobId: number, bytes: Uint8Array): Promise<void>;
  finish(jobId: number, state: 'success' | 'failed'): Promise<void>;
  removeProject(projectId: number): Promise<void>;
  /** The branch `main` is not protected any more. */
  unprotect(projectId: number): Promise<void>;
  /** Nobody answers any more. */
  goDown(): Promise<void>;
  close(): Promise<void>;
}

function openFake(): Promise<Ground> {
  const gitlab = new FakeGitlab({ now: Date.now });
  const stranger = new FakeGitlab();
  stranger.fail(gitlabFailure('gitlab.unauthorized'));
  return Promise.resolve({
    gitlab,
    stranger,
    push: async (projectId, jobs) => {
      for (const { name, tags, later } of jobs)
        gitlab.addJob({ projectId, name, tags, status: later === true ? 'created' : 'pending' });
    },
    take: async (token, systemId) => gitlab.take(token, systemId),
    say: async (jobId, bytes) => gitlab.append(jobId, bytes),
    finish: async (jobId, state) => gitlab.finish(jobId, state),
    removeProject: async (id) => gitlab.removeProject(id),
    unprotect: async (id) => void gitlab.protections.set(id, { branches: [], tags: [] }),
    goDown: async () => gitlab.fail(gitlabFailure('gitlab.unreachable')),
    close: () => Promise.resolve(),
  });
}

const takenSchema = z.object({ id: z.int(), token: z.string() });

function pipelineOf(jobs: readonly NewJob[]): string {
  const named = jobs.map(({ name, tags, later }) => [
    name,
    { stage: later === true ? 'second' : 'first', tags, script: ['true'] },
  ]);
  return JSON.stringify({ stages: ['first', 'second'], ...Object.fromEntries(named) });
}

async function openSandbox(): Promise<Ground> {
  const stateDir = await mkdtemp(path.join(tmpdir(), 'autogit-gitlab-port-'));
  const token = 'glpat-port-suite-root';
  const sandbox = await startSandbox({ stateDir, host: '127.0.0.1', port: 0, rootToken: token });
  const address = { url: sandbox.url, runnerUrl: sandbox.url };
  const jobTokens = new Map<number, string>();
  const said = new Map<number, number>();
  const pushed = new Set<number>();
  const send = async (
    method: string,
    where: string,
    body: unknown,
    headers: object = {},
  ): Promise<Response> => {
    const text = body instanceof Uint8Array ? Buffer.from(body) : JSON.stringify(body);
    const all = { 'Content-Type': 'application/json', 'PRIVATE-TOKEN': token, ...headers };
    const response = await fetch(`${sandbox.url}/api/v4${where}`, { method, body: text, headers: all });
    if (!response.ok) throw new Error(`${method} ${where}: ${response.status} ${await response.text()}`);
    return response;
  };
  let isDown = false;
  const goDown = async (): Promise<void> => {
    if (!isDown) await sandbox.close();
    isDown = true;
  };
  return {
    gitlab: connectGitlab(address, token),
    stranger: connectGitlab(address, 'glpat-wrong-token'),
    push: async (projectId, jobs) => {
      const action = pushed.has(projectId) ? 'update' : 'create';
      pushed.add(projectId);
      const actions = [{ action, file_path: '.gitlab-ci.yml', content: pipelineOf(jobs) }];
      const commit = { branch: 'main', commit_message: 'Add jobs', actions };
      await send('POST', `/projects/${projectId}/repository/commits`, commit);
    },
    take: async (runnerToken, systemId) => {
      const body = { token: runnerToken, system_id: systemId, info: { features: {} } };
      const response = await send('POST', '/jobs/request', body);
      if (response.status === 204) return null;
      const job = takenSchema.parse(await response.json());
      jobTokens.set(job.id, job.token);
      return job.id;
    },
    say: async (jobId, bytes) => {
      const start = said.get(jobId) ?? 0;
      said.set(jobId, start + bytes.length);
      const headers = {
        'Content-Type': 'text/plain',
        'Content-Range': `${start}-${start + bytes.length - 1}`,
        'JOB-TOKEN': jobTokens.get(jobId) ?? '',
      };
      await send('PATCH', `/jobs/${jobId}/trace`, bytes, headers);
    },
    finish: async (jobId, state) => {
      const reason = state === 'failed' ? { failure_reason: 'script_failure', exit_code: 1 } : {};
      await send('PUT', `/jobs/${jobId}`, { token: jobTokens.get(jobId), state, ...reason });
    },
    removeProject: async (id) => {
      await send('DELETE', `/projects/${id}`, {});
    },
    unprotect: async (id) => {
      await send('DELETE', `/projects/${id}/protected_branches/main`, {});
    },
    goDown,
    close: async () => {
      await goDown();
      await rm(stateDir, { recursive: true, force: true });
    },
  };
}

describe.each([
  ['the fake', openFake],
  ['the client on the sandbox', openSandbox],
])('a GitLab: %s', (_, open) => {
  let ground: Ground;
  let gitlab: Gitlab;
  beforeAll(async () => {
    ground = await open();
    ({ gitlab } = ground);
  });
  afterAll(() => ground.close());

  const queued = async (projectId: number): Promise<readonly QueuedJob[]> =>
    (await gitlab.queue()).jobs.filter((job) => job.projectId === projectId);
  const entryFor = (tags: readonly string[]): Promise<{ id: number; token: string }> =>
    gitlab.createEntry({ ...terms, description: `suite ${tags.join()}`, tags });

  it('says its version and that the token may see everything', async () => {
    const { version, admin } = await gitlab.version();
    expect(version).toMatch(/^\d+\.\d+/);
    expect(admin).toBe(true);
  });

  it('counts what there is', async () => {
    const before = await gitlab.counts();
    await gitlab.createProject('counted');
    const { id } = await gitlab.createEntry({ ...terms, description: 'counted', tags: ['counted'] });
    const { projects, users, groups, runners, hooks } = await gitlab.counts();
    expect([projects, runners]).toEqual([(before.projects ?? 0) + 1, (before.runners ?? 0) + 1]);
    expect([users, groups, hooks]).toEqual([before.users, before.groups, before.hooks]);
    expect(users).toBeGreaterThan(0);
    await gitlab.removeEntry(id);
    await expect(ground.stranger.counts()).rejects.toMatchObject({ key: 'gitlab.unauthorized' });
  });

  it('makes, lists, changes and removes runner entries', async () => {
    const entry = { ...terms, description: 'AutoGit 12345678 / a', tags: ['x'] };
    const made = await gitlab.createEntry(entry);
    expect(made.token).toMatch(/^glrt-/);
    const other = await gitlab.createEntry({ ...entry, description: 'AutoGit 99999999 / a' });
    expect(await gitlab.listEntries('AutoGit 12345678 / ')).toEqual([
      { id: made.id, description: entry.description },
    ]);
    expect(await gitlab.updateEntry(made.id, { ...terms, tags: ['y'], runUntagged: true })).toBe(true);
    await gitlab.removeEntry(made.id);
    await gitlab.removeEntry(other.id);
    await gitlab.removeEntry(made.id);
    expect(await gitlab.updateEntry(made.id, { ...terms, tags: [], runUntagged: true })).toBe(false);
    expect(await gitlab.listEntries('AutoGit ')).toEqual([]);
  });

  it('gives an entry of a project jobs of that project alone, and none to one that is paused', async () => {
    const [own, other] = [await gitlab.createProject('own'), await gitlab.createProject('other')];
    for (const { id } of [other, own]) await ground.push(id, [{ name: 'job', tags: ['scoped'] }]);
    const scope = { kind: 'project', path: own.path.toUpperCase() } as const;
    const wish = { ...terms, description: 'scoped', tags: ['scoped'], scope };
    const entry = await gitlab.createEntry({ ...wish, paused: true });
    expect(await ground.take(entry.token, 'r_suite0000001')).toBeNull();
    expect(await gitlab.updateEntry(entry.id, { ...wish, paused: false })).toBe(true);
    const taken = await ground.take(entry.token, 'r_suite0000001');
    expect((await queued(own.id)).map(({ id }) => id)).toEqual([taken]);
    expect(await ground.take(entry.token, 'r_suite0000002')).toBeNull();
    expect(await queued(other.id)).toMatchObject([{ status: 'pending' }]);
  });

  it('says whether the token of an entry is good, and leaves no trace of the question', async () => {
    const { id, token } = await gitlab.createEntry({ ...terms, description: 'asked', tags: ['asked'] });
    expect(await gitlab.acceptsEntry(token)).toBe(true);
    expect(await gitlab.acceptsEntry('glrt-of-nobody')).toBe(false);
    await gitlab.removeEntry(id);
    expect(await gitlab.acceptsEntry(token)).toBe(false);
  });

  it('says whose token it is, and who started a job', async () => {
    const self = await gitlab.self();
    expect(self).toBe('root');
    const project = await gitlab.createProject('owned');
    await ground.push(project.id, [{ name: 'job', tags: ['owned'] }]);
    const [job] = await queued(project.id);
    expect(await gitlab.jobOwner(project.id, job?.id ?? 0)).toBe(self);
    expect(await gitlab.jobOwner(project.id, 999_999)).toBeNull();
  });

  it.each(['group', 'project'] as const)('makes no entry for a %s that is not there', async (kind) => {
    const wish = { ...terms, description: 'nowhere', tags: ['x'], scope: { kind, path: 'no/where' } };
    await expect(gitlab.createEntry(wish)).rejects.toMatchObject({ key: 'gitlab.no-such-path' });
    expect(await gitlab.listEntries('nowhere')).toEqual([]);
  });

  it('knows what a project protects, and gives its jobs to an entry for protected refs alone', async () => {
    const project = await gitlab.createProject('protected');
    await ground.push(project.id, [{ name: 'job', tags: ['protected'] }]);
    expect(await gitlab.protectedRefs(project.id)).toEqual({ branches: ['main'], tags: [] });
    expect(await queued(project.id)).toMatchObject([{ ref: 'main', isTag: false, instanceRunners: true }]);
    const wish = { ...terms, description: 'guarded', tags: ['protected'], protectedOnly: true };
    const entry = await gitlab.createEntry(wish);
    expect(await ground.take(entry.token, 'r_suite0000001')).not.toBeNull();
    await ground.unprotect(project.id);
    await ground.push(project.id, [{ name: 'again', tags: ['protected'] }]);
    expect(await gitlab.protectedRefs(project.id)).toEqual({ branches: [], tags: [] });
    expect(await ground.take(entry.token, 'r_suite0000001')).toBeNull();
    await gitlab.updateEntry(entry.id, { ...wish, protectedOnly: false });
    expect(await ground.take(entry.token, 'r_suite0000001')).not.toBeNull();
  });

  it('lists waiting jobs of every project, with what decides who takes them', async () => {
    const project = await gitlab.createProject('waiting');
    await ground.push(project.id, [
      { name: 'one', tags: ['queue-a', 'b'] },
      { name: 'two', tags: [] },
      { name: 'three', tags: [], later: true },
    ]);
    const jobs = await queued(project.id);
    expect(jobs.map(({ name }) => name).sort()).toEqual(['one', 'two']);
    expect(jobs.find(({ name }) => name === 'one')).toMatchObject({
      status: 'pending',
      tags: ['queue-a', 'b'],
      project: 'root/waiting',
      ref: 'main',
      startedAt: null,
      finishedAt: null,
      systemId: null,
    });
  });

  it('tells the same of a job that waits, however long it has waited', async () => {
    const project = await gitlab.createProject('waits');
    await ground.push(project.id, [{ name: 'job', tags: ['nobody-has-this'] }]);
    const [job] = await queued(project.id);
    const shown = await gitlab.job(project.id, job?.id ?? 0);
    expect([job?.waitedMs, shown?.waitedMs]).toEqual([null, null]);
  });

  it('follows a job from waiting to its end', async () => {
    const project = await gitlab.createProject('following');
    const entry = await entryFor(['follow']);
    await ground.push(project.id, [{ name: 'job', tags: ['follow'] }]);
    const id = await ground.take(entry.token, 'r_suite0000009');
    if (id === null) throw new Error('no job was given');
    const [running] = await queued(project.id);
    expect(running).toMatchObject({ id, status: 'running', systemId: 'r_suite0000009', finishedAt: null });
    expect(running?.startedAt).toBeGreaterThan(Date.now() - 60_000);
    await ground.say(id, Buffer.from('grün\nend\n'));
    const logFrom = (offset: number): Promise<JobLogPart> =>
      gitlab.jobLog(project.id, id, { offset, ended: false });
    expect(await logFrom(0)).toEqual({ text: 'grün\nend\n', nextOffset: 10 });
    expect(await logFrom(6)).toEqual({ text: 'end\n', nextOffset: 10 });
    expect(await logFrom(1_000)).toEqual({ text: '', nextOffset: 1_000 });
    await ground.finish(id, 'success');
    expect(await queued(project.id)).toEqual([]);
    const ended = await gitlab.job(project.id, id);
    expect(ended).toMatchObject({ status: 'success', systemId: 'r_suite0000009', failureReason: null });
    expect(ended?.finishedAt).toBeGreaterThan(Date.now() - 60_000);
    expect(ended?.waitedMs).toBeGreaterThanOrEqual(0);
    expect((await gitlab.jobsOf(entry.id, 'r_suite0000009')).map((job) => job.id)).toEqual([id]);
    expect(await gitlab.jobsOf(entry.id, 'r_suite0000002')).toEqual([]);
    await gitlab.removeManager(entry.token, 'r_suite0000009');
    await gitlab.removeManager(entry.token, 'r_suite0000009');
  });

  it('gives a log in bytes: what is no text is one sign, and what is not whole yet is left', async () => {
    const project = await gitlab.createProject('bytes');
    const entry = await entryFor(['bytes']);
    await ground.push(project.id, [{ name: 'job', tags: ['bytes'] }]);
    const id = (await ground.take(entry.token, 'r_suite0000001')) ?? 0;
    const euro = Buffer.from('€');
    await ground.say(id, Buffer.concat([Buffer.from([0xff]), Buffer.from('a'), euro.subarray(0, 2)]));
    const read = (offset: number, ended: boolean): Promise<JobLogPart> =>
      gitlab.jobLog(project.id, id, { offset, ended });
    expect(await read(0, false)).toEqual({ text: '\ufffda', nextOffset: 2 });
    expect(await read(0, true)).toEqual({ text: '\ufffda\ufffd', nextOffset: 4 });
    await ground.say(id, Buffer.concat([euro.subarray(2), Buffer.from('b')]));
    expect(await read(2, false)).toEqual({ text: '€b', nextOffset: 6 });
  });

  it('gives a job only to a runner that has its tags, and to one only', async () => {
    const project = await gitlab.createProject('matching');
    const [right, wrong] = [await entryFor(['match', 'more']), await entryFor(['else'])];
    await ground.push(project.id, [{ name: 'job', tags: ['match'] }]);
    expect(await ground.take(wrong.token, 'r_suite0000001')).toBeNull();
    expect(await ground.take(right.token, 'r_suite0000002')).not.toBeNull();
    expect(await ground.take(right.token, 'r_suite0000003')).toBeNull();
  });

  it('tells why a job failed', async () => {
    const project = await gitlab.createProject('failing');
    const entry = await entryFor(['fails']);
    await ground.push(project.id, [{ name: 'job', tags: ['fails'] }]);
    const id = (await ground.take(entry.token, 'r_suite0000001')) ?? 0;
    await ground.finish(id, 'failed');
    expect(await gitlab.job(project.id, id)).toMatchObject({
      status: 'failed',
      failureReason: 'script_failure',
    });
  });

  it("lists a project's jobs newest first, also those that wait for others", async () => {
    const project = await gitlab.createProject('newest');
    await ground.push(project.id, [
      { name: 'first', tags: [] },
      { name: 'second', tags: [], later: true },
    ]);
    const jobs = await gitlab.projectJobs(project.id);
    expect(jobs.map(({ name, status }) => [name, status])).toEqual([
      ['second', 'created'],
      ['first', 'pending'],
    ]);
  });

  it('cancels a job and runs one again, and refuses what its state does not allow', async () => {
    const project = await gitlab.createProject('again');
    await ground.push(project.id, [{ name: 'job', tags: ['again'] }]);
    const [waiting] = await queued(project.id);
    const id = waiting?.id ?? 0;
    await expect(gitlab.retryJob(project.id, id)).rejects.toMatchObject({ key: 'gitlab.job-refused' });
    expect(await gitlab.cancelJob(project.id, id)).toMatchObject({ id, status: 'canceled' });
    expect(await gitlab.cancelJob(project.id, id)).toMatchObject({ id, status: 'canceled' });
    const again = await gitlab.retryJob(project.id, id);
    expect(again).toMatchObject({ name: 'job', status: 'pending', tags: ['again'] });
    expect(again.id).toBeGreaterThan(id);
    await gitlab.cancelJob(project.id, again.id);
    await expect(gitlab.cancelJob(project.id, 9_999_999)).rejects.toMatchObject({
      key: 'gitlab.job-refused',
    });
  });

  it('gives a long queue whole', async () => {
    const project = await gitlab.createProject('long');
    const jobs = Array.from({ length: 230 }, (_, index) => ({ name: `job ${index}`, tags: ['long'] }));
    await ground.push(project.id, jobs);
    const ids = (await queued(project.id)).map(({ id }) => id);
    expect(new Set(ids).size).toBe(230);
  });

  it('knows nothing of what is gone', async () => {
    const project = await gitlab.createProject('gone');
    await ground.push(project.id, [{ name: 'job', tags: [] }]);
    const [job] = await queued(project.id);
    await ground.removeProject(project.id);
    expect(await gitlab.job(project.id, job?.id ?? 0)).toBeNull();
    expect(await gitlab.projectJobs(project.id)).toEqual([]);
    expect(await queued(project.id)).toEqual([]);
  });

  it('refuses a wrong token', async () => {
    await expect(ground.stranger.queue()).rejects.toMatchObject({ key: 'gitlab.unauthorized' });
    await expect(ground.stranger.listEntries('')).rejects.toMatchObject({ key: 'gitlab.unauthorized' });
  });

  it('says so when it is gone itself', async () => {
    await ground.goDown();
    await expect(gitlab.queue()).rejects.toMatchObject({ key: 'gitlab.unreachable', retry: true });
    await expect(gitlab.removeEntry(1)).rejects.toMatchObject({ key: 'gitlab.unreachable' });
  });
});
