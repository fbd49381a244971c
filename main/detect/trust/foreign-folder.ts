// Folders of somebody else: `HOME` says whose they seem to be, and `sudo -E` leaves it as it was.
import type { StoreObstacle } from '../../model/trust.ts';
import type { Probe } from '../../probe-port.ts';

/** Why nothing is changed below these folders: what AutoGit makes there would not be their owner's. Never rejects. */
export async function foreignFolder(
  folders: readonly string[],
  probe: Pick<Probe, 'self' | 'stat'>,
): Promise<StoreObstacle | null> {
  const { uid, user } = probe.self();
  if (uid === null) return null;
  for (const folder of folders) {
    const found = await probe.stat(folder);
    if (found !== null && found.owner !== uid)
      return {
        why: `${folder} belongs to user ${found.owner}, and AutoGit runs as ${user ?? `user ${uid}`}: let its owner ask AutoGit, or set HOME to your own.`,
        ...{ needsRoot: false, install: null },
      };
  }
  return null;
}
