// The engines that this machine and its user know of: found, asked, connected.
import type { Log } from '../../log.ts';
import type { Engines } from '../../ports.ts';
import { identityOf } from './address.ts';
import type { Surroundings } from './contexts.ts';
import { connectEngine } from './connect.ts';
import { createInfoSource } from './info.ts';
import { endpointOf, listPlaces } from './places.ts';
import { createTransport } from './transport.ts';
import type { Transport } from './transport.ts';

/** Milliseconds for each question: an engine that works answers at once, or after seconds on a very busy machine. */
const askDeadline = 10_000;

/** Every call with the deadline of a look around. */
function hurried(transport: Transport, signal: AbortSignal | undefined): Transport {
  return {
    ...transport,
    ask: (request, options) => transport.ask(request, { ...options, deadline: askDeadline, signal }),
  };
}

/** Reads variables, files and sockets anew at each call. */
export function createEngines(surroundings: Surroundings & { readonly log: Log }): Engines {
  const { log } = surroundings;
  const endpoint = (host: string) => () => endpointOf(host, surroundings);
  return {
    places: (setting) => listPlaces(setting, surroundings),
    identify: identityOf,
    ask: (host, signal) => {
      const transport = createTransport(host, log.topic('engine'), endpoint(host));
      return createInfoSource(hurried(transport, signal)).info();
    },
    connect: (host) => connectEngine({ host, log, endpoint: endpoint(host) }),
  };
}
