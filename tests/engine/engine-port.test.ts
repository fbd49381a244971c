// The engine adapter on every real engine of this machine, under the suite that holds the fake to the same.
import { describe, it } from 'vitest';
import { connectEngine } from '../../main/adapters/engine/connect.ts';
import { describeInside } from './inside-suite.ts';
import { describeEnginePort } from './port-suite.ts';
import { countAbsentEngines } from './own-engines.ts';
import { listRealEngines, openRealEngine, silentLog, titleOf } from './real-engines.ts';

const hosts = await listRealEngines();

for (const host of hosts) {
  const title = await titleOf(host);
  describeEnginePort(`${title} at ${host}`, () => openRealEngine(host));
  describeInside(`inside containers of ${title} at ${host}`, () => connectEngine({ host, log: silentLog }));
}

countAbsentEngines();

describe.skipIf(hosts.length > 0)('no container engine answers on this machine', () => {
  it.skip('the engine port needs one', () => undefined);
});
