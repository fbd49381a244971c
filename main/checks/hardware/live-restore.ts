// A Docker that takes its containers down with it when it is restarted or updated.
import type { HardwareCheck } from './check.ts';

export const checkLiveRestore: HardwareCheck = ({ machine: { engine, host } }) => {
  if (engine === null || engine.kind !== 'docker' || engine.liveRestore !== false) return [];
  if (engine.rootless || engine.desktop !== 'none') return [];
  return [
    {
      key: 'engine.no-live-restore',
      severity: 'info',
      subject: `engine of ${host.name}`,
      message: 'When Docker is restarted or updated, every job ends with it.',
      next: 'Put "live-restore": true into /etc/docker/daemon.json and run: sudo systemctl reload docker',
      evidence: ['Live restore: off'],
    },
  ];
};
