// What Docker says of the devices that it can hand out to containers.
import { z } from 'zod';
import type { EngineDevices } from '../../model/engine.ts';

/** Parts of the answer to `GET /info`; one of another form promises nothing. */
export const devicesInfo = {
  Runtimes: z.record(z.string(), z.unknown()).nullish().catch(null),
  /** Since API 1.44, and not empty where CDI is on. */
  CDISpecDirs: z.array(z.string()).nullish().catch(null),
  /** Since API 1.50: https://github.com/moby/moby/blob/master/api/docs/CHANGELOG.md */
  DiscoveredDevices: z
    .array(z.object({ Source: z.string(), ID: z.string() }))
    .nullish()
    .catch(null),
};

type DevicesInfo = z.infer<z.ZodObject<typeof devicesInfo>>;

export function toEngineDevices({ Runtimes, CDISpecDirs, DiscoveredDevices }: DevicesInfo): EngineDevices {
  return {
    runtimes: Object.keys(Runtimes ?? {}),
    cdiNames: (DiscoveredDevices ?? []).flatMap(({ Source, ID }) => (Source === 'cdi' ? [ID] : [])),
    cdi: (CDISpecDirs ?? []).length > 0,
  };
}
