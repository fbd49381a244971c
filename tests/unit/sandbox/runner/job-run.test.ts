import { execFile } from 'node:child_process';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { crc32 } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { Override } from '../../../fakes/runner-server.ts';
import { jobJson, openBench, plain } from './bench.ts';

const exec = promisify(execFile);

/** A zombie that nobody collects has ended, too. */
async function isRunning(pid: number): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => ') Z');
  return !stat.slice(stat.lastIndexOf(')')).startsWith(') Z');
}

describe('a job', () => {
  it('is accepted, logged in sections and reported with the checksum of its log', async () => {
    await using bench = await openBench();
    bench.server.jobs.push(jobJson(['echo hello']));
    await bench.run();
    const [accepted, final] = bench.server.updates;
    expect(accepted).toMatchObject({ state: 'running', token: 'job-token-7', output: {} });
    const checksum = `crc32:${crc32(bench.server.trace).toString(16).padStart(8, '0')}`;
    const output = { checksum, bytesize: bench.server.trace.length };
    expect(final).toMatchObject({ state: 'success', checksum, output });
    expect(final).not.toHaveProperty('exit_code');
    expect(plain(bench.server.log)).toContain('$ echo hello\nhello\n');
    expect(plain(bench.server.log)).toMatch(/Job succeeded\n$/);
    const marks = [...bench.server.log.matchAll(/section_(start|end):\d+:(\w+)\r/g)].map(
      ([, kind, name]) => `${kind} ${name}`,
    );
    expect(marks.slice(0, 2)).toEqual(['start prepare_executor', 'end prepare_executor']);
    expect(marks).toContain('start step_script');
  });

  it('that fails reports its exit code, after after_script knew of it', async () => {
    await using bench = await openBench();
    bench.server.jobs.push(jobJson(['exit 3'], { after: ['echo "after $CI_JOB_STATUS"', 'exit 9'] }));
    await bench.run();
    expect(bench.server.updates.at(-1)).toMatchObject({
      state: 'failed',
      failure_reason: 'script_failure',
      exit_code: 3,
    });
    expect(plain(bench.server.log)).toContain('\nafter failed\n');
    expect(plain(bench.server.log)).toMatch(/ERROR: Job failed: exit status 3\n$/);
  });

  it('succeeds although its after_script fails', async () => {
    await using bench = await openBench();
    bench.server.jobs.push(jobJson(['true'], { after: ['exit 9'] }));
    await bench.run();
    expect(bench.server.updates.at(-1)).toMatchObject({ state: 'success' });
  });

  it('never shows a masked variable, nor its tokens, however they come out', async () => {
    await using bench = await openBench();
    const variables = [{ key: 'SECRET', value: 'hunter2hunter2', masked: true }];
    const script = [
      'printf hunter2; sleep 0.2; printf hunter2',
      'echo "job-tok""en-7 glrt-runner""token glpat-abcdef" >&2',
    ];
    bench.server.jobs.push(jobJson(script, { variables }));
    await bench.run();
    expect(plain(bench.server.log)).toContain('\n[MASKED]');
    expect(plain(bench.server.log)).toContain('\n[MASKED] [MASKED] glpat-[MASKED]\n');
    expect(bench.server.log).not.toContain('hunter2hunter2');
  });

  it('sees its variables and nothing of the runner', async () => {
    await using bench = await openBench();
    process.env['RUNNER_ONLY_SECRET'] = 'leaked';
    const variables = [
      { key: 'CONF', value: 'file body', file: true },
      { key: 'A', value: 'a-$B' },
      { key: 'B', value: 'b' },
    ];
    bench.server.jobs.push(jobJson(['cat "$CONF"', 'env', 'echo "$A in $CI_PROJECT_DIR"'], { variables }));
    await bench.run();
    delete process.env['RUNNER_ONLY_SECRET'];
    expect(plain(bench.server.log)).toContain('file body');
    expect(plain(bench.server.log)).toContain(`a-b in ${bench.folder}/builds/runnertok/0/group/project\n`);
    expect(bench.server.log).not.toMatch(/leaked|glrt-runnertoken/);
  });

  it('leaves no private file behind', async () => {
    await using bench = await openBench();
    bench.server.jobs.push(jobJson(['true'], { variables: [{ key: 'CONF', value: 'x', file: true }] }));
    await bench.run();
    expect(await readdir(join(bench.folder, 'builds/runnertok/0/group'))).toEqual(['project']);
  });

  it('ends with what it left in the background', async () => {
    await using bench = await openBench();
    bench.server.jobs.push(jobJson(['sleep 300 & echo "pid=$!"']));
    await bench.run();
    const pid = Number(/pid=(\d+)/.exec(plain(bench.server.log))?.[1]);
    expect(pid).toBeGreaterThan(1);
    expect(await isRunning(pid)).toBe(false);
    expect(bench.server.updates.at(-1)).toMatchObject({ state: 'success' });
  });

  it('that is refused when accepted is not run', async () => {
    await using bench = await openBench();
    bench.server.override = ({ method }) => (method === 'PUT' ? { status: 403 } : null);
    bench.server.jobs.push(jobJson(['echo ran']));
    await bench.run();
    expect(bench.server.requests('PATCH')).toEqual([]);
    expect(bench.server.updates).toHaveLength(1);
  });

  it('that cannot be understood is failed as the fault of the runner', async () => {
    await using bench = await openBench();
    bench.server.jobs.push({ id: 9, token: 't', steps: 'none' });
    await bench.run();
    expect(bench.server.updates).toMatchObject([
      { state: 'failed', failure_reason: 'runner_system_failure' },
    ]);
  });
});

describe('stopping a job', () => {
  const longScript = ['echo "pid=$$"', 'sleep 300'];
  const pidOf = (log: string): number => Number(/pid=(\d+)/.exec(plain(log))?.[1]);

  it('on canceling stops the script, runs after_script and reports failed', async () => {
    await using bench = await openBench();
    bench.server.override = cancelAfterPid('canceling');
    bench.server.jobs.push(jobJson(longScript, { after: ['echo "after $CI_JOB_STATUS"'] }));
    await bench.run();
    expect(plain(bench.server.log)).toContain('\nafter canceled\n');
    expect(bench.server.updates.at(-1)).toMatchObject({ state: 'failed' });
    expect(await isRunning(pidOf(bench.server.log))).toBe(false);
  });

  it('on canceled aborts without after_script', async () => {
    await using bench = await openBench();
    bench.server.override = cancelAfterPid('canceled');
    bench.server.jobs.push(jobJson(longScript, { after: ['echo "after $CI_JOB_STATUS"'] }));
    await bench.run();
    expect(plain(bench.server.log)).not.toContain('after canceled');
    expect(await isRunning(pidOf(bench.server.log))).toBe(false);
  });

  it('at its timeout', async () => {
    await using bench = await openBench();
    bench.server.jobs.push(jobJson(longScript, { runner_info: { timeout: 1 }, after: ['echo after'] }));
    await bench.run();
    expect(bench.server.updates.at(-1)).toMatchObject({
      state: 'failed',
      failure_reason: 'job_execution_timeout',
    });
    expect(await isRunning(pidOf(bench.server.log))).toBe(false);
  });

  it('not at once when its timeout is longer than a timer can be', async () => {
    await using bench = await openBench();
    bench.server.jobs.push(jobJson(['sleep 0.1'], { runner_info: { timeout: 30 * 24 * 3600 } }));
    await bench.run();
    expect(bench.server.updates.at(-1)).toMatchObject({ state: 'success' });
  });

  it('at the timeout of its script alone leaves time for after_script', async () => {
    await using bench = await openBench();
    const variables = [{ key: 'RUNNER_SCRIPT_TIMEOUT', value: '1s' }];
    bench.server.jobs.push(jobJson(longScript, { variables, after: ['echo "after $CI_JOB_STATUS"'] }));
    await bench.run();
    expect(plain(bench.server.log)).toContain('\nafter timedout\n');
    expect(bench.server.updates.at(-1)).toMatchObject({ failure_reason: 'job_execution_timeout' });
  });

  it('when the runner has to leave', async () => {
    await using bench = await openBench();
    bench.server.jobs.push(jobJson(longScript));
    const running = bench.run({ maxBuilds: 0 });
    await bench.server.until(() => bench.server.log.includes('pid='));
    bench.quit.abort();
    bench.interrupt.abort();
    await running;
    expect(bench.server.updates.at(-1)).toMatchObject({
      state: 'failed',
      failure_reason: 'runner_interrupted',
    });
    expect(await isRunning(pidOf(bench.server.log))).toBe(false);
  });
});

/** The server's copy of the log goes on; answers say how the job stands once its script has begun. */
function cancelAfterPid(status: 'canceling' | 'canceled'): Override {
  let begun = false;
  return ({ method, body, headers }, server) => {
    if (method === 'PATCH' && /pid=\d/.test(body.toString())) begun = true;
    if (!begun || (method !== 'PATCH' && method !== 'PUT')) return null;
    if (method === 'PUT') return { status: 200, headers: { 'Job-Status': status } };
    const start = Number(String(headers['content-range']).split('-')[0]);
    server.trace = Buffer.concat([server.trace.subarray(0, start), body]);
    return { status: 202, headers: { 'Job-Status': status } };
  };
}

describe('the log', () => {
  it('goes on where the server says after a range mismatch', async () => {
    await using bench = await openBench();
    let mismatches = 0;
    bench.server.override = ({ method }, server) => {
      if (method !== 'PATCH' || mismatches > 0 || server.trace.length === 0) return null;
      mismatches += 1;
      server.trace = server.trace.subarray(0, 10);
      return null;
    };
    bench.server.jobs.push(jobJson(['echo one; sleep 1.2; echo two']));
    await bench.run();
    expect(mismatches).toBe(1);
    expect(plain(bench.server.log)).toContain('one\ntwo\n');
    expect(bench.server.updates.at(-1)).toMatchObject({ state: 'success' });
  });

  it('is sent once more when the server has lost it', async () => {
    await using bench = await openBench();
    let lost = false;
    bench.server.override = ({ method, body }, server) => {
      if (method === 'PUT' && body.includes('"success"') && !lost) {
        lost = true;
        server.trace = Buffer.alloc(0);
        return { status: 412 };
      }
      return null;
    };
    bench.server.jobs.push(jobJson(['echo hello']));
    await bench.run();
    expect(lost).toBe(true);
    expect(plain(bench.server.log)).toMatch(/^Running with[^]*Job succeeded\n$/);
  });

  it('waits while the server still works on it', async () => {
    await using bench = await openBench();
    let asked = 0;
    bench.server.override = ({ method, body }) =>
      method === 'PUT' && body.includes('"success"') && (asked += 1) < 2 ? { status: 202 } : null;
    bench.server.jobs.push(jobJson(['true']));
    await bench.run();
    expect(asked).toBe(2);
  });

  it('survives answers of a server in trouble', async () => {
    await using bench = await openBench();
    let troubles = 0;
    bench.server.override = ({ method }) =>
      method !== 'POST' && (troubles += 1) <= 3 ? { status: 502 } : null;
    bench.server.jobs.push(jobJson(['echo hello']));
    await bench.run();
    expect(plain(bench.server.log)).toContain('\nhello\n');
    expect(bench.server.updates.at(-1)).toMatchObject({ state: 'success' });
  });

  it('is cut at its limit, and the job goes on', async () => {
    await using bench = await openBench();
    const script = ['for i in $(seq 2000); do echo "line $i"; done', 'touch "$CI_PROJECT_DIR/done"'];
    bench.server.jobs.push(jobJson(script));
    await bench.run({ outputLimitBytes: 4096 });
    expect(bench.server.log).toContain("Job's log exceeded limit of 4096 bytes.");
    expect(bench.server.trace.length).toBeLessThan(4096 + 200);
    expect(await readdir(join(bench.folder, 'builds/runnertok/0/group/project'))).toEqual(['done']);
    expect(bench.server.updates.at(-1)).toMatchObject({ state: 'success' });
  });
});

describe('sources', () => {
  it('are cloned, fetched the next time, and cleaned', async () => {
    await using bench = await openBench();
    const repo = join(bench.folder, 'repo');
    await mkdir(repo);
    const git = async (...args: string[]): Promise<string> =>
      (await exec('git', ['-C', repo, '-c', 'user.name=t', '-c', 'user.email=t@t', ...args])).stdout.trim();
    await git('init', '-q', '-b', 'main');
    await writeFile(join(repo, 'hello.txt'), 'from git\n');
    await git('add', '.');
    await git('commit', '-qm', 'one');
    const git_info = {
      repo_url: repo,
      ref: 'main',
      sha: await git('rev-parse', 'HEAD'),
      refspecs: ['+refs/heads/main:refs/remotes/origin/main'],
      depth: 20,
    };
    const variables = [{ key: 'GIT_STRATEGY', value: 'fetch' }];
    const job = jobJson(['cat hello.txt', 'ls', 'touch left-over', 'git status -sb | head -1'], {
      git_info,
      variables,
    });
    bench.server.jobs.push(job, job);
    await bench.run({ maxBuilds: 2 });
    expect(bench.server.updates.at(-1)).toMatchObject({ state: 'success' });
    expect(plain(bench.server.log)).toContain('$ cat hello.txt\nfrom git\n');
    expect(plain(bench.server.log)).toContain('$ ls\nhello.txt\n$');
    expect(plain(bench.server.log)).toContain('## HEAD (no branch)');
  });

  it('that cannot be had fail the job with the exit code of git', async () => {
    await using bench = await openBench();
    bench.server.jobs.push(jobJson(['echo ran'], { variables: [{ key: 'GIT_STRATEGY', value: 'clone' }] }));
    await bench.run();
    expect(bench.server.updates.at(-1)).toMatchObject({ failure_reason: 'script_failure', exit_code: 128 });
    expect(plain(bench.server.log)).not.toContain('\nran\n');
  });
});
