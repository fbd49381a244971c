// What the checks of engines say of the one of this machine, with what it said of itself.
import { engineName } from '../../model/engine.ts';
import type { EngineInfo } from '../../model/engine.ts';
import type { MachineEngine } from '../../model/machine.ts';
import { checkEngine } from '../index.ts';
import { gigabytes } from './check.ts';
import type { HardwareCheck } from './check.ts';

/** As the checks of engines know it. */
function infoOf(engine: MachineEngine): EngineInfo {
  const { disk, limits, address, cdi, cdiDevices, runtimes, emulates, ...same } = engine;
  return {
    ...same,
    host: address,
    limits: {
      memory: limits.memory,
      cpus: limits.cpus,
      ...(limits.disk === null ? {} : { disk: limits.disk }),
    },
    devices: { runtimes, cdiNames: cdiDevices, cdi },
    disk: disk === null ? null : { free: disk.freeBytes, total: disk.totalBytes },
    ...(emulates === null ? {} : { emulates }),
  };
}

export const checkEngineItself: HardwareCheck = ({ machine: { engine, host }, pools }) => {
  if (engine === null) return [];
  const { disk, limits, lowestPort } = engine;
  const kept = [...(limits.memory ? ['memory'] : []), ...(limits.cpus ? ['processors'] : [])];
  const evidence = [
    `${engineName(engine)} at ${engine.address}, ${engine.rootless ? 'without root' : 'as root'}`,
    `Storage: ${engine.storageDriver} on ${engine.storageFileSystem ?? 'a file system that is not known'}`,
    `Limits that take effect: ${kept.length === 0 ? 'none' : kept.join(', ')}`,
    ...(disk === null
      ? []
      : [`Disk: ${gigabytes(disk.freeBytes)} of ${gigabytes(disk.totalBytes)} are free`]),
    ...(lowestPort === null ? [] : [`Lowest port: ${lowestPort}`]),
  ];
  return checkEngine({ name: host.name, info: infoOf(engine), pools }).map((issue) => ({
    ...issue,
    evidence,
  }));
};
