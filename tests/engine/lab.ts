// A home of its own for one test, on the engine that AutoGit itself would take unless the test names another.
import { afterAll } from 'vitest';
import { connectEngine } from '../../main/adapters/engine/connect.ts';
import { openLab as openLabOn } from '../chaos/lab.ts';
import type { Lab, LabOptions } from '../chaos/lab.ts';
import { listRealEngines, silentLog } from './real-engines.ts';
import { removeSharedImage } from './shared-image.ts';

export { kill } from '../chaos/lab.ts';
export type { Finished, Lab, LabOptions, Running } from '../chaos/lab.ts';
export { patience } from '../chaos/wait-for.ts';

/** The engine of these tests. */
export const engineHost = (await listRealEngines())[0] ?? null;

/** Path of its socket, for a gate before it. */
export const engineSocket = (engineHost ?? '').slice('unix://'.length);

// On the machine's own engine the image goes with the test file; the tier's own engines go with all they have.
if (engineHost !== null) {
  const engine = connectEngine({ host: engineHost, log: silentLog });
  afterAll(() => removeSharedImage(engine));
}

/** Opens an empty home. `afterwards`: `onTestFinished`, or something that an `afterAll` calls. */
export async function openLab(
  afterwards: (clean: () => Promise<void>) => void,
  options: Partial<LabOptions> = {},
): Promise<Lab> {
  if (options.host === undefined && engineHost === null)
    throw new Error('no container engine answers on this machine');
  return openLabOn(afterwards, { host: engineHost ?? '', ...options });
}
