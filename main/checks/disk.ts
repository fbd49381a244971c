// The disk that holds images, containers and volumes.
import type { EngineCheck } from './check.ts';
import { subjectOf } from './check.ts';

const gigabyte = 1e9;
/** Below both of these it is told. */
const low = { bytes: 10 * gigabyte, share: 0.1 } as const;
/** Below this hardly a job can run. Bytes. */
const critical = gigabyte;

export const checkDisk: EngineCheck = (subject) => {
  const { disk, dataFolder, kind } = subject.info;
  if (disk === null || disk.free >= low.bytes || disk.free >= disk.total * low.share) return null;
  const program = kind === 'docker' ? 'docker' : 'podman';
  return {
    key: 'engine.disk-low',
    severity: disk.free < critical ? 'error' : 'warning',
    subject: subjectOf(subject),
    message: `The disk of the container engine is nearly full: ${(disk.free / gigabyte).toFixed(1)} of ${(disk.total / gigabyte).toFixed(0)} GB are free in ${dataFolder ?? 'its folder'}.`,
    next: `See what takes it with \`${program} system df\`, and free what nobody needs.`,
  };
};
