// The doorbell: what it rings for, and that a bell which fails, lies or is lost changes nothing but latency.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { connectBell } from '../../../main/adapters/gitlab/connect-bell.ts';
import { createBell } from '../../../main/gateway/bell.ts';
import { watchBell } from '../../../main/observe/watch-bell.ts';
import type { BellWatch } from '../../../main/observe/watch-bell.ts';
import type { Bell } from '../../../main/ports.ts';
import { FakeClock } from '../../fakes/fake-clock.ts';
import { recordedLog } from '../../fakes/fake-context.ts';

const address = { url: 'http://bell.test', headers: {} };
let clock: FakeClock;
let rings: number;
let watch: BellWatch;
let answer: (count: number) => void;
let fail: () => void;
let asked: (number | null)[];

const bell: Bell = {
  wait: (count, signal) => {
    asked.push(count);
    return new Promise((resolve, reject) => {
      [answer, fail] = [resolve, (): void => reject(new Error('no answer'))];
      signal.addEventListener('abort', () => reject(new Error('aborted')));
    });
  },
};

beforeEach(() => {
  [clock, rings, asked] = [new FakeClock(), 0, []];
  const onRing = (): void => void (rings += 1);
  watch = watchBell({ connectBell: () => bell, clock, log: recordedLog(), onRing });
});
afterEach(() => watch.stop());

async function told(count: number): Promise<void> {
  answer(count);
  await clock.advance(200);
}

describe('a doorbell', () => {
  it('rings when the count changes, not when it is first heard of, and not when nothing has happened', async () => {
    watch.listen(address);
    await told(7);
    expect([rings, asked]).toEqual([0, [null, 7]]);
    await told(8);
    await told(8);
    await told(0);
    expect([rings, asked]).toEqual([2, [null, 7, 8, 8, 0]]);
  });

  it('makes one of many rings in a moment', async () => {
    watch.listen(address);
    await told(1);
    answer(2);
    await clock.advance(199);
    expect([rings, asked]).toEqual([1, [null, 1]]);
    await clock.advance(1);
    expect(asked).toEqual([null, 1, 2]);
  });

  it('that did not answer is asked again, ever more rarely, and rings once it does: something may have been missed', async () => {
    watch.listen(address);
    await told(3);
    for (let failure = 0; failure < 4; failure += 1) {
      fail();
      await clock.advance(5_000);
    }
    expect(asked).toEqual([null, 3, null, null, null, null]);
    await told(3);
    expect(rings).toBe(1);
  });

  it('is asked at another address when there is one, and nowhere when there is none', async () => {
    watch.listen(address);
    watch.listen({ ...address });
    await clock.settle();
    expect(asked).toHaveLength(1);
    watch.listen({ ...address, url: 'http://other.test' });
    await clock.settle();
    expect(asked).toHaveLength(2);
    watch.listen(null);
    await clock.advance(60_000);
    expect(asked).toHaveLength(2);
  });
});

describe('the bell of the gateway', () => {
  let server: Server;
  const secret = 'a secret of this home';
  const url = (path: string): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`;
  const hook = (token: string): Promise<number> =>
    fetch(url('/hook'), { method: 'POST', headers: { 'x-gitlab-token': token }, body: '{}' }).then(
      ({ status }) => status,
    );
  const at = (token: string): Bell =>
    connectBell({ url: url('/bell'), headers: { 'x-gitlab-token': token } });
  const { signal } = new AbortController();

  beforeEach(async () => {
    server = createBell(secret, () => undefined);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterEach(() => void server.close());

  it('answers at once when a hook comes, once for each, and to nobody without the secret', async () => {
    const count = await at(secret).wait(null, signal);
    const waiting = at(secret).wait(count, signal);
    expect(await hook('wrong')).toBe(401);
    expect(await hook(secret)).toBe(200);
    expect(await waiting).toBe(count + 1);
    await hook(secret);
    await hook(secret);
    expect(await at(secret).wait(count + 1, signal)).toBe(count + 3);
    await expect(at('wrong').wait(null, signal)).rejects.toThrow('401');
  });

  it('is let go of when nobody wants to know any more', async () => {
    const stopping = new AbortController();
    const waiting = at(secret).wait(0, stopping.signal);
    stopping.abort();
    await expect(waiting).rejects.toThrow();
  });

  it('that says something else has failed', async () => {
    const odd = createServer((_, outgoing) => outgoing.end('{"count":"many"}'));
    await new Promise<void>((resolve) => odd.listen(0, '127.0.0.1', resolve));
    const { port } = odd.address() as AddressInfo;
    await expect(
      connectBell({ url: `http://127.0.0.1:${port}`, headers: {} }).wait(null, signal),
    ).rejects.toThrow();
    odd.close();
  });
});
