import type { IncomingMessage } from 'node:http';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { answerStream, formatFor } from '../../../main/serve/stream.ts';
import { begin, openDoors, send } from '../../fakes/open-doors.ts';
import type { OpenDoors } from '../../fakes/open-doors.ts';

let doors: OpenDoors;
const lines = { accept: 'application/x-ndjson' };

beforeEach(async () => {
  doors = await openDoors({ beatMs: 30 });
});
afterEach(() => doors.close());

/** Reads until `enough` says so. */
async function readUntil(answer: IncomingMessage, enough: (text: string) => boolean): Promise<string> {
  let text = '';
  for await (const chunk of answer.setEncoding('utf8').iterator({ destroyOnReturn: false })) {
    text += String(chunk);
    if (enough(text)) return text;
  }
  return text;
}

describe('server-sent events', () => {
  it('send numbered items as they come, then the end', async () => {
    const answer = await send({ socketPath: doors.socket }, { path: '/api/v1/events' });
    expect(answer.headers['content-type']).toContain('text/event-stream');
    const ids = [...answer.text.matchAll(/^id: (\d+)$/gm)].map((match) => match[1]);
    expect(ids).toEqual(['1', '2']);
    expect(answer.text).toMatch(/^data: \{"at":1700000000000,.*\}$/m);
    expect(answer.text.endsWith('event: end\ndata: {}\n\n')).toBe(true);
  });

  it('send a snapshot at every change, and heartbeats while nothing changes', async () => {
    const answer = await begin({ socketPath: doors.socket }, { path: '/api/v1/snapshot/follow' });
    await readUntil(answer, (text) => text.includes(': beat\n\n: beat\n\n'));
    doors.core.world.seed(3);
    const text = await readUntil(answer, (seen) => seen.includes('demo/hello-1'));
    expect(text).toContain('id: 2\n');
    answer.destroy();
  });

  it('report an error in the middle by name', async () => {
    const answer = await begin({ socketPath: doors.socket }, { path: '/api/v1/snapshot/follow' });
    await readUntil(answer, (text) => text.includes('data:'));
    doors.core.crash();
    const text = await readUntil(answer, (seen) => seen.includes('failure'));
    expect(text).toContain('event: failure\ndata: {"key":"core.unreachable"');
  });
});

describe('JSON lines', () => {
  it('carry one answer a line', async () => {
    const answer = await send(
      { socketPath: doors.socket },
      { path: '/api/v1/events?limit=1', headers: lines },
    );
    expect(answer.headers['content-type']).toContain('application/x-ndjson');
    expect(answer.text.trim().split('\n')).toHaveLength(1);
    expect(answer.json).toMatchObject({ ok: true, value: { kind: 'job.waiting' } });
  });
});

describe('every stream', () => {
  it('that is refused at once has the HTTP status of its error', async () => {
    const answer = await send({ socketPath: doors.socket }, { path: '/api/v1/job/log?id=77' });
    expect(answer).toMatchObject({ status: 404, json: { ok: false, error: { key: 'job.unknown' } } });
  });

  it('needs the token over HTTP', async () => {
    const target = { host: '127.0.0.1', port: doors.port };
    expect((await send(target, { path: '/api/v1/events' })).status).toBe(401);
  });

  it('stops asking the core when its reader leaves', async () => {
    const left = vi.fn();
    const { subscribe } = doors.core.world;
    const spy = vi.spyOn(doors.core.world, 'subscribe').mockImplementation((listener) => {
      const leave = subscribe(listener);
      return () => {
        left();
        leave();
      };
    });
    const answer = await begin(
      { socketPath: doors.socket },
      { path: '/api/v1/snapshot/follow', headers: lines },
    );
    await readUntil(answer, (text) => text.includes('"ok":true'));
    await vi.waitFor(() => expect(spy).toHaveBeenCalled());
    answer.destroy();
    await vi.waitFor(() => expect(left).toHaveBeenCalled());
  });

  it('is ended, not only told to, when a reader leaves who has not read all', async () => {
    let left = false;
    const items = async function* (): AsyncGenerator<number> {
      try {
        yield* [1, 2, 3];
      } finally {
        left = true;
      }
    };
    const stop = new AbortController();
    const answer = await answerStream(items(), formatFor('application/x-ndjson'), stop, 1000);
    const reader = answer.body?.getReader();
    await reader?.read();
    await reader?.cancel();
    expect([left, stop.signal.aborted]).toEqual([true, true]);
  });

  it('ends when the door closes', async () => {
    const answer = await begin({ socketPath: doors.socket }, { path: '/api/v1/snapshot/follow' });
    await readUntil(answer, (text) => text.includes('data:'));
    const rest = readUntil(answer, () => false);
    await doors.close();
    expect(await rest).toContain('event: end');
  });

  it('answers HEAD without beginning', async () => {
    const answer = await send(
      { socketPath: doors.socket },
      { method: 'HEAD', path: '/api/v1/snapshot/follow' },
    );
    expect([answer.status, answer.text]).toEqual([200, '']);
  });
});
