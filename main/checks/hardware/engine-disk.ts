// An engine whose data lies on a disk that turns: images and containers are thousands of small files.
import type { HardwareCheck } from './check.ts';

export const checkEngineDisk: HardwareCheck = ({ machine: { host, engine } }) => {
  const folder = engine?.isHere === true ? engine.dataFolder : null;
  if (folder === null) return [];
  const holding = (host.disks ?? [])
    .filter(({ mount }) => mount === '/' || folder === mount || folder.startsWith(`${mount}/`))
    .toSorted((a, b) => b.mount.length - a.mount.length)[0];
  if (holding?.ssd !== false) return [];
  return [
    {
      key: 'engine.disk-turns',
      severity: 'info',
      subject: `engine of ${host.name}`,
      message:
        'The container engine keeps its data on a hard disk: runners start several times faster from an SSD.',
      next: 'Move its data folder to an SSD when there is one ("data-root" in daemon.json, graphroot in storage.conf).',
      evidence: [`Data folder: ${folder}`, `Disk ${holding.device} at ${holding.mount}: a hard disk`],
    },
  ];
};
