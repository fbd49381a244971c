// The engines on which this tier runs: every one that answers on this machine.
import { homedir } from 'node:os';
import { connectEngine } from '../../main/adapters/engine/connect.ts';
import { findEngines } from '../../main/adapters/engine/find.ts';
import { parseEngineAddress } from '../../main/adapters/engine/address.ts';
import { createLog, createRedaction } from '../../main/log.ts';
import { startCuttableProxy } from '../fixtures/cuttable-proxy.ts';
import type { PortSubject } from './port-suite.ts';

/** A log that goes nowhere. */
export const silentLog = createLog('test', {
  sinks: [],
  level: 'error',
  redact: createRedaction(),
  now: () => 0,
});

/**
 * Sockets of engines that answer. `AUTOGIT_TEST_ENGINES` (addresses with commas between them) adds engines that
 * are not where one looks for them.
 */
export async function listRealEngines(): Promise<readonly string[]> {
  const extra = (process.env['AUTOGIT_TEST_ENGINES'] ?? '').split(',').filter((host) => host !== '');
  const surroundings = { variables: process.env, home: homedir(), log: silentLog };
  const found = await Promise.all(
    [null, ...extra].map((setting) => findEngines({ ...surroundings, setting })),
  );
  const hosts = found.flat().flatMap(({ host, error }) => (error === null ? [host] : []));
  return [...new Set(hosts)].filter((host) => host.startsWith('unix://'));
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
