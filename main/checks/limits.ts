// Limits that an engine takes and does not enforce.
import { engineName } from '../model/engine.ts';
import type { EngineCheck, EngineSubject } from './check.ts';
import { subjectOf } from './check.ts';

/** What rootless engines need is told at https://rootlesscontaine.rs/getting-started/common/cgroup2/ */
function nextStep({ info }: EngineSubject): string {
  const delegate =
    'put "[Service]" and "Delegate=cpu cpuset io memory pids" into /etc/systemd/system/user@.service.d/delegate.conf, then log in again';
  if (!info.rootless) return 'Start the engine with control groups: its own log says why it does without.';
  if (info.cgroupVersion === '2') return `Let your user limit its own programs: ${delegate}.`;
  return `Start this machine with control groups of version 2 (systemd.unified_cgroup_hierarchy=1 on the kernel's command line) and ${delegate}. Or use an engine that runs as root.`;
}

/** A warning where a pool has limits, which are then a promise that is not kept. */
export const checkLimits: EngineCheck = (subject) => {
  const { info, pools } = subject;
  const ignored = [
    {
      word: 'memory',
      isIgnored: !info.limits.memory,
      has: pools.filter(({ memoryMiB }) => memoryMiB !== null),
    },
    { word: 'processor', isIgnored: !info.limits.cpus, has: pools.filter(({ cpus }) => cpus !== null) },
  ].filter(({ isIgnored }) => isIgnored);
  if (ignored.length === 0) return null;
  const affected = pools.filter((pool) => ignored.some(({ has }) => has.includes(pool)));
  const whose =
    affected.length === 0
      ? 'No pool has such a limit now.'
      : `Jobs of ${affected.map(({ name }) => `pool ${name}`).join(', ')} can use the whole machine.`;
  return {
    key: 'engine.limits-ignored',
    severity: affected.length === 0 ? 'info' : 'warning',
    subject: subjectOf(subject),
    message: `${engineName(info)}${info.rootless ? ' without root' : ''} ignores ${ignored.map(({ word }) => word).join(' and ')} limits of containers. ${whose}`,
    next: nextStep(subject),
  };
};
