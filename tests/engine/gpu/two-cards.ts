// A machine with two of Intel's cards: a made-up bus, and device files that the test has really made.
import { stat } from 'node:fs/promises';
import type { Probe } from '../../../main/probe-port.ts';
import { fakeProbe, pciFiles } from '../../fakes/hardware.ts';

/** Numbers that no machine gets to, and the addresses of their cards. */
export const cards = { renderD4001: '0000:a1:00.0', renderD4002: '0000:a2:00.0' } as const;
export const cardFolder = '/dev/dri';

/** In place of the machine's own. */
export function createProbe(): Probe {
  const intel = { vendor: '8086', device: '56a0', driver: 'i915' };
  const files = Object.entries(cards).map(([node, address]) => pciFiles(address, intel, [node]));
  return {
    ...fakeProbe({ files: Object.fromEntries(files.flatMap((one) => Object.entries(one))) }),
    stat: async (path) => {
      const found = await stat(path).catch(() => null);
      return found === null ? null : { owner: found.uid, group: found.gid, mode: found.mode & 0o777 };
    },
  };
}
