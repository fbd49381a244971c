// The engines on which this tier runs: every one that answers on this machine.
import { connectEngine } from '../../main/adapters/engine/connect.ts';
import { parseEngineAddress } from '../../main/adapters/engine/address.ts';
import { listMachineEngines } from '../chaos/machine-engine.ts';
import { silentLog } from '../fakes/silent-log.ts';
import { startCuttableProxy } from '../fixtures/cuttable-proxy.ts';
import { listOwnEngines } from './own-engines.ts';
import type { PortSubject } from './port-suite.ts';

export { silentLog };

/** Sockets of the engines of this machine that answer, the one that AutoGit would take first, and the tier's own. */
export async function listRealEngines(): Promise<readonly string[]> {
  const own = listOwnEngines().flatMap(({ host }) => host ?? []);
  return [...(await listMachineEngines()), ...own];
}

/** As a person would call it: `rootless Podman`. */
export async function titleOf(host: string): Promise<string> {
  const own = listOwnEngines().find((offer) => offer.host === host);
  if (own !== undefined) return own.kind;
  const { kind, rootless } = await connectEngine({ host, log: silentLog }).info();
  return `${rootless ? 'rootless' : 'rootful'} ${kind === 'docker' ? 'Docker' : 'Podman'}`;
}

/** The engine at `host` for the port suite. */
export async function openRealEngine(host: string): Promise<PortSubject> {
  const address = parseEngineAddress(host);
  if (address.kind !== 'socket') throw new Error(`${host} is not a socket`);
  const proxy = await startCuttableProxy(address.path);
  return {
    engine: connectEngine({ host, log: silentLog }),
    fragile: connectEngine({ host: `unix://${proxy.path}`, log: silentLog }),
    breakEvents: () => proxy.cut(),
    close: () => proxy.close(),
  };
}
