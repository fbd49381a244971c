// Keeps a core of our own as long as the page is shown that it was asked for.
import { setTimeout as wait } from 'node:timers/promises';
import type { CoreDoor } from '../contract/contract.ts';
import type { CliWorld } from './access.ts';

/** Resolves at the page's end, or when somebody interrupts; at once where none is shown. */
export async function holdPage(door: CoreDoor, world: CliWorld): Promise<void> {
  const { sharing } = await door.call('certificate.list', {});
  if (sharing === null) return;
  world.err.write(
    'No core runs here, so the page is shown as long as this command goes on. Ctrl-C ends it.\n',
  );
  const signal = AbortSignal.any([world.interrupt, world.orphaned]);
  // Fired already, or then: both are an end.
  await wait(Math.max(0, sharing.until - world.now()), undefined, { signal }).catch(() => undefined);
}
