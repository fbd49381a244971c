// The host as one part: every question has its own deadline, and one without an answer leaves only itself unknown.
import type { Host, Reasons, Rootless } from '../../model/machine.ts';
import type { Clock } from '../../ports.ts';
import type { Probe } from '../../probe-port.ts';
import { bareHost, noMemory } from './bare-host.ts';
import { detectCgroup, noCgroup } from './cgroup.ts';
import { bareCpu, detectCpu } from './cpu.ts';
import { detectDisks } from './disks.ts';
import { detectFirewall, noFirewall } from './firewall.ts';
import { parseMeminfo } from './meminfo.ts';
import { parseOsRelease } from './os-release.ts';
import { otherHost } from './other-host.ts';
import { below, inTime } from './part.ts';
import type { Part } from './part.ts';
import { detectPrograms } from './processes.ts';
import type { Programs } from './processes.ts';
import { bareRootless, detectRootless } from './rootless.ts';
import { detectPortHolders, noHolders, ownersMs } from './sockets.ts';
import { detectTime, noTime } from './time.ts';
import { detectAround, noAround } from './virtual.ts';
import type { Around } from './virtual.ts';

/** Files of the kernel answer in a millisecond; a machine that is very busy may take a hundred times as long. */
const deadlineMs = 800;
/** The library for other systems starts programs. Milliseconds. */
const otherSystemMs = 5_000;

export interface FoundHost {
  readonly host: Part<Host>;
  readonly rootless: Part<Rootless>;
}

type Sleeper = Pick<Clock, 'sleep'>;

async function detectOs(probe: Probe): Promise<Part<Pick<Host['os'], 'name' | 'id' | 'version'>>> {
  const own = await probe.readFile('/etc/os-release');
  const value = parseOsRelease(own ?? (await probe.readFile('/usr/lib/os-release')));
  return { value, reasons: { '': '/etc/os-release does not tell it' } };
}

async function detectMemory(probe: Probe): Promise<Part<Host['memory']>> {
  return {
    value: parseMeminfo(await probe.readFile('/proc/meminfo')),
    reasons: { '': '/proc/meminfo does not tell it' },
  };
}

/** What is asked of every program that runs. */
async function askPrograms(
  probe: Probe,
  clock: Sleeper,
  { systemd, container }: Around,
): Promise<{ readonly value: Pick<Host, 'time' | 'firewall' | 'ports'>; readonly reasons: Reasons }> {
  const within = <T>(find: () => Promise<Part<T>>, nothing: T) => inTime(clock, deadlineMs, find, nothing);
  const none: Programs = { seen: [], whyNotAll: 'the programs that run could not be listed in time' };
  const { value: programs } = await within(
    async () => ({ value: await detectPrograms(probe, container), reasons: {} }),
    none,
  );
  const [time, firewall, ports] = await Promise.all([
    within(() => detectTime(probe, programs, systemd === true), noTime),
    within(() => detectFirewall(probe, programs), noFirewall),
    inTime(clock, deadlineMs + ownersMs, () => detectPortHolders(probe, clock, programs), noHolders),
  ]);
  return {
    value: { time: time.value, firewall: firewall.value, ports: ports.value },
    reasons: {
      ...below('time', time.reasons),
      ...below('firewall', firewall.reasons),
      ...below('ports', ports.reasons),
    },
  };
}

async function detectLinux(probe: Probe, clock: Sleeper): Promise<FoundHost> {
  const self = probe.self();
  const bare = bareHost(self);
  const within = <T>(find: () => Promise<Part<T>>, nothing: T) => inTime(clock, deadlineMs, find, nothing);
  const around = await within(() => detectAround(probe), noAround);
  const { systemd } = around.value;
  const [os, cpu, memory, disks, cgroup, programs] = await Promise.all([
    within(() => detectOs(probe), { name: null, id: null, version: null }),
    within(() => detectCpu(probe), bareCpu(self)),
    within(() => detectMemory(probe), noMemory),
    within(() => detectDisks(probe, around.value.virtualisation), null),
    within(() => detectCgroup(probe), noCgroup),
    askPrograms(probe, clock, around.value),
  ]);
  const rootless = await within(
    () => detectRootless(probe, { cgroup: cgroup.value, systemd }),
    bareRootless(self),
  );
  const value: Host = {
    ...{ ...bare, ...around.value, ...programs.value },
    os: { ...bare.os, ...os.value },
    ...{ cpu: cpu.value, memory: memory.value, disks: disks.value, cgroup: cgroup.value },
  };
  const reasons = {
    ...around.reasons,
    ...{ ...below('os', os.reasons), ...below('cpu', cpu.reasons), ...below('memory', memory.reasons) },
    ...{ ...below('disks', disks.reasons), ...below('cgroup', cgroup.reasons), ...programs.reasons },
  };
  return { host: { value, reasons }, rootless };
}

/** Never rejects. */
export async function detectHost(probe: Probe, clock: Sleeper): Promise<FoundHost> {
  const self = probe.self();
  if (self.platform === 'linux') return detectLinux(probe, clock);
  const bare = bareHost(self);
  const host = await inTime(
    clock,
    otherSystemMs,
    async () => otherHost(self, await probe.otherSystem()),
    bare,
  );
  const reasons = { '': 'engines without root that AutoGit uses here run in a virtual machine of their own' };
  return { host, rootless: { value: bareRootless(self), reasons } };
}
