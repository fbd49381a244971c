// A pretended machine as `autogit detect` has it: a homelab host with Docker, of which two things are not known.
import type { Machine, MachineEngine } from '../../main/model/machine.ts';

const engine: MachineEngine = {
  ...{ address: 'unix:///var/run/docker.sock', kind: 'docker', version: '29.1.2', apiVersion: '1.52' },
  ...{ rootless: false, isHere: true, architecture: 'amd64', cpus: 16, memoryBytes: 33.6e9 },
  ...{ storageDriver: 'overlay2', storageFileSystem: 'extfs', dataFolder: '/var/lib/docker' },
  ...{ disk: { freeBytes: 571e9, totalBytes: 983e9 }, cgroupVersion: '2', cgroupDriver: 'systemd' },
  ...{
    limits: { memory: true, cpus: true, disk: false },
    pause: true,
    lowestPort: 0,
    defaultRuntime: 'runc',
  },
  ...{ runtimes: ['runc', 'nvidia'], cdi: true, cdiDevices: ['nvidia.com/gpu=0', 'nvidia.com/gpu=all'] },
  ...{ cdiFolders: ['/etc/cdi', '/var/run/cdi'], emulates: ['arm64'], hostNames: ['host.docker.internal'] },
  ...{ compose: { found: true, version: '2.40.3' }, hostGateway: 'reaches-host', desktop: 'none' },
  ...{ operatingSystem: 'Debian GNU/Linux 12 (bookworm)', kernel: '6.1.0-32-amd64', firewall: 'iptables' },
  ...{ addressPools: [], liveRestore: false, proxies: [], security: ['seccomp'], warnings: [] },
};

export const someMachine: Machine = {
  ...{ at: 1_764_000_000_000, tookMs: 412, gpus: [], issues: [], engine },
  host: {
    name: 'attic',
    os: { platform: 'linux', name: 'Debian GNU/Linux 12 (bookworm)', id: 'debian', version: '12' },
    ...{ kernel: '6.1.0-32-amd64', systemd: true },
    cpu: {
      ...{
        model: 'AMD Ryzen 7 7700',
        vendor: 'AMD',
        architecture: 'amd64',
        variant: 'v4',
        userland: 'amd64',
      },
      ...{
        sockets: 1,
        cores: 8,
        threads: 16,
        usableThreads: 16,
        features: ['avx2', 'avx512f', 'aes', 'sha_ni'],
      },
    },
    memory: { totalBytes: 33.6e9, availableBytes: 19.1e9, swapTotalBytes: 2.1e9, swapFreeBytes: 1.9e9 },
    disks: [
      {
        ...{ mount: '/', device: '/dev/nvme0n1p2', fileSystem: 'ext4', totalBytes: 983e9, freeBytes: 571e9 },
        ...{ ssd: true, readOnly: false },
      },
      {
        ...{
          mount: '/srv/backup',
          device: '/dev/sda1',
          fileSystem: 'xfs',
          totalBytes: 4e12,
          freeBytes: 1.2e12,
        },
        ...{ ssd: false, readOnly: false },
      },
    ],
    ...{ virtualisation: 'none', kvm: 'usable', container: 'none', wsl: 'none' },
    cgroup: { version: '2', controllers: ['cpu', 'memory', 'pids', 'io'] },
    time: { keeper: 'systemd-timesyncd', synchronised: true },
    firewall: { kind: null, active: null },
    ports: {
      dns: [{ protocol: 'udp', address: '127.0.0.53', program: 'systemd-resolve', pid: 611 }],
      mdns: [],
    },
  },
  rootless: {
    ...{ user: 'somebody', uid: 1_000, sockets: [], subordinateUids: 65_536, subordinateGids: 65_536 },
    ...{
      idMapPrograms: true,
      lowestPort: 1_024,
      delegated: ['memory', 'pids'],
      ignoredLimits: ['cpu', 'io'],
    },
    ...{ units: [], lingering: null },
  },
  reasons: {
    'host.firewall.kind': 'only root can see the rules',
    'host.firewall.active': 'only root can see the rules',
    'rootless.lingering': 'loginctl is not here',
  },
};
