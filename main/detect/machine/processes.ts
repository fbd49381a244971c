// Programs that run on this machine: their names and users, which everybody may see.
import type { Surrounding } from '../../model/machine.ts';
import type { Probe } from '../../probe-port.ts';
import { plainText, wholeLines, wholeNumber } from './text.ts';

export interface Process {
  readonly pid: number;
  /** Of programs at most 15 characters: the kernel keeps no more. */
  readonly name: string;
  readonly uid: number;
}

/** Programs that run, as far as they are seen. */
export interface Programs {
  readonly seen: readonly Process[];
  /** Why others may run on this machine that are not among them; `null`: these are all, and of this machine. */
  readonly whyNotAll: string | null;
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

interface Listed {
  readonly processes: readonly Process[];
  /** Whether there were more of them than were read. */
  readonly cut: boolean;
}

/** One after the other: hundreds of files at once would keep every other look waiting. */
async function readProcesses(probe: Probe): Promise<Listed> {
  const pids = (await probe.list('/proc'))?.filter((name) => /^\d{1,7}$/.test(name)) ?? [];
  const processes: Process[] = [];
  for (const pid of pids.slice(0, most)) {
    const process = parseProcess(Number(pid), await probe.readFile(`/proc/${pid}/status`));
    if (process !== null) processes.push(process);
  }
  return { processes, cut: pids.length > most };
}

async function listProcesses(probe: Probe): Promise<Listed> {
  const ran = await probe.run('ps', ['-eo', 'pid=,uid=,comm='], deadlineMs);
  const printed = ran.outcome === 'ended' && ran.code === 0 ? parsePs(ran.stdout) : [];
  return printed.length > 0 ? { processes: printed, cut: false } : readProcesses(probe);
}

/**
 * The first process is root's and always there. Who does not see it sees only programs of their own, as with the
 * option `hidepid`: https://docs.kernel.org/filesystems/proc.html#mount-options
 */
function whyNotAll({ processes, cut }: Listed, container: Surrounding | null): string | null {
  if (processes.length === 0) return 'the programs that run cannot be listed';
  if (container === null)
    return 'it is not known whether AutoGit runs in a container, and in one it sees only the programs of that';
  if (container !== 'none') return 'AutoGit runs in a container, and sees only the programs of that';
  if (!processes.some(({ pid }) => pid === 1))
    return 'the system shows this user no programs but their own (/proc is mounted with hidepid)';
  return cut ? `more than ${most} programs run, and no more are looked at` : null;
}

/** `container`: what AutoGit itself runs in; `null`: not known. */
export async function detectPrograms(probe: Probe, container: Surrounding | null): Promise<Programs> {
  const listed = await listProcesses(probe);
  return { seen: listed.processes, whyNotAll: whyNotAll(listed, container) };
}
