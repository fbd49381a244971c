// Ends what a killed core has left running: a restic that nobody listens to holds its lock, and goes on writing where it restores.
import { readFile, readdir } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';

/** What they have to remove their locks before they are killed. Milliseconds. */
const graceMs = 20_000;
const lookMs = 100;

/**
 * Ends programs that name this cache of ours and that this process has not started. Where there is no `/proc` none are found;
 * there they end by themselves. Never rejects.
 */
export async function endLeft(cache: string, grace = graceMs): Promise<void> {
  const deadline = performance.now() + grace;
  let left = await findLeft(cache);
  for (const pid of left) signal(pid, 'SIGINT');
  while (left.length > 0 && performance.now() < deadline) {
    await setTimeout(lookMs);
    left = await findLeft(cache);
  }
  for (const pid of left) signal(pid, 'SIGKILL');
}

async function findLeft(cache: string): Promise<readonly number[]> {
  const pids = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name));
  const found: number[] = [];
  for (const pid of pids) {
    const words = (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).split('\0');
    const at = words.indexOf('--cache-dir');
    if (at < 0 || words[at + 1] !== cache) continue;
    if ((await statOf(pid)).parent !== process.pid) found.push(Number(pid));
  }
  return found;
}

/**
 * Waits for processes that have ended, until whoever must ask how they ended has done so: before that restic takes them for living
 * ones, and their locks for held. False: nobody has asked in time. Where there is no `/proc` none are found. Never rejects.
 */
export async function untilReaped(pids: readonly number[], limitMs = graceMs): Promise<boolean> {
  const deadline = performance.now() + limitMs;
  for (const pid of pids) {
    while ((await statOf(pid)).state === 'Z') {
      if (performance.now() >= deadline) return false;
      await setTimeout(lookMs);
    }
  }
  return true;
}

/** Its name may have blanks and parentheses: https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html */
async function statOf(pid: string | number): Promise<{ readonly state: string; readonly parent: number }> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  const [state = '', parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return { state, parent: Number(parent) };
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It is gone, or somebody else's.
  }
}
