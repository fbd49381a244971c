// The addresses of the HTTP door, derived from the contract.
import { contract, requestNames } from '../contract/contract.ts';
import type { CallName, RequestName, StreamName } from '../contract/contract.ts';

interface RouteBase {
  readonly path: string;
  readonly method: 'get' | 'post';
}
export interface CallRoute extends RouteBase {
  readonly kind: 'call';
  readonly name: CallName;
}
export interface StreamRoute extends RouteBase {
  readonly kind: 'stream';
  readonly name: StreamName;
}
export type Route = CallRoute | StreamRoute;

export const apiPrefix = '/api/v1';

/** Addresses of earlier releases that still answer. */
export const oldRoutes: readonly CallRoute[] = [
  { kind: 'call', name: 'status.show', path: '/status', method: 'get' },
  { kind: 'call', name: 'runner.list', path: '/runners', method: 'get' },
];

/** Narrows a name to the requests that answer with items. */
export function isStreamName(name: RequestName): name is StreamName {
  return contract[name].kind === 'stream';
}

/** Narrows a name to the requests that answer once. */
export function isCallName(name: RequestName): name is CallName {
  return contract[name].kind !== 'stream';
}

/** What changes something, and what has secrets in it, is never asked by an address alone. */
function isByBody(name: CallName): boolean {
  const definition = contract[name];
  return definition.kind === 'command' || definition.hasSecrets;
}

/** Where a request lies: `pool.list` at `/api/v1/pool/list`. */
export function pathOf(name: RequestName): string {
  return [apiPrefix, ...contract[name].cli.path].join('/');
}

/** One route for every request of the contract. */
export const routes: readonly Route[] = requestNames.flatMap((name): Route[] => {
  const path = pathOf(name);
  if (isStreamName(name)) return [{ kind: 'stream', name, path, method: 'get' }];
  if (!isCallName(name)) return [];
  return [{ kind: 'call', name, path, method: isByBody(name) ? 'post' : 'get' }];
});
