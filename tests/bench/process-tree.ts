// What a program and all processes that it started use, as the kernel counts it.
import { readFile, readdir } from 'node:fs/promises';

/** A look at a tree of processes. */
export interface TreeUse {
  /** Memory, with what several processes share divided among them (PSS): megabytes. */
  readonly pssMb: number;
  /** Of those that draw a page alone. */
  readonly pageMb: number;
  /** Processor time since they began, of those that have ended meanwhile too: milliseconds. */
  readonly cpuMs: number;
  /** Processes that draw a page. */
  readonly pages: number;
}

interface OneProcess {
  readonly pid: number;
  readonly parent: number;
  readonly cpuMs: number;
}

/** The kernel's clock for processes has a hundred ticks a second on every Linux. https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html */
const tickMs = 10;

async function readText(pid: number, name: string): Promise<string> {
  return readFile(`/proc/${String(pid)}/${name}`, 'utf8').catch(() => '');
}

/** Fields 4, 14, 15, 16 and 17: parent, own time, and the time of children that have ended. */
function parseStat(pid: number, text: string): OneProcess | null {
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  if (fields.length < 15) return null;
  const ticks = fields.slice(11, 15).reduce((sum, each) => sum + Number(each), 0);
  return { pid, parent: Number(fields[1]), cpuMs: ticks * tickMs };
}

async function listTree(root: number): Promise<readonly OneProcess[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const read = await Promise.all(pids.map(async (pid) => parseStat(pid, await readText(pid, 'stat'))));
  const all = read.filter((one) => one !== null);
  const found = all.filter(({ pid }) => pid === root);
  for (const { pid } of found) found.push(...all.filter(({ parent }) => parent === pid));
  return found;
}

async function pssOf(pid: number): Promise<number> {
  const kilobytes = /^Pss:\s+(\d+) kB$/m.exec(await readText(pid, 'smaps_rollup'))?.[1];
  return Number(kilobytes ?? 0) / 1024;
}

/** Looks at the process `root` and all below it. */
export async function lookAtTree(root: number): Promise<TreeUse> {
  const tree = await listTree(root);
  const each = await Promise.all(
    tree.map(async ({ pid, cpuMs }) => ({
      cpuMs,
      pssMb: await pssOf(pid),
      isPage: (await readText(pid, 'cmdline')).includes('--type=renderer'),
    })),
  );
  const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
  const pages = each.filter(({ isPage }) => isPage);
  return {
    pssMb: sum(each.map(({ pssMb }) => pssMb)),
    pageMb: sum(pages.map(({ pssMb }) => pssMb)),
    cpuMs: sum(each.map(({ cpuMs }) => cpuMs)),
    pages: pages.length,
  };
}
