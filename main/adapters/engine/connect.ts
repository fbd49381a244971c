// The engine port on Docker's HTTP API, as Docker and Podman speak it.
import type { Log } from '../../log.ts';
import type { Engine } from '../../ports.ts';
import { containerCalls } from './containers.ts';
import { eventCalls } from './events.ts';
import { imageCalls } from './images.ts';
import { createInfoSource } from './info.ts';
import { networkCalls } from './networks.ts';
import { createTransport } from './transport.ts';

/** The engine at an address as in `DOCKER_HOST`. Throws `engine.address`; connects only when it is asked. */
export function connectEngine(options: { readonly host: string; readonly log: Log }): Engine {
  const transport = createTransport(options.host, options.log.topic('engine'));
  const source = createInfoSource(transport);
  return {
    host: options.host,
    info: () => source.info(),
    ...containerCalls(transport, source),
    ...networkCalls(transport),
    ...imageCalls(transport),
    ...eventCalls(transport),
  };
}
