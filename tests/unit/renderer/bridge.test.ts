import { describe, expect, it } from 'vitest';
import type { Bridge, StreamPart } from '../../../main/contract/bridge.ts';
import type { Answer } from '../../../main/contract/error.ts';
import { createClient } from '../../../renderer/client.ts';
import { bridgeTransport } from '../../../renderer/transports/bridge.ts';
import { createFakeWorld } from '../../fakes/fake-world.ts';

const problem = { key: 'job.unknown', message: 'No such job.', next: 'List them.', fields: {}, retry: false };

function bridgeWith(parts: readonly Answer<StreamPart>[]): {
  bridge: Bridge;
  closed: string[];
  asked: unknown[];
} {
  const closed: string[] = [];
  const asked: unknown[] = [];
  let next = 0;
  const bridge: Bridge = {
    call: async (name, input) => {
      asked.push([name, input]);
      return name === 'job.list' ? { ok: true, value: [] } : { ok: false, error: problem };
    },
    open: async (name, input) => {
      asked.push([name, input]);
      return { ok: true, value: 'stream-1' };
    },
    next: () => {
      const part = parts[next];
      next += 1;
      return part === undefined ? new Promise(() => undefined) : Promise.resolve(part);
    },
    close: async (id) => {
      closed.push(id);
      return { ok: true, value: null };
    },
    desktop: async () => ({ ok: false, error: problem }),
  };
  return { bridge, closed, asked };
}

const line = (offset: number): unknown => ({ offset, text: `line ${offset}\n` });
const part = (done: boolean, ...items: readonly unknown[]): Answer<StreamPart> => ({
  ok: true,
  value: { done, items },
});

describe('the client over the bridge', () => {
  it('calls', async () => {
    const { bridge, asked } = bridgeWith([]);
    expect(await createClient(bridgeTransport(bridge)).call('job.list', { limit: 3 })).toEqual([]);
    expect(asked).toEqual([['job.list', { limit: 3 }]]);
  });

  it('takes over the stream of the state that was opened before it, once', async () => {
    const whole = part(true, { kind: 'whole', snapshot: { ...createFakeWorld().snapshot(), version: 1 } });
    const { bridge, asked } = bridgeWith([]);
    const ahead = { opened: Promise.resolve({ ok: true, value: 'early' }), first: Promise.resolve(whole) };
    const client = createClient(bridgeTransport(bridge, ahead));
    const kinds: string[] = [];
    const { signal } = new AbortController();
    for await (const { kind } of client.stream('snapshot.changes', {}, signal)) kinds.push(kind);
    expect(kinds).toEqual(['whole']);
    expect(asked).toEqual([]);
    void client.stream('snapshot.changes', {}, signal)[Symbol.asyncIterator]().next();
    await expect.poll(() => asked).toEqual([['snapshot.changes', {}]]);
  });

  it('throws the error of the core', async () => {
    const client = createClient(bridgeTransport(bridgeWith([]).bridge));
    await expect(client.call('status.show', {})).rejects.toMatchObject({
      key: 'job.unknown',
      next: 'List them.',
    });
  });

  it('gives every item of every part, and closes the stream when it is done', async () => {
    const { bridge, closed } = bridgeWith([part(false, line(0), line(7)), part(false), part(true, line(14))]);
    const offsets: number[] = [];
    const client = createClient(bridgeTransport(bridge));
    for await (const { offset } of client.stream('job.log', { id: 1 }, new AbortController().signal))
      offsets.push(offset);
    expect(offsets).toEqual([0, 7, 14]);
    expect(closed).toEqual(['stream-1']);
  });

  it('throws the error that ends a stream, and closes it', async () => {
    const { bridge, closed } = bridgeWith([part(false, line(0)), { ok: false, error: problem }]);
    const items = createClient(bridgeTransport(bridge))
      .stream('job.log', { id: 1 }, new AbortController().signal)
      [Symbol.asyncIterator]();
    await items.next();
    await expect(items.next()).rejects.toMatchObject({ key: 'job.unknown' });
    expect(closed).toEqual(['stream-1']);
  });

  it('leaves at once when its signal fires, though the core says nothing', async () => {
    const { bridge, closed } = bridgeWith([]);
    const stop = new AbortController();
    const items = createClient(bridgeTransport(bridge))
      .stream('job.log', { id: 1 }, stop.signal)
      [Symbol.asyncIterator]();
    const last = items.next();
    await Promise.resolve();
    stop.abort();
    expect(await last).toMatchObject({ done: true });
    expect(closed).toEqual(['stream-1']);
  });

  it('calls it unreachable when the application does not answer', async () => {
    const { bridge } = bridgeWith([]);
    const broken: Bridge = { ...bridge, call: () => Promise.reject(new Error('no handler')) };
    const answer = createClient(bridgeTransport(broken)).call('status.show', {});
    await expect(answer).rejects.toMatchObject({ key: 'core.unreachable' });
  });
});
