// Pretended cores for pages, joined with the part of the lab that a page is about.
import { createFakeAccess } from './fake-access-calls.ts';
import type { AccessOptions, FakeAccess } from './fake-access-calls.ts';
import { createFakeBackups } from './fake-backup-calls.ts';
import type { BackupOptions, FakeBackups } from './fake-backup-calls.ts';
import { createFakeCore } from './fake-core.ts';
import type { FakeCore } from './fake-core.ts';
import { createFakeWorld } from './fake-world.ts';

/** With targets, backups and schedules. */
export function backupLab(
  options: BackupOptions = {},
  world = createFakeWorld(),
): { readonly core: FakeCore; readonly backups: FakeBackups } {
  const backups = createFakeBackups({ ...options, world });
  return { backups, core: createFakeCore(world, undefined, backups.calls, undefined, backups.streams) };
}

/** With certificates, people and their programs. */
export function accessLab(options: AccessOptions = {}): {
  readonly core: FakeCore;
  readonly access: FakeAccess;
} {
  const access = createFakeAccess(options);
  return { access, core: createFakeCore(undefined, undefined, access.calls) };
}
