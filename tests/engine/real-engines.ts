// The engines on which this tier runs: every one that answers on this machine.
import { homedir } from 'node:os';
import { connectEngine } from '../../main/adapters/engine/connect.ts';
import { createEngines } from '../../main/adapters/engine/find.ts';
import { parseEngineAddress } from '../../main/adapters/engine/address.ts';
import { createLog, createRedaction } from '../../main/log.ts';
import { isEligible } from '../../main/model/engine.ts';
import { startCuttableProxy } from '../fixtures/cuttable-proxy.ts';
import { listOwnEngines } from './own-engines.ts';
import type { PortSubject } from './port-suite.ts';

/** A log that goes nowhere. */
export const silentLog = createLog('test', {
  sinks: [],
  level: 'error',
  redact: createRedaction(),
  now: () => 0,
});

/** Sockets of the engines of this machine that answer, the one that AutoGit would take first, and the tier's own. */
export async function listRealEngines(): Promise<readonly string[]> {
  const uid = process.getuid?.() ?? null;
  const engines = createEngines({ variables: process.env, home: homedir(), uid, log: silentLog });
  const places = (await engines.places(null)).filter(isEligible).map(({ host }) => host);
  const hosts = places.filter((host) => host.startsWith('unix://'));
  const answers = await Promise.all(
    hosts.map((host) =>
      engines.ask(host).then(
        () => true,
        () => false,
      ),
    ),
  );
  const own = listOwnEngines().flatMap(({ host }) => host ?? []);
  return [...hosts.filter((_, index) => answers[index]), ...own];
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
