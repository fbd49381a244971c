// The host on systems that keep no files to read this from: macOS and Windows.
import type { Disk, Host } from '../../model/machine.ts';
import type { OtherSystem, ProbeSelf } from '../../probe-port.ts';
import { buildFeaturesOf } from './architecture.ts';
import { bareCpu } from './cpu.ts';
import { bareHost } from './bare-host.ts';
import type { Part } from './part.ts';

const names: Readonly<Record<string, string>> = { darwin: 'macOS', win32: 'Windows' };

function diskOf({
  mount,
  device,
  fileSystem,
  totalBytes,
  freeBytes,
  readOnly,
}: OtherSystem['disks'][number]): Disk {
  return { mount, device, fileSystem, totalBytes, freeBytes, readOnly, ssd: null };
}

/** What a library tells of such a system; everything else is not known there. */
export function otherHost(self: ProbeSelf, found: OtherSystem | null): Part<Host> {
  const bare = bareHost(self);
  const name = names[self.platform] ?? self.platform;
  const reasons = {
    '': `AutoGit does not find this out on ${name}`,
    'cpu.variant': `processors do not tell it on ${name}`,
    disks: 'no disk was found',
  };
  if (found === null) return { value: bare, reasons };
  const features = found.features === null ? null : buildFeaturesOf(found.features);
  const value: Host = {
    ...bare,
    os: { ...bare.os, name: found.osName, version: found.osVersion },
    cpu: {
      ...bareCpu(self),
      ...{ model: found.cpuModel, vendor: found.cpuVendor, sockets: found.sockets },
      ...{ cores: found.cores, threads: found.threads, features },
    },
    memory: {
      ...{ totalBytes: found.totalBytes, availableBytes: found.availableBytes },
      ...{ swapTotalBytes: found.swapTotalBytes, swapFreeBytes: found.swapFreeBytes },
    },
    disks: found.disks.length === 0 ? null : found.disks.map(diskOf),
    firewall: {
      kind: self.platform === 'darwin' ? 'macos' : self.platform === 'win32' ? 'windows' : null,
      active: null,
    },
    cgroup: { version: 'none', controllers: [] },
    wsl: 'none',
    systemd: false,
  };
  return { value, reasons };
}
