// The engine adapter on every real engine of this machine, under the suite that holds the fake to the same.
import { describe, it } from 'vitest';
import { connectEngine } from '../../main/adapters/engine/connect.ts';
import { describeInside } from './inside-suite.ts';
import { describeEnginePort } from './port-suite.ts';
import { listRealEngines, openRealEngine, silentLog } from './real-engines.ts';

const hosts = await listRealEngines();

for (const host of hosts) {
  describeEnginePort(`the engine at ${host}`, () => openRealEngine(host));
  describeInside(`inside containers of ${host}`, () => connectEngine({ host, log: silentLog }));
}

describe.skipIf(hosts.length > 0)('no container engine answers on this machine', () => {
  it.skip('the engine port needs one', () => undefined);
});
