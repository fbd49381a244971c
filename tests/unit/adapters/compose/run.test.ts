// Programs that are run: their words, their end, and that nothing of them is left.
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { runProgram } from '../../../../main/adapters/compose/run.ts';
import type { ProgramCall } from '../../../../main/adapters/compose/run.ts';
import { temporaryFolder } from '../host/temporary.ts';

function shell(script: string, change: Partial<ProgramCall> = {}): ProgramCall {
  return {
    ...{ program: 'sh', args: ['-c', script], environment: process.env, folder: '/', input: '' },
    ...{ deadlineMs: 20_000, signal: null, mostBytes: 100_000, ...change },
  };
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !/^State:\s*[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

describe('a program', () => {
  it('has its input, folder and environment, and gives both outputs and its code', async () => {
    const folder = temporaryFolder();
    const call = shell('cat; pwd; echo "$WORD" >&2; exit 3', {
      ...{ folder, input: 'in\n', environment: { PATH: process.env['PATH'], WORD: 'word' } },
    });
    expect(await runProgram(call)).toEqual({
      outcome: 'ended',
      code: 3,
      stdout: `in\n${folder}\n`,
      stderr: 'word\n',
    });
  });

  it('gives lines while it runs', async () => {
    const lines: string[] = [];
    const onLine = (line: string, from: string): unknown => lines.push(`${from}: ${line}`);
    await runProgram(shell('echo one; echo two >&2; printf three', { onLine }));
    expect(lines.toSorted()).toEqual(['stderr: two', 'stdout: one', 'stdout: three']);
  });

  it('that is not there is missing; one that may not be run has failed', async () => {
    expect(await runProgram(shell('', { program: 'autogit-no-such-program' }))).toEqual({
      outcome: 'missing',
    });
    const file = path.join(temporaryFolder(), 'program');
    writeFileSync(file, 'x', { mode: 0o644 });
    expect(await runProgram(shell('', { program: file }))).toMatchObject({ outcome: 'failed' });
  });

  it('that does not read its input is none the worse for it', async () => {
    const end = await runProgram(shell('exit 0', { input: 'x'.repeat(1_000_000) }));
    expect(end).toMatchObject({ outcome: 'ended', code: 0 });
  });

  it('that prints without end is kept from its end', async () => {
    const end = await runProgram(shell('seq 1 200000', { mostBytes: 1000 }));
    if (end.outcome !== 'ended') throw new Error(end.outcome);
    expect(end.stdout.length).toBeLessThanOrEqual(1000);
    expect(end.stdout.endsWith('199999\n200000\n')).toBe(true);
  });

  it('is ended at its deadline, with all that it started', async () => {
    const file = path.join(temporaryFolder(), 'pids');
    const end = await runProgram(
      shell(`sleep 1000 & echo "$! $$" > ${file}; echo waits >&2; wait`, { deadlineMs: 500 }),
    );
    expect(end).toEqual({ outcome: 'timeout', stderr: 'waits\n' });
    const pids = readFileSync(file, 'utf8').trim().split(' ').map(Number);
    await expect.poll(() => pids.filter(isAlive)).toEqual([]);
  });

  it('is asked to end before it is killed, and has ended when it was given up', async () => {
    const giveUp = new AbortController();
    const file = path.join(temporaryFolder(), 'words');
    const begun = Promise.withResolvers<undefined>();
    const call = shell(`trap 'echo asked > ${file}; exit 0' TERM; echo begun; sleep 1000 & wait`, {
      ...{ signal: giveUp.signal, onLine: () => begun.resolve(undefined) },
    });
    const end = runProgram(call);
    await begun.promise;
    giveUp.abort();
    expect(await end).toEqual({ outcome: 'cancelled' });
    expect(readFileSync(file, 'utf8')).toBe('asked\n');
  });

  it('is not begun when it was given up before', async () => {
    expect(await runProgram(shell('exit 0', { signal: AbortSignal.abort() }))).toEqual({
      outcome: 'cancelled',
    });
  });

  it('that somebody else kills has failed', async () => {
    expect(await runProgram(shell('kill -9 $$'))).toMatchObject({
      outcome: 'failed',
      why: 'it was ended by SIGKILL',
    });
  });

  it('is not waited for when what it left behind keeps its output open', async () => {
    const end = await runProgram(shell('sleep 1000 & echo done'));
    expect(end).toMatchObject({ outcome: 'ended', code: 0, stdout: 'done\n' });
  });
});
