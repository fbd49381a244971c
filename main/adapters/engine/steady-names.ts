// Names that containers find without Podman's name server: a fixed address for the one that has the name, and a line
// in the hosts file of the others. The server of Podman 4.3 forgets containers when others come and go at the same
// moment, and what it forgot it does not find for as long as nothing else comes or goes.
import { z } from 'zod';
import type { EngineInfo } from '../../model/world.ts';
import type { ContainerSpec } from '../../ports.ts';
import { parseAnswer } from './answers.ts';
import { isGone } from './errors.ts';
import type { Transport } from './transport.ts';

/** What a create request needs for it; `null` and empty on engines with a name server to rely on. */
export interface SteadyNames {
  /** IPv4. */
  readonly address: string | null;
  /** `name:address` each, as in `ExtraHosts`. */
  readonly hosts: readonly string[];
}

const none: SteadyNames = { address: null, hosts: [] };

const describedNetwork = z.object({
  IPAM: z.object({ Config: z.array(z.object({ Subnet: z.string().nullish() })).nullish() }).nullish(),
});
const describedAddresses = z.object({
  NetworkSettings: z.object({
    Networks: z.record(z.string(), z.object({ IPAddress: z.string().nullish() })).nullish(),
  }),
});

/**
 * The last address of an IPv4 subnet that a container can have: Podman gives addresses out from the first on. `null`
 * for what is no IPv4 subnet, or one too small to spare an address.
 */
export function lastAddress(subnet: string): string | null {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\/(\d{1,2})$/.exec(subnet);
  const [a = 256, b = 256, c = 256, d = 256, prefix = 33] = (match ?? []).slice(1).map(Number);
  if ([a, b, c, d].some((part) => part > 255) || prefix < 8 || prefix > 28) return null;
  const size = 2 ** (32 - prefix);
  const first = ((a * 256 + b) * 256 + c) * 256 + d;
  const last = first - (first % size) + size - 2;
  return [24, 16, 8, 0].map((shift) => Math.floor(last / 2 ** shift) % 256).join('.');
}

async function keptAddress(transport: Transport, network: string): Promise<string | null> {
  const purpose = `describe the network ${network}`;
  const path = `/networks/${encodeURIComponent(network)}`;
  const answer = await transport.ask({ purpose, method: 'GET', path }, { fine: isGone });
  if (answer.status === 404) return null;
  const subnets = parseAnswer(describedNetwork, answer, purpose).IPAM?.Config ?? [];
  return subnets.map(({ Subnet }) => lastAddress(Subnet ?? '')).find((each) => each !== null) ?? null;
}

/** Where a container is now; `null` while it is not there or does not run. */
async function presentAddress(transport: Transport, name: string, network: string): Promise<string | null> {
  const purpose = `describe the container ${name}`;
  const path = `/containers/${encodeURIComponent(name)}/json`;
  const answer = await transport.ask({ purpose, method: 'GET', path }, { fine: isGone });
  if (answer.status === 404) return null;
  const { Networks } = parseAnswer(describedAddresses, answer, purpose).NetworkSettings;
  return Networks?.[network]?.IPAddress ?? null;
}

/** Rejects as the calls of the port do. */
export async function steadyNames(
  transport: Transport,
  { keepsAddress, knows, network }: ContainerSpec,
  { kind }: Pick<EngineInfo, 'kind'>,
): Promise<SteadyNames> {
  const names = Object.entries(knows ?? {});
  if (kind !== 'podman' || (keepsAddress !== true && names.length === 0)) return none;
  const kept = await keptAddress(transport, network);
  if (kept === null) return none;
  const hosts = names.map(async ([name, container]) => {
    // An address that is not kept would be wrong after the container's next start.
    const isKept = (await presentAddress(transport, container, network)) === kept;
    return isKept ? [`${name}:${kept}`] : [];
  });
  return { address: keepsAddress === true ? kept : null, hosts: (await Promise.all(hosts)).flat() };
}
