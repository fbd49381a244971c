// The name of a Linux distribution, from its own file.
import { plainText, wholeLines } from './text.ts';

export interface OsRelease {
  readonly name: string | null;
  readonly id: string | null;
  readonly version: string | null;
}

/** Inside quotes a backslash goes before `$`, `"`, `\` and a backtick. */
function unquote(value: string): string | undefined {
  const trimmed = value.trim();
  const quoted = /^"((?:[^"\\]|\\.)*)"$/.exec(trimmed)?.[1] ?? /^'([^']*)'$/.exec(trimmed)?.[1];
  if (quoted !== undefined) return quoted.replaceAll(/\\(.)/g, '$1');
  return /["'\s]/.test(trimmed) ? undefined : trimmed;
}

/** `/etc/os-release`: https://www.freedesktop.org/software/systemd/man/latest/os-release.html. Never throws. */
export function parseOsRelease(text: unknown): OsRelease {
  const values = new Map<string, string>();
  for (const line of wholeLines(text)) {
    const [, key, value] = /^([A-Z0-9_]+)=(.*)$/.exec(line.trim()) ?? [];
    const plain = value === undefined ? undefined : unquote(value);
    if (key !== undefined && plain !== undefined) values.set(key, plain);
  }
  const id = plainText(values.get('ID'), 60);
  return {
    name: plainText(values.get('PRETTY_NAME')) ?? plainText(values.get('NAME')),
    id: id !== null && /^[a-z0-9._-]+$/.test(id) ? id : null,
    version: plainText(values.get('VERSION_ID'), 60) ?? plainText(values.get('BUILD_ID'), 60),
  };
}
