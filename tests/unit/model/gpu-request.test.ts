// Each maker's cards on each engine, as the makers and the engines document them.
import { describe, expect, it } from 'vitest';
import {
  noGpuEnvironment,
  renderGpuRequest,
  renderGpuUse,
  renderHostConfig,
} from '../../../main/model/gpu-request.ts';
import type { DeviceFile, GpuEngine, GpuRequest } from '../../../main/model/gpu-request.ts';
import type { GpuGrant } from '../../../main/model/gpu.ts';
import { someGpu, someGrant } from '../../fakes/gpus.ts';

const kfd: DeviceFile = { path: '/dev/kfd', group: 993, mode: 0o660 };
const render128: DeviceFile = { path: '/dev/dri/renderD128', group: 993, mode: 0o660 };
const render129: DeviceFile = { path: '/dev/dri/renderD129', group: 44, mode: 0o660 };
const files = [kfd, render128, render129];
const docker: GpuEngine = {
  kind: 'docker',
  version: '28.3.0',
  rootless: false,
  runtimes: ['runc'],
  cdiNames: [],
  files,
};
const podman: GpuEngine = { ...docker, kind: 'podman', version: '5.5.0', runtimes: [] };
const toolkit: GpuEngine = { ...docker, runtimes: ['runc', 'nvidia'] };
const uuids = ['nvidia.com/gpu=0', 'nvidia.com/gpu=GPU-a', 'nvidia.com/gpu=MIG-1', 'nvidia.com/gpu=all'];
const rootless = { rootless: true };

const amd = someGrant({ vendor: 'amd', ids: ['0000:03:00.0'] });
const intel = someGrant({ vendor: 'intel', ids: ['0000:00:02.0'] });
const inventory = [
  someGpu(),
  someGpu({ id: '0000:03:00.0', vendor: 'amd', renderNode: '/dev/dri/renderD128' }),
  someGpu({ id: '0000:83:00.0', vendor: 'amd', renderNode: '/dev/dri/renderD129' }),
  someGpu({ id: '0000:00:02.0', vendor: 'intel', renderNode: '/dev/dri/renderD129' }),
  someGpu({ id: '0000:00:03.0', vendor: 'intel' }),
  someGpu({ id: '0000:03:00.0', node: 'n2', vendor: 'amd', renderNode: '/dev/dri/renderD199' }),
];

const byId = (driver: 'nvidia' | 'cdi', ...ids: string[]): GpuRequest => ({
  gpus: { driver, ids },
  devices: [],
  groups: [],
});
const byFile = (devices: string[], groups: string[]): GpuRequest => ({ gpus: null, devices, groups });

/** What is asked for, by whom, what results, and who says so. */
const rows: readonly [string, GpuGrant, GpuEngine, GpuRequest, string][] = [
  [
    'NVIDIA by UUID with the toolkit',
    someGrant({ ids: ['GPU-a', 'GPU-b'] }),
    toolkit,
    byId('nvidia', 'GPU-a', 'GPU-b'),
    'https://github.com/moby/moby/blob/18a2f3f0/daemon/nvidia_linux.go',
  ],
  [
    'NVIDIA by CDI where every name is known',
    someGrant(),
    { ...toolkit, cdiNames: uuids },
    byId('cdi', 'nvidia.com/gpu=GPU-a'),
    'https://docs.docker.com/reference/cli/docker/container/run/#cdi-devices',
  ],
  [
    'NVIDIA by UUID where one CDI name is missing',
    someGrant({ ids: ['GPU-a', 'GPU-b'] }),
    { ...toolkit, cdiNames: uuids },
    byId('nvidia', 'GPU-a', 'GPU-b'),
    'https://github.com/moby/moby/blob/b985e23/daemon/cdi.go',
  ],
  [
    'a slice by its own UUID',
    someGrant({ ids: ['MIG-1'] }),
    { ...docker, cdiNames: uuids },
    byId('cdi', 'nvidia.com/gpu=MIG-1'),
    'https://github.com/NVIDIA/nvidia-container-toolkit/tree/d34b304/pkg/nvcdi',
  ],
  [
    'all cards of a WSL2 by CDI',
    someGrant({ ids: ['wsl'] }),
    { ...docker, cdiNames: ['nvidia.com/gpu=all'] },
    byId('cdi', 'nvidia.com/gpu=all'),
    'https://github.com/NVIDIA/nvidia-container-toolkit/blob/d34b304/pkg/nvcdi/lib-wsl.go',
  ],
  [
    'all cards of a WSL2 with the toolkit',
    someGrant({ ids: ['wsl'] }),
    toolkit,
    byId('nvidia', 'all'),
    'https://github.com/moby/moby/blob/18a2f3f0/daemon/nvidia_linux.go',
  ],
  [
    'NVIDIA on Podman, with root and without',
    someGrant(),
    { ...podman, ...rootless, cdiNames: uuids },
    byId('cdi', 'nvidia.com/gpu=GPU-a'),
    'https://github.com/podman-container-tools/podman/pull/25171',
  ],
  [
    'AMD by its render node, with the groups of the machine',
    amd,
    docker,
    byFile(['/dev/kfd', '/dev/dri/renderD128'], ['993']),
    'https://rocm.docs.amd.com/projects/install-on-linux/en/latest/how-to/docker.html',
  ],
  [
    'two AMD cards with both groups',
    { ...amd, ids: ['0000:03:00.0', '0000:83:00.0'] },
    podman,
    byFile(['/dev/kfd', '/dev/dri/renderD128', '/dev/dri/renderD129'], ['993', '44']),
    'https://github.com/ROCm/ROCm-docker/issues/90',
  ],
  [
    'AMD on rootless Podman where everybody may open it',
    amd,
    { ...podman, ...rootless, files: files.map((file) => ({ ...file, mode: 0o666 })) },
    byFile(['/dev/kfd', '/dev/dri/renderD128'], []),
    'https://github.com/podman-container-tools/podman/issues/14881',
  ],
  [
    'AMD on rootless Docker where everybody may open it',
    amd,
    { ...docker, ...rootless, files: files.map((file) => ({ ...file, mode: 0o666 })) },
    byFile(['/dev/kfd', '/dev/dri/renderD128'], []),
    'https://github.com/ROCm/ROCm-docker/issues/90',
  ],
  [
    'Intel by its render node',
    intel,
    docker,
    byFile(['/dev/dri/renderD129'], ['44']),
    'https://github.com/intel/intel-device-plugins-for-kubernetes/blob/main/cmd/gpu_plugin/README.md',
  ],
];

const refusals: readonly [string, GpuGrant, GpuEngine, string, string][] = [
  ['no toolkit', someGrant(), docker, 'toolkit', 'nvidia-ctk runtime configure'],
  [
    'no toolkit on Podman',
    someGrant(),
    { ...podman, runtimes: ['nvidia'] },
    'toolkit',
    'nvidia-ctk cdi generate',
  ],
  ['CDI by index alone', someGrant(), { ...podman, cdiNames: ['nvidia.com/gpu=0'] }, 'UUID', 'strategy=uuid'],
  ['an old Podman', someGrant(), { ...podman, version: '4.9.3', cdiNames: uuids }, '4.9.3', '5.5'],
  ['no KFD', amd, { ...docker, files: [render128] }, '/dev/kfd does not exist', 'kernel log'],
  ['no render node', { ...intel, ids: ['0000:00:03.0'] }, docker, 'no render node', 'kernel log'],
  ['a card of another node', { ...amd, node: 'n3' }, docker, 'no render node', 'kernel log'],
  ['rootless Docker and a closed file', amd, { ...docker, ...rootless }, 'rootless Docker', 'udev'],
  ['rootless Podman and a closed file', intel, { ...podman, ...rootless }, 'open to group 44 alone', 'udev'],
];

describe('a grant becomes a request', () => {
  it.each(rows)('%s', (_, grant, engine, request) => {
    expect(renderGpuRequest(grant, inventory, engine)).toEqual({ request });
  });

  it.each(refusals)('or a reason: %s', (_, grant, engine, why, fix) => {
    const answer = renderGpuRequest(grant, inventory, engine);
    expect(answer.request).toBeNull();
    if (answer.request !== null) return;
    expect(answer.why).toContain(why);
    expect(answer.fix).toContain(fix);
  });

  it('decides whether a card can be used', () => {
    expect(renderGpuUse(someGpu(), toolkit)).toEqual({ usable: true });
    expect(renderGpuUse(someGpu(), docker)).toMatchObject({ usable: false });
  });
});

describe('a request becomes fields of HostConfig', () => {
  it('by id, never by count', () => {
    expect(renderHostConfig(byId('nvidia', 'GPU-a'))).toEqual({
      DeviceRequests: [{ Driver: '', Count: 0, DeviceIDs: ['GPU-a'], Capabilities: [['gpu']], Options: {} }],
    });
  });

  it('by CDI name, with nothing else', () => {
    expect(renderHostConfig(byId('cdi', 'nvidia.com/gpu=GPU-a'))).toEqual({
      DeviceRequests: [{ Driver: 'cdi', DeviceIDs: ['nvidia.com/gpu=GPU-a'] }],
    });
  });

  it('by device file and group', () => {
    expect(renderHostConfig(byFile(['/dev/kfd'], ['993']))).toEqual({
      Devices: [{ PathOnHost: '/dev/kfd', PathInContainer: '/dev/kfd', CgroupPermissions: 'rw' }],
      GroupAdd: ['993'],
    });
  });

  it('without cards, images that want all get none', () => {
    expect(noGpuEnvironment).toEqual({ NVIDIA_VISIBLE_DEVICES: 'void' });
  });
});
