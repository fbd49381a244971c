// Reads what GitLab, and the sandbox alike, writes about a backup: version and numbers.
import { z } from 'zod';

/** GitLab's name of it; a backup folder without it holds no whole backup. */
export const informationName = 'backup_information.yml';

export interface BackupInformation {
  /** `19.3.3`; '' where it is not told. */
  readonly version: string;
  /** Only the sandbox counts. */
  readonly counts: Readonly<Record<string, number>>;
}

/** Tolerant: what is not understood is left out. */
export function readInformation(text: string): BackupInformation {
  const version = /^:?gitlab_version: *['"]?([\w.+-]{1,60})/m.exec(text)?.[1] ?? '';
  const [, block = ''] = /^:?counts:\n((?: +[a-z_]+: \d+\n?)*)/m.exec(text) ?? [];
  const counts = [...block.matchAll(/^ +([a-z_]{1,60}): (\d{1,15})$/gm)].map(([, name, number]) => [
    z.string().parse(name),
    Number(number),
  ]);
  return { version, counts: z.record(z.string(), z.number()).parse(Object.fromEntries(counts)) };
}
