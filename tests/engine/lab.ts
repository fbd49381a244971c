// A home of its own for one test, on the engine that AutoGit itself would take unless the test names another.
import { inject } from 'vitest';
import { openLab as openLabOn } from '../chaos/lab.ts';
import type { Lab, LabOptions } from '../chaos/lab.ts';
import { listRealEngines } from './real-engines.ts';

export { kill } from '../chaos/lab.ts';
export type { Finished, Lab, LabOptions, Running } from '../chaos/lab.ts';
export { patience } from '../chaos/wait-for.ts';

/** The engine of these tests. */
export const engineHost = (await listRealEngines())[0] ?? null;

/** Path of its socket, for a gate before it. */
export const engineSocket = (engineHost ?? '').slice('unix://'.length);

/** Opens an empty home. `afterwards`: `onTestFinished`, or something that an `afterAll` calls. */
export async function openLab(
  afterwards: (clean: () => Promise<void>) => void,
  options: Partial<LabOptions> = {},
): Promise<Lab> {
  if (options.host === undefined && engineHost === null)
    throw new Error('no container engine answers on this machine');
  return openLabOn(afterwards, { host: engineHost ?? '', imageCache: inject('imageCache'), ...options });
}
