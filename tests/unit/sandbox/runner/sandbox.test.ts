import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { startSandbox } from '../../../../main/sandbox/server.ts';
import { canBeOthers, nobody } from '../../../fakes/other-users.ts';
import { mainFile, plain } from './bench.ts';

const exec = promisify(execFile);
const token = 'glpat-of-the-test';

const pipelineFile = `stages: [build, test]
build:
  stage: build
  script: [mkdir out, 'echo "built with $SECRET" > out/result']
  artifacts: { paths: [out] }
test:
  stage: test
  script: ['git log -1 --format=%s', 'cat out/result']
  after_script: ['echo "after $CI_JOB_STATUS"']
broken:
  stage: test
  script: [exit 4]
`;

const jobs = z.array(z.object({ id: z.number(), name: z.string(), status: z.string() }));

/** Jobs of root's runner are another user's, who may not reach the repository. */
const canRunJobs = process.getuid?.() !== 0 || canBeOthers;

it.runIf(canRunJobs)(
  'the runner carries a pushed pipeline through the sandbox: clone, artifacts, logs, a failure',
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'autogit-sandbox-runner-'));
    const sandbox = await startSandbox({
      stateDir: join(folder, 'state'),
      host: '127.0.0.1',
      port: 0,
      rootToken: token,
    });
    const api = async (method: string, path: string, body: object | null = null): Promise<Response> =>
      fetch(`${sandbox.url}/api/v4${path}`, {
        method,
        headers: { 'PRIVATE-TOKEN': token, 'Content-Type': 'application/json' },
        body: body === null ? null : JSON.stringify(body),
      });
    try {
      const project = z
        .object({ id: z.number() })
        .parse(await (await api('POST', '/projects', { name: 'demo' })).json());
      await api('POST', `/projects/${project.id}/variables`, {
        key: 'SECRET',
        value: 'hunter2hunter2',
        masked: true,
      });
      const runner = z
        .object({ token: z.string() })
        .parse(
          await (
            await api('POST', '/user/runners', { runner_type: 'instance_type', run_untagged: true })
          ).json(),
        );
      await push(join(folder, 'repo'), sandbox.url.replace('://', `://root:${token}@`) + '/root/demo.git');

      const args = [
        '-u',
        sandbox.url,
        '-t',
        runner.token,
        '--executor',
        'shell',
        '--max-builds',
        '3',
        '--wait-timeout',
        '9',
      ];
      const dirs = ['--builds-dir', join(folder, 'builds'), '--cache-dir', join(folder, 'cache')];
      const own = canBeOthers ? ['--job-user', String(nobody)] : [];
      await exec('chmod', ['755', folder]);
      await exec(process.execPath, [mainFile, 'run-single', ...args, ...dirs, ...own]);

      const done = jobs.parse(await (await api('GET', `/projects/${project.id}/jobs`)).json());
      expect(Object.fromEntries(done.map((job) => [job.name, job.status]))).toEqual({
        build: 'success',
        test: 'success',
        broken: 'failed',
      });
      const id = done.find((job) => job.name === 'test')?.id;
      const log = plain(await (await api('GET', `/projects/${project.id}/jobs/${id}/trace`)).text());
      expect(log).toContain('\nfirst commit\n');
      expect(log).toContain('\nbuilt with [MASKED]\n');
      expect(log).toContain('\nafter success\n');
    } finally {
      await sandbox.close();
      await rm(folder, { recursive: true, force: true });
    }
  },
  60_000,
);

async function push(repo: string, url: string): Promise<void> {
  await mkdir(repo);
  await writeFile(join(repo, '.gitlab-ci.yml'), pipelineFile);
  const git = async (...args: string[]): Promise<unknown> =>
    exec('git', ['-C', repo, '-c', 'user.name=t', '-c', 'user.email=t@t', ...args]);
  await git('init', '-q', '-b', 'main');
  await git('add', '.');
  await git('commit', '-qm', 'first commit');
  await git('push', '-q', url, 'main');
}
