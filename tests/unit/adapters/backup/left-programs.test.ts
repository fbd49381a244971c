// What a killed core has left running is ended by the next one, and nothing else is.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { expect, it } from 'vitest';
import { endLeft } from '../../../../main/adapters/backup/left-programs.ts';

/** Starts a program as a core would, and lets its starter end: somebody else's child is left. Its process id. */
async function orphan(cache: string): Promise<number> {
  const sleeper = `require('node:child_process').spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)', '--', '--cache-dir', ${JSON.stringify(cache)}], { detached: true, stdio: 'ignore' })`;
  const starter = spawn(process.execPath, ['-e', `const c = ${sleeper}; c.unref(); console.log(c.pid)`]);
  let said = '';
  starter.stdout.on('data', (part: Buffer) => (said += part.toString()));
  await new Promise((resolve) => starter.once('close', resolve));
  return Number(said);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

it.skipIf(!existsSync('/proc/self/cmdline'))('ends those of this cache alone', async () => {
  const cache = `/nowhere/${process.pid}/cache`;
  const [own, other] = [await orphan(cache), await orphan(`${cache}-of-another`)];
  try {
    await endLeft(cache, 10_000);
    await expect.poll(() => isAlive(own), { timeout: 20_000 }).toBe(false);
    expect(isAlive(other)).toBe(true);
  } finally {
    process.kill(other, 'SIGKILL');
  }
});
