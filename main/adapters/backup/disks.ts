// Disks by the labels of their file systems: which are plugged in and mounted, and where.
import { readFile, readdir, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** Where a system keeps labels and mounts; tests have their own. */
export interface DiskPlaces {
  readonly platform: NodeJS.Platform;
  /** udev's links by label. */
  readonly labels: string;
  readonly mounts: string;
  /** Of macOS: a folder for each disk, by its label. */
  readonly volumes: string;
}

const systemPlaces: DiskPlaces = {
  platform: process.platform,
  labels: '/dev/disk/by-label',
  mounts: '/proc/self/mountinfo',
  volumes: '/Volumes',
};

/** Label to mount point, of disks that are mounted now. A system without such places has none. */
export async function findDisks(
  places: DiskPlaces = systemPlaces,
): Promise<Readonly<Record<string, string>>> {
  if (places.platform === 'darwin') return await volumesOf(places.volumes);
  if (places.platform !== 'linux') return {};
  const [labels, mounts] = await Promise.all([labelsIn(places.labels), mountsIn(places.mounts)]);
  return Object.fromEntries(
    labels.flatMap(({ label, device }) => {
      const point = mounts.get(device);
      return point === undefined ? [] : [[label, point]];
    }),
  );
}

async function volumesOf(folder: string): Promise<Readonly<Record<string, string>>> {
  const names = await readdir(folder).catch(() => []);
  return Object.fromEntries(names.map((name) => [name, join(folder, name)]));
}

async function labelsIn(folder: string): Promise<readonly { label: string; device: string }[]> {
  const names = await readdir(folder).catch(() => []);
  const found = await Promise.all(
    names.map(async (name) => {
      const device = await realpath(join(folder, name)).catch(() => null);
      return device === null ? [] : [{ label: decodeLabel(name), device }];
    }),
  );
  return found.flat();
}

/** udev writes what is no plain character as `\x20`: the bytes of its UTF-8. */
function decodeLabel(name: string): string {
  const parts = name.split(/(\\x[0-9a-f]{2})/i);
  const bytes = parts.map((part, index) =>
    index % 2 === 1 ? Buffer.from(part.slice(2), 'hex') : Buffer.from(part),
  );
  return Buffer.concat(bytes).toString('utf8');
}

/** Device to mount point; of a file system that is mounted more than once, the place where all of it is, or the first. */
async function mountsIn(file: string): Promise<ReadonlyMap<string, string>> {
  const text = await readFile(file, 'utf8').catch(() => '');
  const mounts = new Map<string, string>();
  const all = text.split('\n').flatMap((line) => readMount(line) ?? []);
  for (const mount of all.toSorted((a, b) => Number(b.root === '/') - Number(a.root === '/'))) {
    const device = await realpath(mount.source).catch(() => mount.source);
    if (!mounts.has(device)) mounts.set(device, mount.point);
  }
  return mounts;
}

/** https://man7.org/linux/man-pages/man5/proc_pid_mountinfo.5.html: optional fields end with a lone `-`. */
function readMount(
  line: string,
): { readonly root: string; readonly point: string; readonly source: string } | null {
  const fields = line.split(' ');
  const [root, point] = [fields[3], fields[4]];
  const source = fields[fields.indexOf('-', 6) + 2];
  if (root === undefined || point === undefined || source === undefined) return null;
  if (!source.startsWith('/')) return null;
  return { root: unescape(root), point: unescape(point), source: unescape(source) };
}

/** The kernel writes blanks and backslashes as `\040`. */
function unescape(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 8)),
  );
}

/** Whether there is a folder. */
export async function isFolder(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => null);
  return found?.isDirectory() ?? false;
}
