// An engine with nothing to complain about, from which a test says what differs.
import type { EngineInfo } from '../../main/model/engine.ts';

export function someInfo(change: Partial<EngineInfo> = {}): EngineInfo {
  return {
    kind: 'docker',
    version: '28.2.2',
    apiVersion: '1.50',
    rootless: false,
    architecture: 'amd64',
    storageDriver: 'overlay2',
    cgroupVersion: '2',
    cpus: 4,
    memoryBytes: 8 * 1024 ** 3,
    host: 'unix:///var/run/docker.sock',
    limits: { memory: true, cpus: true },
    pause: true,
    isHere: true,
    devices: { runtimes: [], cdiNames: [], cdi: false },
    lowestPort: 1,
    dataFolder: '/var/lib/docker',
    disk: { free: 50e9, total: 100e9 },
    ...change,
  };
}
