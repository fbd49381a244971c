// What an engine says of itself, for the snapshot and for lists of engines.
import type { EngineFacts } from '../contract/snapshot.ts';
import type { EngineInfo } from '../model/engine.ts';

export function engineFactsOf(info: EngineInfo | null): EngineFacts {
  return {
    kind: info?.kind ?? null,
    version: info?.version ?? null,
    apiVersion: info?.apiVersion ?? null,
    rootless: info?.rootless ?? null,
    architecture: info?.architecture ?? null,
    storageDriver: info?.storageDriver ?? null,
    cgroupVersion: info?.cgroupVersion ?? null,
  };
}
