// The newest part of AutoGit's own log.
import { open, readdir } from 'node:fs/promises';
import path from 'node:path';

/** Bytes. */
const newestBytes = 1_000_000;

/** Whole lines, of the files that were written last; '' where there are none. */
export async function readOwnLog(folder: string): Promise<string> {
  const names = (await readdir(folder).catch(() => [])).filter((name) => /^core-.*\.log$/.test(name));
  const parts: string[] = [];
  let left = newestBytes;
  for (const name of names.toSorted(byAge).toReversed()) {
    if (left <= 0) break;
    const text = await readEnd(path.join(folder, name), left);
    parts.unshift(text);
    left -= Buffer.byteLength(text);
  }
  return parts.join('');
}

/** `core-2026-11-21.log` is older than `core-2026-11-21.1.log`, and that one than `.10.log`. */
function byAge(one: string, other: string): number {
  const key = (name: string): readonly [string, number] => [
    name.slice(0, 15),
    Number(/\.(\d+)\.log$/.exec(name)?.[1] ?? 0),
  ];
  const [day, part] = key(one);
  const [otherDay, otherPart] = key(other);
  return day === otherDay ? part - otherPart : day < otherDay ? -1 : 1;
}

async function readEnd(file: string, most: number): Promise<string> {
  const handle = await open(file);
  try {
    const { size } = await handle.stat();
    const start = Math.max(0, size - most);
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(Math.min(size, most)), 0, undefined, start);
    const text = buffer.subarray(0, bytesRead).toString('utf8');
    return start === 0 ? text : text.slice(text.indexOf('\n') + 1);
  } finally {
    await handle.close();
  }
}
