// The engine's networks and volumes.
import { z } from 'zod';
import type { Engine } from '../../ports.ts';
import { labelFilter, parseAnswer } from './answers.ts';
import { isDuplicate, isGone } from './errors.ts';
import type { Transport } from './transport.ts';

type NetworkCalls = Pick<
  Engine,
  'listNetworks' | 'createNetwork' | 'removeNetwork' | 'listVolumes' | 'createVolume' | 'removeVolume'
>;

const named = z
  .object({ Name: z.string(), Labels: z.record(z.string(), z.string()).nullish() })
  .transform(({ Name, Labels }) => ({ name: Name, labels: Labels ?? {} }));

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

/** The network and volume calls of the port. */
export function networkCalls(transport: Transport): NetworkCalls {
  return {
    async listNetworks(labels) {
      const purpose = 'list networks';
      const query = { filters: labelFilter(labels) };
      const answer = await transport.ask({ purpose, method: 'GET', path: '/networks', query });
      return parseAnswer(z.array(named), answer, purpose);
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
