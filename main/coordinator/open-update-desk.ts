// The updates of a lab; where nobody has given it a way to them, nothing is asked and nothing can be installed.
import type { Log } from '../log.ts';
import type { Clock, Host, Store } from '../ports.ts';
import type { Updates } from '../update-port.ts';
import type { SettingsAccess } from './settings-access.ts';
import { createUpdateDesk } from './update-desk.ts';
import type { UpdateDesk } from './update-desk.ts';

export interface UpdateGround {
  /** Missing: there are none. */
  readonly updates?: Updates;
  readonly program?: { readonly version: string };
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly settings: SettingsAccess;
  readonly host: Host;
}

function noWay(): Promise<never> {
  return Promise.reject(new Error('This core was given no way to updates'));
}

/** Trusts no key, so that nothing of it is ever asked by itself. */
const noUpdates: Updates = {
  ...{ kind: 'source', arch: process.arch, hasKeys: false },
  ...{ fetchManifest: noWay, keep: noWay, stage: noWay, installPlan: noWay, install: noWay },
  kept: () => Promise.resolve(null),
  isStaged: () => Promise.resolve(false),
  tidy: () => Promise.resolve(),
};

/** Nothing is asked before it is started. `onChange`: issues have come or gone. */
export function openUpdateDesk(
  { updates = noUpdates, program, store, clock, log, settings, host }: UpdateGround,
  onChange: () => void,
): UpdateDesk {
  return createUpdateDesk({
    ...{ updates, version: program?.version ?? 'unknown', store, clock, log: log.topic('updates'), onChange },
    ...{ settings: () => settings.current(), randomHex: (bytes) => host.randomHex(bytes) },
  });
}
