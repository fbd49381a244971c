import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, open, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { canBeOthers, nobody } from '../../../fakes/other-users.ts';
import { RunnerServer } from '../../../fakes/runner-server.ts';
import { jobJson, mainFile, plain } from './bench.ts';

const exec = promisify(execFile);

let server: RunnerServer;
let folder = '';
beforeEach(async () => {
  server = await RunnerServer.start();
  folder = await mkdtemp(join(tmpdir(), 'autogit-runner-main-'));
  await chmod(folder, 0o755);
});
afterEach(async () => {
  await server.stop();
  await rm(folder, { recursive: true, force: true });
});

async function writeConfig(): Promise<string> {
  const file = join(folder, 'config.toml');
  const toml = `[[runners]]
name = "pool-a"
url = "${server.url}"
token = "glrt-frommyfile"
executor = "shell"
builds_dir = "${folder}/builds"
cache_dir = "${folder}/cache"
`;
  await writeFile(file, toml, { mode: 0o644 });
  return file;
}

const noUser = canBeOthers ? ['--job-user', String(nobody)] : [];

function start(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const child = spawn(process.execPath, [mainFile, 'run-single', ...args, ...noUser], {
    env: { PATH: process.env['PATH'] ?? '', AUTOGIT_POLL_SECONDS: '0.05', ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  child.stderr.resume();
  return child;
}

describe('the runner as a program', () => {
  it('says its version as gitlab-runner does', async () => {
    const { stdout } = await exec(process.execPath, [mainFile, '--version']);
    expect(stdout).toMatch(/^Version: +19\.4\.0\n/);
    expect(stdout).toContain('AutoGit sandbox runner');
  });

  it('takes a runner of a config.toml, keeps one system ID beside it, and leaves with 0', async () => {
    const config = await writeConfig();
    const args = ['--config', config, '--runner', 'pool-a', '--wait-timeout', '1'];
    for (const round of ['first', 'second']) {
      const child = start(args);
      expect(await once(child, 'exit'), round).toEqual([0, null]);
    }
    const systemId = await readFile(join(folder, '.runner_system_id'), 'utf8');
    expect(systemId).toMatch(/^[sr]_\w{12}$/);
    for (const request of server.seen) {
      expect(JSON.parse(String(request.body))).toMatchObject({ system_id: systemId });
    }
    expect(server.seen[0]?.headers['runner-token']).toBe('glrt-frommyfile');
  });

  it('takes everything from the environment, too', async () => {
    const env = { CI_SERVER_URL: server.url, CI_SERVER_TOKEN: 'glrt-env', RUNNER_EXECUTOR: 'shell' };
    const child = start(['--wait-timeout', '1'], env);
    expect(await once(child, 'exit')).toEqual([0, null]);
    expect(server.seen[0]?.headers['runner-token']).toBe('glrt-env');
  });

  it.each([
    ['without a token', ['--url', 'http://127.0.0.1:1', '--executor', 'shell']],
    ['with an executor it does not have', ['-u', 'http://127.0.0.1:1', '-t', 'x', '--executor', 'docker']],
    ['with a runner that is not there', ['--config', '/nowhere/config.toml', '--runner', 'x']],
  ])('refuses to start %s', async (_what, args) => {
    expect(await once(start(args), 'exit')).toEqual([1, null]);
  });

  it('hears SIGQUIT from its beginning, before it has read its configuration', async () => {
    const config = join(folder, 'slow.toml');
    await exec('mkfifo', [config]);
    const child = start(['--config', config, '--runner', 'pool-a']);
    const exited = once(child, 'exit');
    // Opens when the runner has begun to read.
    const file = await open(config, 'w');
    child.kill('SIGQUIT');
    await Promise.race([once(child.stderr, 'data'), exited]);
    await file.writeFile(await readFile(await writeConfig(), 'utf8')).catch(() => undefined);
    await file.close();
    expect(await exited).toEqual([0, null]);
    expect(server.seen).toEqual([]);
  });

  it('finishes its job at SIGQUIT and aborts it at SIGTERM, with 0 both times', async () => {
    const config = await writeConfig();
    for (const [signal, state] of [
      ['SIGQUIT', 'success'],
      ['SIGTERM', 'failed'],
    ] as const) {
      server.trace = Buffer.alloc(0);
      server.jobs.push(jobJson(['echo begun; sleep 1.5; echo ended']));
      const child = start(['--config', config, '--runner', 'pool-a']);
      const exited = once(child, 'exit');
      await server.until(() => plain(server.log).includes('\nbegun\n'));
      child.kill(signal);
      expect(await exited, signal).toEqual([0, null]);
      expect(server.updates.at(-1), signal).toMatchObject({ state });
    }
  });
});

describe.runIf(canBeOthers)('jobs of a runner that is root', () => {
  it('run as another user with a home of its own, and cannot find the token', async () => {
    const config = await writeConfig();
    const script = [
      'echo "I am $(id -u) in $(id -G)"; touch "$HOME/mine"; stat -c "owned by %u" .',
      `cat ${config} || echo "no config"`,
      'cat /proc/$RUNNER_PID/environ || echo "no environment"',
      'tr "\\0" " " < /proc/$RUNNER_PID/cmdline',
      'ls -l /proc/$RUNNER_PID/fd || echo "no files"',
    ];
    const child = start(['-c', config, '-r', 'pool-a', '--max-builds', '1', '--token', 'glrt-frommyfile']);
    server.jobs.push(jobJson(script, { variables: [{ key: 'RUNNER_PID', value: String(child.pid) }] }));
    expect(await once(child, 'exit')).toEqual([0, null]);
    const log = plain(server.log);
    expect(log).toContain(`I am ${nobody} in ${nobody}\n`);
    expect(log).toContain(`owned by ${nobody}\n`);
    expect(log).toContain('\nno config\n');
    expect(log).toContain('\nno environment\n');
    expect(log).toContain('\nno files\n');
    expect(log).not.toMatch(/glrt-frommyfile|\[MASKED\]/);
    expect((await stat(config)).mode & 0o777).toBe(0o600);
    expect(server.updates.at(-1)).toMatchObject({ state: 'success' });
  });

  it('cannot get at files of root by artifacts, caches or links', async () => {
    const config = await writeConfig();
    const artifacts = [
      {
        name: 'a',
        paths: ['stolen/config.toml', 'config.toml', 'stolen'],
        when: 'always',
        artifact_format: 'zip',
      },
    ];
    const cache = [{ key: 'k', paths: ['stolen/**'], policy: 'push', when: 'always' }];
    const script = [
      `ln -s ${folder} stolen`,
      `ln ${config} config.toml || cp ${config} config.toml || echo "no copy"`,
    ];
    server.jobs.push(jobJson(script, { artifacts, cache }));
    const child = start(['-c', config, '-r', 'pool-a', '--max-builds', '1']);
    expect(await once(child, 'exit')).toEqual([0, null]);
    expect(plain(server.log)).toContain('\nno copy\n');
    expect(plain(server.log)).toContain('ERROR: Job failed: packing the files failed\n');
    expect(Buffer.concat(server.seen.map((each) => each.body)).includes('url = "http')).toBe(false);
  });
});
