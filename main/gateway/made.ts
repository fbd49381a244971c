// Calls with a body: containers, commands in them, volumes and networks.
import { z } from 'zod';
import { reachable } from '../model/grant.ts';
import type { Grant } from '../model/grant.ts';
import { placeCache } from './cache.ts';
import { isJobContainer, takeContainer } from './create-container.ts';
import { allow, ownObject, withFields } from './decision.ts';
import type { Asked, Decision, EngineCall } from './decision.ts';
import { field, refuse, takeFields } from './fields.ts';
import type { Fields, Json, RefusalKey } from './fields.ts';
import type { Reference } from './known.ts';
import { takeLabels } from './labels.ts';
import { trustTar } from './trust.ts';

/** Docker's own form of a name; other than the runner's, it could be taken for somebody else's. */
export const madeName = /^runner-[A-Za-z0-9_.-]{1,240}$/;

/** The runner's own helper is for the engine's architecture, whatever the job's is. */
const helperImage = /(?:^|\/)gitlab-runner-helper(?:[:@]|$)/;

export function judgePull({ address, grant }: Asked): Decision {
  const image = address.query.get('fromImage');
  if (image === undefined) return refuse('gateway.not-offered', 'images are not imported');
  if (!grant.pull) return refuse('gateway.pull', `this pool does not pull images: ${image}`);
  const platform = helperImage.test(image) ? {} : forPlatform(grant);
  return allow({ address, method: 'POST', query: { ...Object.fromEntries(address.query), ...platform } });
}

function forPlatform({ platform }: Grant): Readonly<Record<string, string>> {
  return platform === null ? {} : { platform };
}

export function judgeCreate({ address, body, grant, known }: Asked): Decision {
  const name = address.query.get('name');
  if (name === undefined) return refuse('gateway.name', 'the container has no name');
  const platform = isJobContainer(body) ? forPlatform(grant) : {};
  return withFields(takeContainer(body, name, grant, known), (taken) => {
    const { fields, before } = placeCache(taken, body, address.version, grant, known);
    const query = { ...Object.fromEntries(address.query), ...platform };
    const completing = isJobContainer(body) ? giveTrust(name, address.version, grant) : [];
    return allow({ address, method: 'POST', body: fields, query }, { before, completing });
  });
}

/** Written into the new container: an engine elsewhere has no folder of ours, and every engine takes it so. */
function giveTrust(name: string, version: string, { trust }: Grant): readonly EngineCall[] {
  if (trust === null) return [];
  const path = `${version}/containers/${name}/archive`;
  return [{ method: 'PUT', path, query: { path: '/' }, tar: trustTar(trust) }];
}

const execFields: Fields = new Map([
  ...['AttachStdin', 'AttachStdout', 'AttachStderr', 'Tty'].map(
    (name) => [name, field(z.boolean())] as const,
  ),
  ['User', field(z.string())],
  ['WorkingDir', field(z.string())],
  ['Env', field(z.array(z.string()))],
  ['Cmd', field(z.array(z.string()))],
]);
const refusedExec: ReadonlyMap<string, RefusalKey> = new Map([['Privileged', 'gateway.privileged']]);

export function judgeExec({ address, name, body, known }: Asked): Decision {
  return ownObject({ kind: 'container', name }, known, ({ id }) =>
    withFields(takeFields(body, '', execFields, refusedExec), (fields) =>
      allow({ address, method: 'POST', path: `/containers/${id}/exec`, body: fields }),
    ),
  );
}

export function judgeExecStart({ address, name, body, known }: Asked): Decision {
  return ownObject({ kind: 'exec', name }, known, ({ id }) =>
    withFields(takeFields(body, '', new Map([['Tty', field(z.boolean())]]), new Map()), (fields) =>
      allow(
        {
          address,
          method: 'POST',
          path: `/exec/${id}/start`,
          body: { Detach: false, Tty: false, ...fields },
        },
        { upgrade: true },
      ),
    ),
  );
}

export function textOf(body: Json | undefined, key: string): string {
  const schema = z.looseObject({ [key]: z.string() });
  const parsed = schema.safeParse(body);
  return parsed.success ? String(parsed.data[key]) : '';
}

export function namedVolume(_name: string, body: Json | undefined): readonly Reference[] {
  return [{ kind: 'volume', name: textOf(body, 'Name') }];
}

export function namedNetwork(_name: string, body: Json | undefined): readonly Reference[] {
  return [{ kind: 'network', name: textOf(body, 'Name') }];
}

const made: Fields = new Map([
  ['Name', field(z.string().regex(madeName), 'gateway.name')],
  ['Labels', field(z.record(z.string(), z.string()), 'gateway.label')],
]);

/** Options of the local driver mount any folder of the machine: none are taken. */
const volumeFields: Fields = new Map([...made, ['Driver', field(z.literal('local'), 'gateway.bind')]]);
const refusedVolume: ReadonlyMap<string, RefusalKey> = new Map([
  ['DriverOpts', 'gateway.bind'],
  ['ClusterVolumeSpec', 'gateway.bind'],
]);

/** The engine gives back a volume that is there already: then it has to be the runner's. */
export function judgeVolume({ address, body, grant, known }: Asked): Decision {
  return withFields(takeFields(body, '', volumeFields, refusedVolume), ({ Name, Labels = {} }) => {
    if (typeof Name !== 'string') return refuse('gateway.name', 'the volume has no name');
    if (known.find({ kind: 'volume', name: Name })?.own === false) {
      return refuse('gateway.foreign', `the volume ${Name} is not this runner's`);
    }
    return withFields(takeLabels(Labels, Name, grant, known), (labels) =>
      allow({ address, method: 'POST', body: { Name, Driver: 'local', Labels: labels } }),
    );
  });
}

const networkFields: Fields = new Map([
  ...made,
  ['Driver', field(z.literal('bridge'), 'gateway.namespace')],
  ['EnableIPv6', field(z.boolean())],
  ['CheckDuplicate', field(z.boolean())],
]);
const refusedNetwork: ReadonlyMap<string, RefusalKey> = new Map(
  ['Scope', 'IPAM', 'Internal', 'Attachable', 'Ingress', 'ConfigOnly', 'ConfigFrom', 'Options'].map(
    (name) => [name, 'gateway.namespace'] as const,
  ),
);

/** A job's network has nobody else on it, but for GitLab where that is a container of this home. */
export function judgeNetwork({ address, body, grant, known }: Asked): Decision {
  return withFields(
    takeFields(body, '', networkFields, refusedNetwork),
    ({ Name, Labels = {}, EnableIPv6 }) => {
      if (typeof Name !== 'string') return refuse('gateway.name', 'the network has no name');
      if (known.find({ kind: 'network', name: Name })?.own === false) {
        return refuse('gateway.foreign', `the network ${Name} is not this runner's`);
      }
      const after = [...reachable(grant)].map(([id, names]): EngineCall => ({
        method: 'POST',
        path: `${address.version}/networks/${Name}/connect`,
        query: {},
        body: { Container: id, EndpointConfig: { Aliases: [...names] } },
      }));
      return withFields(takeLabels(Labels, Name, grant, known), (labels) => {
        const ipv6 = EnableIPv6 === true ? { EnableIPv6 } : {};
        const fields = { Name, Driver: 'bridge', CheckDuplicate: true, ...ipv6, Labels: labels };
        return allow({ address, method: 'POST', body: fields }, { after });
      });
    },
  );
}

/** GitLab's container is not shown: at its end the runner removes every container that it finds on a job's network. */
export function judgeNetworkView({ address, name, grant, known }: Asked): Decision {
  return ownObject({ kind: 'network', name }, known, ({ id }) =>
    allow({ address, path: `/networks/${id}` }, { hidden: [...reachable(grant).keys()] }),
  );
}

/** The engine removes no network on which somebody is left. */
export function judgeNetworkEnd({ address, name, grant, known }: Asked): Decision {
  return ownObject({ kind: 'network', name }, known, ({ id }) => {
    const before = [...reachable(grant).keys()].map((other): EngineCall => ({
      method: 'POST',
      path: `${address.version}/networks/${id}/disconnect`,
      query: {},
      body: { Container: other, Force: true },
    }));
    return allow({ address, method: 'DELETE', path: `/networks/${id}` }, { before });
  });
}

export function judgeDisconnect({ address, name, body, known }: Asked): Decision {
  const fields: Fields = new Map([
    ['Container', field(z.string())],
    ['Force', field(z.boolean())],
  ]);
  return withFields(takeFields(body, '', fields, new Map()), ({ Container, Force = false }) => {
    const other = typeof Container === 'string' ? Container : '';
    return ownObject({ kind: 'network', name }, known, ({ id }) =>
      ownObject({ kind: 'container', name: other }, known, (object) =>
        allow({
          ...{ address, method: 'POST', path: `/networks/${id}/disconnect` },
          body: { Container: object.id, Force },
        }),
      ),
    );
  });
}
