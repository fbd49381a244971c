// A card in detail, for tests of doors.
import type { GpuDetail } from '../../main/model/gpu-detail.ts';

/** An RTX 4090 that Docker hands out by CDI. */
export function someGpuDetail(over: Partial<GpuDetail> = {}): GpuDetail {
  const id = over.id ?? 'GPU-00000000-0000-0000-0000-000000000001';
  return {
    ...{ id, vendor: 'nvidia', model: 'NVIDIA GeForce RTX 4090', form: 'card', parent: null, cards: 1 },
    memory: { totalMiB: 24_564, usedMiB: 512, kind: 'own' },
    driver: { name: 'nvidia', version: '595.80' },
    firmware: '95.02.3C.80.D1',
    bus: {
      ...{ address: '0000:01:00.0', device: '10de:2684', board: '1043:88e5' },
      ...{ numaNode: 0, speed: '16.0 GT/s', lanes: 16 },
    },
    files: [{ path: '/dev/dri/renderD128', group: 105, mode: 0o660 }],
    maker: {
      ...{
        vendor: 'nvidia',
        cuda: '13.2',
        computeCapability: '8.9',
        architecture: 'Ada Lovelace',
        mig: 'none',
      },
      ...{
        persistence: true,
        ecc: null,
        driverModel: null,
        display: false,
        module: 'open',
        recovery: 'None',
      },
    },
    slices: [],
    containers: {
      ...{ usable: true, way: 'cdi', why: null, fix: null, asks: [`nvidia.com/gpu=${id}`], groups: [] },
      steps: [{ name: 'driver', state: 'ok', says: 'nvidia 595.80 has it.' }],
    },
    unknown: [],
    ...over,
  };
}
