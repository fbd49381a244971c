// Programs that run on this machine: their names and users, which everybody may see.
import type { Probe } from '../../ports.ts';
import { plainText, wholeLines, wholeNumber } from './text.ts';

export interface Process {
  readonly pid: number;
  /** Of programs at most 15 characters: the kernel keeps no more. */
  readonly name: string;
  readonly uid: number;
}

/** A small program of the system. Milliseconds. */
const deadlineMs = 500;
/** Where there is no such program, as in containers: more than runs in most of them. */
const most = 500;

/** What `ps -eo pid=,uid=,comm=` prints; lines of another form are left out. Never throws. */
export function parsePs(text: unknown): readonly Process[] {
  return wholeLines(text).flatMap((line) => {
    const [, pid, uid, comm] = /^ *(\d+) +(\d+) (\S.*)$/.exec(line) ?? [];
    const [number, user, name] = [wholeNumber(pid), wholeNumber(uid), plainText(comm, 60)];
    return number === null || user === null || name === null ? [] : [{ pid: number, uid: user, name }];
  });
}

/** `/proc/<pid>/status`: https://docs.kernel.org/filesystems/proc.html. `null` for anything else. Never throws. */
export function parseProcess(pid: number, text: unknown): Process | null {
  const lines = wholeLines(text);
  const name = plainText(lines.find((line) => line.startsWith('Name:\t'))?.slice(6), 60);
  const [, digits] =
    /^Uid:\t\d+\t(\d+)\t\d+\t\d+$/.exec(lines.find((line) => line.startsWith('Uid:')) ?? '') ?? [];
  const uid = wholeNumber(digits);
  return name === null || uid === null ? null : { pid, name, uid };
}

/** One after the other: hundreds of files at once would keep every other look waiting. */
async function readProcesses(probe: Probe): Promise<readonly Process[]> {
  const pids = (await probe.list('/proc'))?.filter((name) => /^\d{1,7}$/.test(name)).slice(0, most) ?? [];
  const processes: Process[] = [];
  for (const pid of pids) {
    const process = parseProcess(Number(pid), await probe.readFile(`/proc/${pid}/status`));
    if (process !== null) processes.push(process);
  }
  return processes;
}

/** `null` where they cannot be listed. */
export async function listProcesses(probe: Probe): Promise<readonly Process[] | null> {
  const ran = await probe.run('ps', ['-eo', 'pid=,uid=,comm='], deadlineMs);
  const printed = ran.outcome === 'ended' && ran.code === 0 ? parsePs(ran.stdout) : [];
  const processes = printed.length > 0 ? printed : await readProcesses(probe);
  return processes.length === 0 ? null : processes;
}
