// The part of an engine's API that Traefik asks, with the containers of a rendered stack behind the filter that the stack has there.
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { parse } from 'yaml';
import { z } from 'zod';
import type { RenderedStack } from '../../main/model/stack/stack.ts';
import { contentOf } from './stack-matrix.ts';

export interface ReadOnlyEngine {
  /** What was asked and refused: `GET /v1.51/networks`. */
  readonly refused: readonly string[];
  close(): Promise<void>;
}

const composeSchema = z.object({
  name: z.string(),
  services: z.record(
    z.string(),
    z.object({
      image: z.string(),
      labels: z.record(z.string(), z.string()).default({}),
      networks: z.record(z.string(), z.unknown()).default({}),
      command: z.array(z.string()).default([]),
    }),
  ),
});
type Compose = z.infer<typeof composeSchema>;

function readCompose(stack: RenderedStack): Compose {
  return composeSchema.parse(parse(contentOf(stack, 'compose.yaml').replaceAll('$$', '$')));
}

/** Arguments of the filter before the engine's socket. */
export function filterArguments(stack: RenderedStack): readonly string[] {
  return readCompose(stack).services['socket-proxy']?.command ?? [];
}

/** What the rendered arguments let through, as wollomatic/socket-proxy reads them: whole paths, by method. */
export function filterOf(stack: RenderedStack): (method: string, path: string) => boolean {
  const rules = filterArguments(stack).flatMap((argument) => {
    const [, method = '', pattern] = /^-allow([A-Z]+)=(.*)$/.exec(argument) ?? [];
    return pattern === undefined ? [] : [{ method, path: new RegExp(`^(?:${pattern})$`) }];
  });
  return (method, path) => rules.some((rule) => rule.method === method && rule.path.test(path));
}

/**
 * Listens at `place`: a port of the loopback or the path of a socket. `isAllowed` stands for the filter; without it
 * everything is answered, and a filter of its own stands before it.
 */
export async function startReadOnlyEngine(
  stack: RenderedStack,
  place: number | string,
  isAllowed: (method: string, path: string) => boolean = () => true,
): Promise<ReadOnlyEngine> {
  const containers = containersOf(readCompose(stack));
  const refused: string[] = [];
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://engine');
    const { method = '' } = request;
    if (isAllowed(method, pathname))
      answer(pathname.replace(/^\/v[\d.]+/, ''), request, response, containers);
    else {
      refused.push(`${method} ${pathname}`);
      response.writeHead(403).end();
    }
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    if (typeof place === 'string') server.listen(place, resolve);
    else server.listen(place, '127.0.0.1', resolve);
  });
  return {
    refused,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function answer(
  path: string,
  { method }: IncomingMessage,
  response: ServerResponse,
  containers: readonly Container[],
): void {
  const send = (value: unknown): void => {
    response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify(value));
  };
  if (path === '/_ping') {
    response.writeHead(200, { 'Api-Version': '1.51', Ostype: 'linux' }).end(method === 'HEAD' ? '' : 'OK');
    return;
  }
  // Events come for as long as somebody listens; nothing happens here.
  if (path === '/events') {
    response.writeHead(200, { 'Content-Type': 'application/json' }).flushHeaders();
    return;
  }
  if (path === '/version')
    send({ Version: '28.5.2', ApiVersion: '1.51', MinAPIVersion: '1.24', Os: 'linux' });
  else if (path === '/containers/json') send(containers.map(({ listed }) => listed));
  else {
    const [, id] = /^\/containers\/([0-9a-f]+)\/json$/.exec(path) ?? [];
    const container = containers.find(({ listed }) => listed.Id === id);
    if (container !== undefined) send(container.inspected);
    else response.writeHead(404, { 'Content-Type': 'application/json' }).end('{"message":"not found"}');
  }
}

interface Container {
  readonly listed: { readonly Id: string } & Readonly<Record<string, unknown>>;
  readonly inspected: Readonly<Record<string, unknown>>;
}

function containersOf({ name: project, services }: Compose): readonly Container[] {
  return Object.entries(services).map(([service, { image, labels, networks }], index) => {
    const Id = createHash('sha256').update(service).digest('hex');
    const name = `/${project}-${service}-1`;
    const all = {
      ...labels,
      'com.docker.compose.project': project,
      'com.docker.compose.service': service,
    };
    // Nothing listens there: whoever is led to it says that it came.
    const address = `127.77.${index}.1`;
    const Networks = Object.fromEntries(
      Object.keys(networks).map((network) => [
        `${project}_${network}`,
        { NetworkID: network, IPAddress: address, Gateway: '' },
      ]),
    );
    const [first = ''] = Object.keys(Networks);
    return {
      listed: {
        Id,
        Names: [name],
        Image: image,
        Labels: all,
        State: 'running',
        NetworkSettings: { Networks },
      },
      inspected: {
        ...{ Id, Name: name, State: { Status: 'running', Running: true, Health: { Status: 'healthy' } } },
        ...{ Config: { Image: image, Labels: all }, HostConfig: { NetworkMode: first } },
        NetworkSettings: { Networks, Ports: {} },
      },
    };
  });
}
