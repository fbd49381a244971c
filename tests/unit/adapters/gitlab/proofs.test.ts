// What proofs need of GitLab, as the real client does it on the sandbox server.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectGitlab } from '../../../../main/adapters/gitlab/connect-gitlab.ts';
import { nonceMark } from '../../../../main/model/proof.ts';
import { renderProofFile } from '../../../../main/plan/proof-script.ts';
import type { Gitlab } from '../../../../main/ports.ts';
import { startSandbox } from '../../../../main/sandbox/server.ts';
import { somePool } from '../../../fakes/world.ts';

const token = 'glpat-proofs-suite-root';
let stateDir: string;
let sandbox: Awaited<ReturnType<typeof startSandbox>>;
let gitlab: Gitlab;

beforeAll(async () => {
  stateDir = await mkdtemp(path.join(tmpdir(), 'autogit-proofs-'));
  sandbox = await startSandbox({ stateDir, host: '127.0.0.1', port: 0, rootToken: token });
  gitlab = connectGitlab({ url: sandbox.url, runnerUrl: sandbox.url }, token);
});
afterAll(async () => {
  await sandbox.close();
  await rm(stateDir, { recursive: true });
});

const projectWith = (nonce: string, group: string | null = null) =>
  gitlab.prepareProject({
    ...{ name: 'autogit-proof', group, message: 'Prove pool default' },
    file: { path: '.gitlab-ci.yml', content: renderProofFile(somePool()).replaceAll(nonceMark, nonce) },
  });

async function makeGroup(name: string): Promise<void> {
  const headers = { 'Content-Type': 'application/json', 'PRIVATE-TOKEN': token };
  const body = JSON.stringify({ name, path: name });
  const answer = await fetch(`${sandbox.url}/api/v4/groups`, { method: 'POST', headers, body });
  expect(answer.status).toBe(201);
}

describe('the project of proofs', () => {
  it('is made once, with a protected branch, and a commit in it starts no pipeline', async () => {
    const first = await projectWith('one');
    expect(first.path).toBe('root/autogit-proof');
    expect(await projectWith('two')).toEqual(first);
    expect(await gitlab.projectJobs(first.id)).toEqual([]);
    expect((await gitlab.protectedRefs(first.id)).branches).toContain('main');
  });

  it('is one of its own in a group, and none where there is no such group', async () => {
    await makeGroup('lab');
    expect((await projectWith('one', 'lab')).path).toBe('lab/autogit-proof');
    await expect(projectWith('one', 'nobody')).rejects.toMatchObject({ key: 'gitlab.unexpected' });
  });

  it('runs one job for each pipeline that is asked for, with the tags of the pool and its own', async () => {
    const project = await projectWith('three');
    const jobs = await gitlab.startPipeline(project.id);
    expect(jobs).toHaveLength(1);
    const job = await gitlab.job(project.id, jobs[0] ?? 0);
    expect(job).toMatchObject({ status: 'pending', name: 'prove default', ref: 'main' });
    expect(job?.tags.toSorted()).toEqual(['autogit', 'autogit-pool-default', 'docker']);
    const [queued] = (await gitlab.queue()).jobs.filter(({ id }) => id === jobs[0]);
    expect(queued?.project).toBe('root/autogit-proof');
  });

  it('has no file of a job that has uploaded none', async () => {
    const project = await projectWith('four');
    const [job = 0] = await gitlab.startPipeline(project.id);
    expect(await gitlab.jobArtifact(project.id, job, 'autogit-proof.txt')).toBeNull();
  });
});
