// Which runner speaks: it shows a token that only the core can have made, and has the address of that runner's container.
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Socket } from 'node:net';
import { z } from 'zod';
import { grantSchema, tokenText } from '../model/grant.ts';
import type { Grant } from '../model/grant.ts';
import { label } from '../model/labels.ts';
import type { EngineLink } from './engine-link.ts';

export interface Speaker {
  /** The name of its container. */
  readonly runner: string;
  readonly grant: Grant;
  /** The request's target without the runner's prefix. */
  readonly target: string;
}

const containerSchema = z.object({
  Config: z.object({ Labels: z.record(z.string(), z.string()) }),
  NetworkSettings: z.object({
    Networks: z.record(z.string(), z.object({ IPAddress: z.string().nullish() })),
  }),
});

const prefixed = /^\/([a-z0-9][a-z0-9-]{0,100})\/([0-9a-f]{64})(\/.*)$/;

export function signWith(key: string): (text: string) => string {
  return (text) => createHmac('sha256', key).update(text).digest('hex');
}

/** IPv4 addresses arrive as `::ffff:172.18.0.3` where the socket listens on both kinds. */
function plainAddress(address: string | undefined): string {
  return (address ?? '').replace(/^::ffff:/, '');
}

/**
 * Tells a connection's runner, asked of the engine once per connection: the address cannot change within one.
 * `null` for anybody else. Rejects when the engine cannot be reached.
 */
export function createIdentification(options: {
  readonly engine: EngineLink;
  readonly network: string;
  readonly sign: (text: string) => string;
}): (socket: Socket, target: string) => Promise<Speaker | null> {
  const { engine, network, sign } = options;
  const known = new WeakMap<
    Socket,
    { readonly runner: string; readonly token: string; readonly grant: Grant }
  >();
  return async (socket, target) => {
    const [, runner = '', token = '', rest = ''] = prefixed.exec(target) ?? [];
    if (runner === '') return null;
    const before = known.get(socket);
    if (before?.runner === runner && before.token === token)
      return { runner, grant: before.grant, target: rest };
    const { status, value } = await engine.ask({
      method: 'GET',
      path: `/containers/${runner}/json`,
      query: {},
    });
    const container = containerSchema.safeParse(value);
    if (status !== 200 || !container.success) return null;
    const { Config, NetworkSettings } = container.data;
    const text = Config.Labels[label.grant] ?? '';
    const address = NetworkSettings.Networks[network]?.IPAddress ?? '';
    if (address === '' || address !== plainAddress(socket.remoteAddress)) return null;
    if (!isSame(token, sign(tokenText(runner, text)))) return null;
    const grant = grantSchema.parse(JSON.parse(text));
    known.set(socket, { runner, token, grant });
    return { runner, grant, target: rest };
  };
}

function isSame(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}
