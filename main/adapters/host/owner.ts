// Who we are and who a file belongs to, by name.
import { readFile } from 'node:fs/promises';

/** Our own id; `null` on systems without such ids. */
export function ownId(): number | null {
  return process.geteuid?.() ?? null;
}

/** The name of a user of this machine, for messages and for `sudo -u`; `#1000` when nobody knows it. */
export async function userName(id: number): Promise<string> {
  if (id === 0) return 'root';
  const users = await readFile('/etc/passwd', 'utf8').catch(() => '');
  const line = users.split('\n').find((user) => user.split(':')[2] === String(id));
  return line?.split(':')[0] ?? `#${String(id)}`;
}
