// The engine's networks and volumes.
import { z } from 'zod';
import { label } from '../../model/labels.ts';
import type { Engine } from '../../ports.ts';
import { labelFilter, parseAnswer } from './answers.ts';
import { isDuplicate, isGone } from './errors.ts';
import type { Transport } from './transport.ts';

type NetworkCalls = Pick<
  Engine,
  | 'listNetworks'
  | 'listNames'
  | 'createNetwork'
  | 'removeNetwork'
  | 'listVolumes'
  | 'createVolume'
  | 'removeVolume'
>;

/** The networks `host` and `none` have no addresses of their own. */
const network = z
  .object({
    Name: z.string(),
    Labels: z.record(z.string(), z.string()).nullish(),
    IPAM: z.object({ Config: z.array(z.object({ Subnet: z.string().nullish() })).nullish() }).nullish(),
  })
  .transform(({ Name, Labels, IPAM }) => ({
    name: Name,
    labels: Labels ?? {},
    subnets: (IPAM?.Config ?? []).flatMap(({ Subnet }) => Subnet ?? []),
  }));

const volume = z
  .object({
    Name: z.string(),
    Labels: z.record(z.string(), z.string()).nullish(),
    CreatedAt: z.string().nullish(),
  })
  .transform(({ Name, Labels, CreatedAt }) => {
    const createdAt = Date.parse(CreatedAt ?? '');
    return { name: Name, labels: Labels ?? {}, ...(Number.isNaN(createdAt) ? {} : { createdAt }) };
  });
const volumeList = z.object({ Volumes: z.array(volume).nullish() });

/** Runners are many, and nobody looks for a name of theirs: only those of others are described one by one. */
const neighbour = z
  .object({ Id: z.string(), Labels: z.record(z.string(), z.string()).nullish() })
  .transform(({ Id, Labels }) => ({ id: Id, isOurs: Labels?.[label.managed] !== undefined }));

const standing = z
  .object({
    Name: z.string(),
    NetworkSettings: z.object({
      Networks: z.record(z.string(), z.object({ Aliases: z.array(z.string()).nullish() })).nullish(),
    }),
  })
  .transform(({ Name, NetworkSettings }) => ({
    name: Name.replace(/^\//, ''),
    networks: NetworkSettings.Networks ?? {},
  }));

/** The network and volume calls of the port. */
export function networkCalls(transport: Transport): NetworkCalls {
  return {
    async listNetworks(labels) {
      const purpose = 'list networks';
      const query = { filters: labelFilter(labels) };
      const answer = await transport.ask({ purpose, method: 'GET', path: '/networks', query });
      return parseAnswer(z.array(network), answer, purpose);
    },
    async listNames(network) {
      const purpose = `list what is on the network ${network}`;
      const query = { filters: JSON.stringify({ network: [network] }) };
      const answer = await transport.ask({ purpose, method: 'GET', path: '/containers/json', query });
      const others = parseAnswer(z.array(neighbour), answer, purpose).filter(({ isOurs }) => !isOurs);
      const known = others.map(async ({ id }) => {
        const path = `/containers/${id}/json`;
        const described = await transport.ask({ purpose, method: 'GET', path }, { fine: isGone });
        if (described.status === 404) return [];
        const { name, networks } = parseAnswer(standing, described, purpose);
        const names = networks[network]?.Aliases;
        return names === undefined ? [] : ([[name, names ?? []]] as const);
      });
      return Object.fromEntries((await Promise.all(known)).flat());
    },
    async createNetwork(name, labels) {
      const purpose = `create the network ${name}`;
      // Docker before 25 makes a second network of the same name when it is not told to check.
      const json = { Name: name, Driver: 'bridge', CheckDuplicate: true, Labels: labels };
      const request = { purpose, method: 'POST', path: '/networks/create', json } as const;
      await transport.ask(request, { fine: isDuplicate });
    },
    async removeNetwork(name) {
      const purpose = `remove the network ${name}`;
      const path = `/networks/${encodeURIComponent(name)}`;
      await transport.ask({ purpose, method: 'DELETE', path }, { fine: isGone });
    },
    async listVolumes(labels) {
      const purpose = 'list volumes';
      const query = { filters: labelFilter(labels) };
      const answer = await transport.ask({ purpose, method: 'GET', path: '/volumes', query });
      return parseAnswer(volumeList, answer, purpose).Volumes ?? [];
    },
    async createVolume(name, labels) {
      const purpose = `create the volume ${name}`;
      const json = { Name: name, Driver: 'local', Labels: labels };
      await transport.ask({ purpose, method: 'POST', path: '/volumes/create', json }, { fine: isDuplicate });
    },
    async removeVolume(name) {
      const purpose = `remove the volume ${name}`;
      const path = `/volumes/${encodeURIComponent(name)}`;
      await transport.ask({ purpose, method: 'DELETE', path }, { fine: isGone });
    },
  };
}
