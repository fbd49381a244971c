// The engine port on Docker's HTTP API, as Docker and Podman speak it.
import type { Log } from '../../log.ts';
import type { Engine } from '../../ports.ts';
import { containerCalls } from './containers.ts';
import { eventCalls } from './events.ts';
import { imageCalls } from './images.ts';
import { createInfoSource } from './info.ts';
import { networkCalls } from './networks.ts';
import type { Endpoint } from './places.ts';
import { createTransport } from './transport.ts';

/** How to reach an engine. */
export interface EngineOptions {
  /** As in `DOCKER_HOST`. */
  readonly host: string;
  readonly log: Log;
  /** By default there is no TLS. */
  readonly endpoint?: () => Promise<Endpoint>;
}

/** The engine at an address; connects only when it is asked. */
export function connectEngine({ host, log, endpoint }: EngineOptions): Engine {
  const transport = createTransport(host, log.topic('engine'), endpoint);
  const source = createInfoSource(transport);
  return {
    host,
    info: () => source.info(),
    ...containerCalls(transport, source),
    ...networkCalls(transport),
    ...imageCalls(transport),
    ...eventCalls(transport),
  };
}
