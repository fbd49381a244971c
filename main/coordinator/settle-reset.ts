// The end of a reset of the sandbox: when nothing of it is left, the settings and the store forget it.
import type { Log } from '../log.ts';
import { freshValue } from '../plan/freshness.ts';
import { sandboxElsewhere, sandboxHome } from '../plan/plan-sandbox.ts';
import type { Store } from '../ports.ts';
import type { Pass } from './coordinator.ts';
import type { SettingsAccess } from './settings-access.ts';

interface ResetGround {
  readonly store: Store;
  readonly settings: SettingsAccess;
  readonly log: Log;
}

/** True once nothing of the sandbox, of its runners and of their network is left, as a fresh look shows. */
export function isReset({ desired, observed }: Pass): boolean {
  const node = sandboxHome(observed);
  const view = node === undefined ? null : freshValue(node.engine);
  const { sandbox, network } = desired;
  if (view === null || sandbox?.state !== 'absent') return false;
  if (sandboxElsewhere(sandbox.volume, observed) !== null) return false;
  const left = view.volumes.includes(sandbox.volume) || view.networks.includes(network);
  return !left && view.containers.length + observed.records.length + observed.inFlight.length === 0;
}

/**
 * Ends the request to reset the sandbox. The settings change first: while the request is open, nobody starts a
 * sandbox again, and a kill between the two does this once more.
 */
export async function settleReset({ store, settings, log }: ResetGround): Promise<void> {
  const request = store.openRequests().find(({ kind }) => kind === 'reset-sandbox');
  if (request === undefined) return;
  try {
    const present = settings.current();
    if (present.gitlab.kind === 'sandbox') await settings.save({ ...present, gitlab: { kind: 'none' } });
    store.forgetGitlab();
    store.setSandboxNode(null);
    // With the sandbox gone there is nothing left that a drain or a teardown could hold back.
    for (const { id } of store.openRequests()) store.finishRequest(id, 'done');
  } catch (error) {
    log.error('the settings could not be written after the reset', { error });
  }
}
