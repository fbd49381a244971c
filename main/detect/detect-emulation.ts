// Which other processors' programs this machine runs in containers: the handlers that its kernel knows.
import { parseHandler } from '../model/emulation.ts';
import type { Architecture } from '../model/pool-container.ts';
import type { Probe } from '../ports.ts';

const folder = '/proc/sys/fs/binfmt_misc';

/** Never rejects: where nothing can be read, nothing is emulated as far as is known. */
export async function detectEmulation(probe: Probe): Promise<readonly Architecture[]> {
  if ((await probe.readFile(`${folder}/status`))?.trim() !== 'enabled') return [];
  const names = (await probe.list(folder)) ?? [];
  const handlers = await Promise.all(
    names
      .filter((name) => name !== 'status' && name !== 'register')
      .map(async (name) => parseHandler((await probe.readFile(`${folder}/${name}`)) ?? '')),
  );
  return [...new Set(handlers.filter((arch) => arch !== null))].sort();
}
