// Which other processors' programs this machine runs: the handlers that its kernel knows.
import { isUsable, parseBinfmtEntry } from '../model/emulation.ts';
import type { BinfmtView } from '../model/emulation.ts';
import type { Architecture } from '../model/pool-container.ts';
import type { Probe } from '../probe-port.ts';

/** The kernel's list of interpreters. https://docs.kernel.org/admin-guide/binfmt-misc.html */
const folder = '/proc/sys/fs/binfmt_misc';

/** What the kernel's list says. Never rejects: a list that cannot be read is `not-mounted`. */
export async function detectBinfmt(probe: Probe): Promise<BinfmtView> {
  const status = (await probe.readFile(`${folder}/status`))?.trim();
  if (status !== 'enabled' && status !== 'disabled') return { state: 'not-mounted', handlers: [] };
  const names = (await probe.list(folder)) ?? [];
  const entries = await Promise.all(
    names
      .filter((name) => name !== 'status' && name !== 'register')
      .toSorted()
      .map(async (name) => parseBinfmtEntry(name, (await probe.readFile(`${folder}/${name}`)) ?? '')),
  );
  return { state: status, handlers: entries.filter((entry) => entry !== null) };
}

/** Processors that containers may use by emulation, untried. Never rejects: what cannot be read is none. */
export async function detectEmulation(probe: Probe): Promise<readonly Architecture[]> {
  const { state, handlers } = await detectBinfmt(probe);
  if (state !== 'enabled') return [];
  return [...new Set(handlers.filter(isUsable).map(({ architecture }) => architecture))].sort();
}
