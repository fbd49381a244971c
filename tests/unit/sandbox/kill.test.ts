// The sandbox is killed at random moments while people push and runners work. After each new start on the same folder
// nothing that it had answered for is lost or doubled, and everybody can go on.
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { rootToken, startProgram } from './program.ts';
import type { SandboxProgram } from './program.ts';

let folder: string;
let program: SandboxProgram | null = null;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'autogit-kill-'));
});
afterEach(async () => {
  await program?.kill();
  program = null;
  await rm(folder, { recursive: true, force: true });
});

/** What the sandbox has answered for. */
interface Promised {
  /** Trace and content of the artifact of jobs that a runner holds or has finished. */
  readonly jobs: Map<number, { token: string; trace: string; artifact: string | null; isDone: boolean }>;
  /** Commits that a push brought to `main`. */
  readonly pushed: string[];
  readonly projects: string[];
}

const createdSchema = z.object({ id: z.number() });
const jobSchema = z.object({ id: z.number(), token: z.string() });

function api(method: string, path: string, body?: unknown): Promise<Response> {
  return fetch(`${program?.url ?? ''}/api/v4${path}`, {
    method,
    headers: { 'PRIVATE-TOKEN': rootToken, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
}

async function listAll<T>(path: string, schema: z.ZodType<T>): Promise<T[]> {
  const found: T[] = [];
  for (let page = '1'; page !== '';) {
    const answer = await api('GET', `${path}${path.includes('?') ? '&' : '?'}per_page=100&page=${page}`);
    found.push(...z.array(schema).parse(await answer.json()));
    page = answer.headers.get('x-next-page') ?? '';
  }
  return found;
}

/** The exit status and the output of a git in the work tree. */
function git(...args: readonly string[]): Promise<{ status: number; output: string }> {
  const env = {
    ...{ PATH: process.env['PATH'], HOME: folder, GIT_CONFIG_NOSYSTEM: '1', GIT_TERMINAL_PROMPT: '0' },
    ...{ GIT_AUTHOR_NAME: 'Ada', GIT_AUTHOR_EMAIL: 'ada@example.com' },
    ...{ GIT_COMMITTER_NAME: 'Ada', GIT_COMMITTER_EMAIL: 'ada@example.com' },
  };
  return new Promise((resolve) => {
    execFile('git', args, { cwd: join(folder, 'work'), env }, (error, stdout, stderr) => {
      const status = error === null ? 0 : typeof error.code === 'number' ? error.code : 1;
      resolve({ status, output: stdout + stderr });
    });
  });
}

const remote = (path = 'root/demo'): string =>
  `${(program?.url ?? '').replace('://', `://x:${rootToken}@`)}/${path}.git`;

/** Pushes commits to `main` until the sandbox is gone. */
async function pushOn(promised: Promised): Promise<void> {
  for (;;) {
    await git('commit', '--quiet', '--allow-empty', '-m', 'work');
    const sha = (await git('rev-parse', 'HEAD')).output.trim();
    if ((await git('push', '--quiet', remote(), 'HEAD:main')).status !== 0) return;
    promised.pushed.push(sha);
  }
}

async function createProjects(promised: Promised, round: number): Promise<void> {
  for (let count = 0; ; count += 1) {
    const path = `p-${round}-${count}`;
    const answer = await api('POST', '/projects', { path, initialize_with_readme: count % 2 === 0 });
    expect(answer.status).toBe(201);
    promised.projects.push(`root/${path}`);
  }
}

/** Takes jobs and runs them to their end, piece by piece, until the sandbox is gone. */
async function runJobs(token: string, promised: Promised): Promise<void> {
  const url = `${program?.url ?? ''}/api/v4/jobs`;
  for (let count = 0; ; count += 1) {
    const json = { 'content-type': 'application/json' };
    const asked = await fetch(`${url}/request`, {
      method: 'POST',
      headers: json,
      body: JSON.stringify({ token }),
    });
    if (asked.status !== 201) {
      await delay(10);
      continue;
    }
    const job = jobSchema.parse(await asked.json());
    const known = { token: job.token, trace: '', artifact: null as string | null, isDone: false };
    promised.jobs.set(job.id, known);
    const headers = { 'JOB-TOKEN': job.token };
    for (const piece of ['first line\n', 'second line\n']) {
      const range = `${known.trace.length}-${known.trace.length + piece.length - 1}`;
      const sent = await fetch(`${url}/${job.id}/trace`, {
        method: 'PATCH',
        headers: { ...headers, 'Content-Range': range },
        body: piece,
      });
      expect(sent.status).toBe(202);
      known.trace += piece;
    }
    const form = new FormData();
    const artifact = `artifact ${job.id} `.repeat(2000);
    form.set('file', new File([artifact], 'a.zip'));
    const kept = await fetch(`${url}/${job.id}/artifacts?artifact_type=archive`, {
      method: 'POST',
      headers,
      body: form,
    });
    expect(kept.status).toBe(201);
    known.artifact = artifact;
    // Some jobs are left running, so that a new sandbox finds them so.
    if (count % 4 === 3) continue;
    const body = JSON.stringify({ token: job.token, state: 'success' });
    const ended = await fetch(`${url}/${job.id}`, { method: 'PUT', headers: json, body });
    expect(ended.status).toBe(200);
    known.isDone = true;
  }
}

/** Numbers between 0 and 1, the same for the same seed (mulberry32). */
function numbersFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

async function checkJobs(projectId: number, promised: Promised): Promise<void> {
  for (const [id, { token, trace, artifact, isDone }] of promised.jobs) {
    const job = await api('GET', `/projects/${projectId}/jobs/${id}`);
    const { status } = z.object({ status: z.string() }).parse(await job.json());
    if (isDone) expect(status, `job ${id}`).toBe('success');
    const seen = await (await api('GET', `/projects/${projectId}/jobs/${id}/trace`)).text();
    expect(seen.startsWith(trace), `trace of job ${id}: ${seen}`).toBe(true);
    if (artifact !== null) {
      const content = await api('GET', `/projects/${projectId}/jobs/${id}/artifacts`);
      expect(await content.text(), `artifact of job ${id}`).toBe(artifact);
    }
    if (status !== 'running') continue;
    const ended = await fetch(`${program?.url ?? ''}/api/v4/jobs/${id}`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ token, state: 'success' }),
    });
    expect(ended.status, `the end of job ${id}`).toBe(200);
    promised.jobs.set(id, { token, trace, artifact, isDone: true });
  }
}

/** Every commit that is on `main` was pushed on its own or followed another: its pipeline is there, and only once. */
async function checkPushes(projectId: number, promised: Promised): Promise<void> {
  const pipelines = await listAll(`/projects/${projectId}/pipelines`, z.object({ sha: z.string() }));
  const shas = pipelines.map(({ sha }) => sha);
  expect(new Set(shas).size, 'no pipeline is there twice').toBe(shas.length);
  for (const sha of promised.pushed) expect(shas, 'a pushed commit').toContain(sha);
  const head = (await git('ls-remote', remote(), 'refs/heads/main')).output.split('\t')[0] ?? '';
  if (head !== '') expect(shas, 'the tip of main').toContain(head);
  // Whoever was cut off pushes again.
  const again = await git('push', '--quiet', remote(), 'HEAD:main');
  expect(again.status, again.output).toBe(0);
  promised.pushed.push((await git('rev-parse', 'HEAD')).output.trim());
}

async function checkProjects(promised: Promised): Promise<void> {
  const projects = await listAll('/projects', z.object({ path_with_namespace: z.string() }));
  const paths = projects.map((project) => project.path_with_namespace);
  expect(paths).toEqual(expect.arrayContaining(promised.projects));
  for (const path of paths.slice(0, 5)) {
    const seen = await git('ls-remote', remote(path));
    expect(seen.status, seen.output).toBe(0);
  }
}

async function prepare(): Promise<{ projectId: number; runnerToken: string }> {
  program = await startProgram(join(folder, 'state'));
  const settings = { path: 'demo', auto_cancel_pending_pipelines: 'disabled' };
  const { id: projectId } = createdSchema.parse(await (await api('POST', '/projects', settings)).json());
  const runner = await api('POST', '/user/runners', { runner_type: 'instance_type' });
  await mkdir(join(folder, 'work'));
  await git('init', '--quiet', '--initial-branch=main');
  await writeFile(join(folder, 'work/.gitlab-ci.yml'), 'a: {script: [x]}\nb: {script: [x]}\n');
  await git('add', '.');
  await git('commit', '--quiet', '-m', 'start');
  return { projectId, runnerToken: z.object({ token: z.string() }).parse(await runner.json()).token };
}

/** Four starts of the program and some hundred of git: on a busy machine these take their time. */
const limit = { timeout: 120_000 };

describe('a sandbox that is killed', () => {
  it.each([[1], [2]])('loses and doubles nothing that it answered for (seed %i)', limit, async (seed) => {
    const random = numbersFrom(seed);
    const { projectId, runnerToken } = await prepare();
    const promised: Promised = { jobs: new Map(), pushed: [], projects: [] };
    for (let round = 0; round < 4; round += 1) {
      const running = program;
      const work = Promise.allSettled([
        pushOn(promised),
        createProjects(promised, round),
        runJobs(runnerToken, promised),
        runJobs(runnerToken, promised),
      ]);
      await delay(200 + random() * 900);
      await running?.kill();
      const refused = (await work).flatMap((one) => (one.status === 'rejected' ? [String(one.reason)] : []));
      // What the kill cut off is a failed fetch; a wrong answer would be something else.
      for (const reason of refused) expect(reason).toMatch(/^TypeError: (fetch failed|terminated)/);
      program = await startProgram(join(folder, 'state'));
      expect(program.lines.filter(({ level }) => level === 'warn' || level === 'error')).toEqual([]);
      await checkPushes(projectId, promised);
      await checkJobs(projectId, promised);
      await checkProjects(promised);
    }
    expect(promised.pushed.length).toBeGreaterThan(3);
    expect(promised.jobs.size).toBeGreaterThan(3);
  });
});
