// What is known of a host before anything was looked at: everything else is unknown.
import { platforms } from '../../model/machine.ts';
import type { Host } from '../../model/machine.ts';
import type { ProbeSelf } from '../../probe-port.ts';
import { noCgroup } from './cgroup.ts';
import { bareCpu } from './cpu.ts';
import { noFirewall } from './firewall.ts';
import { noHolders } from './sockets.ts';
import { noTime } from './time.ts';
import { noAround } from './virtual.ts';

export const noMemory: Host['memory'] = {
  ...{ totalBytes: null, availableBytes: null, swapTotalBytes: null, swapFreeBytes: null },
};

export function bareHost(self: ProbeSelf): Host {
  return {
    name: self.hostname,
    os: {
      platform: platforms.find((platform) => platform === self.platform) ?? 'other',
      ...{ name: null, id: null, version: null },
    },
    kernel: self.kernel === '' ? null : self.kernel,
    cpu: bareCpu(self),
    memory: noMemory,
    disks: null,
    ...noAround,
    cgroup: noCgroup,
    time: noTime,
    firewall: noFirewall,
    ports: noHolders,
  };
}
