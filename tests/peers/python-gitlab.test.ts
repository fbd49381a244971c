// python-gitlab, the library and the command, against the sandbox.
import { execFile } from 'node:child_process';
import { blob } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ZipFile } from 'yazl';
import { z } from 'zod';
import { describeWithPeer, findPythonGitlab } from './peers.ts';
import { openLab } from './sandbox-lab.ts';
import type { SandboxLab } from './sandbox-lab.ts';

const run = promisify(execFile);
const peer = await findPythonGitlab();
const script = fileURLToPath(new URL('python_gitlab.py', import.meta.url));

describeWithPeer('python-gitlab', peer, (found) => {
  let lab: SandboxLab;
  let env: NodeJS.ProcessEnv;
  const command = async (...args: readonly string[]): Promise<unknown> => {
    const access = ['--server-url', lab.sandbox.url, '--private-token', lab.token, '--output', 'json'];
    const { stdout } = await run(found().command, [...access, ...args], { env });
    return JSON.parse(stdout) as unknown;
  };

  beforeAll(async () => {
    lab = await openLab();
    env = {
      ...{ PATH: process.env['PATH'], HOME: lab.folder, LC_ALL: 'C.UTF-8' },
      ...{ GITLAB_URL: lab.sandbox.url, GITLAB_TOKEN: lab.token },
    };
    await runJob(lab);
  });
  afterAll(() => lab.close());

  it('as a library does with the sandbox what it does with GitLab', async () => {
    const { stdout } = await run(found().python, [script], { env });
    expect(JSON.parse(stdout)).toEqual({
      instance: { user: 'root', version: expect.stringMatching(/^19\./) as unknown, max_artifacts_size: 123 },
      users: {
        names: ['eve', 'root'],
        found: [true],
        keys: ['laptop'],
        blocked: 'blocked',
        twice: [409, 'Username has already been taken'],
      },
      projects: {
        ...{ default_page: 20, all: 24, lazily: 25, total: 25 },
        searched: ['team/p24'],
        description: 'changed',
        gone: [404, '404 Project Not Found'],
      },
      repository: {
        branches: ['feature', 'main'],
        tags: ['v1'],
        protected: ['feature', 'main'],
        unprotected: ['main'],
        commits: ['Add CI', 'Initial commit'],
        file: true,
      },
      variables_and_hooks: {
        variable: expect.objectContaining({
          key: 'SECRET',
          value: 'hunter3hunter3',
          masked: true,
        }) as unknown,
        local: [422, 'Invalid url given'],
        instance: ['SHARED'],
        hook: [true, true, false],
        left: [0, 0],
      },
      pipelines: {
        source: 'api',
        variables: [['HOW', 'by hand']],
        jobs: [
          ['build', 'pending'],
          ['test', 'pending'],
        ],
        canceled: 'canceled',
        retried: ['canceled', 'canceled', 'pending'],
        listed: true,
        no_ref: [400, "{'base': ['Reference not found']}"],
      },
      runners: { token: 'glrt-', tags: ['a', 'b'], all: 2, paused: true, left: 1 },
      finished: {
        job: ['only', 'success'],
        trace: 'all went well\n',
        names: ['out.txt'],
        ...{ archived: 'an artifact\n', file: 'an artifact\n' },
      },
    });
  });

  it('as a command lists and creates projects, users and pipelines', async () => {
    expect(
      await command('user', 'create', ...fields({ username: 'ada', name: 'Ada', ...account })),
    ).toMatchObject({ username: 'ada', state: 'active' });
    expect(await command('user', 'list', '--username', 'ada')).toMatchObject([{ name: 'Ada' }]);
    const made = await command('project', 'create', '--name', 'by-hand', '--initialize-with-readme', 'true');
    expect(made).toMatchObject({ path_with_namespace: 'root/by-hand', default_branch: 'main' });
    expect(await command('project', 'list', '--search', 'by-hand')).toMatchObject([{ name: 'by-hand' }]);
    const project = ['--project-id', 'root/done'];
    expect(await command('project-pipeline', 'create', ...project, '--ref', 'main')).toMatchObject({
      ...{ source: 'api', ref: 'main', status: 'pending' },
    });
    expect(await command('project-pipeline', 'list', ...project)).toMatchObject([
      { source: 'api' },
      { source: 'push', status: 'success' },
    ]);
  });

  it('as a command says what the sandbox refuses', async () => {
    const refused = command('project-pipeline', 'create', '--project-id', 'root/done', '--ref', 'nowhere');
    await expect(refused).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringContaining('Reference not found') as unknown,
    });
  });
});

const account = { email: 'ada@example.com', password: 'a long password' };

function fields(values: Readonly<Record<string, string>>): readonly string[] {
  return Object.entries(values).flatMap(([name, value]) => [`--${name}`, value]);
}

const takenSchema = z.object({ id: z.number(), token: z.string() });

/** A finished job with a log and artifacts in `root/done`, by the runner's protocol alone. */
async function runJob(lab: SandboxLab): Promise<void> {
  await lab.pushPipeline('done', 'only:\n  script: x\n  artifacts: {paths: [out.txt]}\n');
  const runner = await lab.createRunnerEntry();
  const send = async (method: string, path: string, init: RequestInit): Promise<Response> => {
    const answer = await fetch(`${lab.sandbox.url}/api/v4/jobs/${path}`, { method, ...init });
    expect(answer.ok).toBe(true);
    return answer;
  };
  const json = (body: unknown): RequestInit => ({
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  });
  const asked = await send('POST', 'request', json({ token: runner.token, system_id: 's_1' }));
  const { id, token } = takenSchema.parse(await asked.json());
  const log = 'all went well\n';
  const headers = {
    'JOB-TOKEN': token,
    'Content-Range': `0-${log.length - 1}`,
    'Content-Type': 'text/plain',
  };
  await send('PATCH', `${id}/trace`, { headers, body: log });
  const zip = new ZipFile();
  zip.addBuffer(Buffer.from('an artifact\n'), 'out.txt');
  zip.end();
  const form = new FormData();
  form.append('file', await blob(zip.outputStream), 'artifacts.zip');
  const kind = 'artifact_format=zip&artifact_type=archive';
  await send('POST', `${id}/artifacts?${kind}`, { headers: { 'JOB-TOKEN': token }, body: form });
  await send('PUT', `${id}`, json({ token, state: 'success' }));
}
