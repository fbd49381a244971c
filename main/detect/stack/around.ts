// Single things around a stack: its clock, its disk, `/dev/null`, SELinux, the old Compose, files that others may read.
import { z } from 'zod';
import type { DataMount, StackSurroundings } from '../../model/stack/surroundings.ts';
import type { Probe } from '../../probe-port.ts';
import { parseShortVersion } from '../machine/compose.ts';
import { parseMounts } from '../machine/mounts.ts';

/** A small program of the system. Milliseconds. */
const deadlineMs = 1_000;

/** What `chronyc tracking` says of the clock as it is now, in milliseconds; `null` for anything else. Never throws. */
export function parseChrony(text: unknown): number | null {
  if (typeof text !== 'string') return null;
  const [, digits, way] =
    /^System time +: (\d{1,12}\.\d{1,12}) seconds (slow|fast) of NTP time$/m.exec(text) ?? [];
  // Before its first answer from a server, chrony names none, and its numbers mean nothing.
  if (digits === undefined || /^Leap status +: Not synchronised$/m.test(text)) return null;
  return Number(digits) * 1_000 * (way === 'fast' ? 1 : -1);
}

/** Only chrony tells how far the clock is off now; systemd-timesyncd tells what it has set right already. */
export async function detectClock(probe: Probe): Promise<StackSurroundings['clock']> {
  const ran = await probe.run('chronyc', ['-n', 'tracking'], deadlineMs);
  const aheadMs = ran.outcome === 'ended' && ran.code === 0 ? parseChrony(ran.stdout) : null;
  return aheadMs === null ? null : { aheadMs, source: 'chrony' };
}

/** Programs' files answer only where they are plain files, and a device is none. */
export async function detectDevNull(probe: Probe): Promise<StackSurroundings['devNull']> {
  if (probe.self().platform !== 'linux') return null;
  const [content, stat, folder] = await Promise.all([
    probe.readFile('/dev/null'),
    probe.stat('/dev/null'),
    probe.list('/dev'),
  ]);
  if (content !== null) return 'file';
  if (stat !== null) return 'device';
  return folder !== null && !folder.includes('null') ? 'missing' : null;
}

export async function detectSelinux(probe: Probe): Promise<boolean | null> {
  const text = await probe.readFile('/sys/fs/selinux/enforce');
  return text === null ? null : text.trim() === '1';
}

/** The Python one had version 1. */
export async function detectOldCompose(probe: Probe): Promise<string | null> {
  const ran = await probe.run('docker-compose', ['version', '--short'], deadlineMs);
  const version = ran.outcome === 'ended' && ran.code === 0 ? parseShortVersion(ran.stdout) : null;
  return version !== null && version.startsWith('1.') ? version : null;
}

const addressList = z.array(
  z.object({ addr_info: z.array(z.object({ local: z.string().nullish(), dynamic: z.boolean().nullish() })) }),
);

/** Whether an address is lent, in what `ip -json addr` prints; `null`: it does not say. Never throws. */
export function parseLent(text: unknown, address: string): boolean | null {
  if (typeof text !== 'string') return null;
  try {
    const parsed = addressList.safeParse(JSON.parse(text));
    const all = parsed.success ? parsed.data.flatMap((device) => device.addr_info) : [];
    const own = all.find(({ local }) => local === address);
    return own === undefined ? null : own.dynamic === true;
  } catch {
    return null;
  }
}

export async function detectAddressLent(probe: Probe, address: string | null): Promise<boolean | null> {
  if (address === null) return null;
  const ran = await probe.run('ip', ['-json', '-4', 'addr'], deadlineMs);
  return ran.outcome === 'ended' && ran.code === 0 ? parseLent(ran.stdout, address) : null;
}

/** Folders from a path up to the root, the path first. */
function upwards(path: string): readonly string[] {
  const parts = path.split('/').filter((part) => part !== '');
  return [...parts.keys()].map((index) => `/${parts.slice(0, parts.length - index).join('/')}`).concat('/');
}

/** The file system below a folder that need not be there yet. Later mounts lie over earlier ones. */
export async function detectDataMount(probe: Probe, path: string): Promise<DataMount | null> {
  const mounts = parseMounts(await probe.readFile('/proc/self/mountinfo'));
  const places = upwards(path);
  const place = places.find((folder) => mounts.some(({ mount }) => mount === folder));
  const found = mounts.findLast(({ mount }) => mount === place);
  if (found === undefined) return null;
  const { mount, fileSystem, readOnly } = found;
  const disk = await probe.disk(mount);
  return { mount, fileSystem, readOnly, freeBytes: disk?.free ?? null, totalBytes: disk?.total ?? null };
}

/** Files of a folder that others than their owner may read. */
export async function detectOpenFiles(probe: Probe, folder: string): Promise<readonly string[]> {
  const names = (await probe.list(folder)) ?? [];
  const looked = await Promise.all(
    names.map(async (name) => {
      const stat = await probe.stat(`${folder}/${name}`);
      return stat !== null && (stat.mode & 0o077) !== 0 ? [`${folder}/${name}`] : [];
    }),
  );
  return looked.flat();
}
