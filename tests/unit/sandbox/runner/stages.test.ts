// What the stages of a job leave on the disk.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { ProtocolClient } from '../../../../main/sandbox/runner/client.ts';
import { identify } from '../../../../main/sandbox/runner/identity.ts';
import { parseJob } from '../../../../main/sandbox/runner/job.ts';
import { applyPrepare } from '../../../../main/sandbox/runner/stages.ts';
import { environmentOf, jobVariables } from '../../../../main/sandbox/runner/variables.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'autogit-stages-'));
});
afterEach(() => rm(folder, { recursive: true }));

/** Prepares a job with a variable that names other roots, and reads what git is told. */
async function prepareWith(ca: string | null): Promise<string> {
  const parsed = parseJob({
    ...{
      id: 1,
      token: 't',
      git_info: { repo_url: 'https://a:b@gitlab.test/g/p.git', ref: 'main', sha: '0' },
    },
    variables: [{ key: 'CI_SERVER_TLS_CA_FILE', value: '/evil"\n[core]\n\tsshCommand = x', file: false }],
  });
  if (parsed.kind !== 'job') throw new Error('not a job');
  const { job } = parsed;
  const [projectDir, tempDir] = [path.join(folder, 'p'), path.join(folder, 'p.tmp')];
  const identity = identify('token', 'system', 'bash');
  const variables = jobVariables(job, {
    ...{ buildsDir: folder, projectDir, tempDir, timeoutSeconds: 60, shortToken: 'x', runnerVersion: '1' },
    ...{ runnerPlatform: 'linux/amd64', environment: [], ca },
  });
  const env = { PATH: process.env['PATH'] ?? '', ...environmentOf(variables, tempDir) };
  const openStream = () => ({ write: () => undefined, end: () => undefined });
  const shell = { name: 'bash', path: '/bin/bash' } as const;
  await applyPrepare(
    {
      ...{ client: new ProtocolClient('https://gitlab.test', identity), identity, job, variables, ca },
      workspace: {
        projectDir,
        tempDir,
        baseDir: folder,
        user: null,
        shell,
        env,
        selfCommand: ['x'],
        openStream,
      },
      ...{ cacheDir: path.join(folder, 'cache'), cloneUrl: null },
    },
    AbortSignal.timeout(20_000),
  );
  return readFile(path.join(tempDir, 'git.conf'), 'utf8');
}

it('git trusts the root of the runner, whatever a variable of the job says', async () => {
  const config = await prepareWith('PEM of the runner\n');
  const file = path.join(folder, 'p.tmp/git-ca.pem');
  expect(config).toContain(`sslCAInfo = "${file}"`);
  expect(config).not.toContain('evil');
  expect(await readFile(file, 'utf8')).toBe('PEM of the runner\n');
});

it('git trusts the usual roots where the runner has none of its own', async () => {
  expect(await prepareWith(null)).not.toMatch(/sslCAInfo|evil|core/);
});
