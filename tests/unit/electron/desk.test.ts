// The bridge's desk: what a page may ask, whatever it asks it with, and what becomes of its streams.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createDesk } from '../../../electron/desk.ts';
import type { Desk } from '../../../electron/desk.ts';
import type { CoreDoor, StopSignal } from '../../../main/contract/contract.ts';
import { AutoGitError } from '../../../main/errors.ts';
import { createFakeCore } from '../../fakes/fake-core.ts';

const refused = (key: string): unknown => ({
  ok: false,
  error: expect.objectContaining({ key, next: expect.stringMatching(/\w/) as unknown }) as unknown,
});

async function opened(desk: Desk, name = 'snapshot.follow'): Promise<string> {
  const answer = await desk.open(name, {});
  if (!answer.ok) throw new Error(answer.error.message);
  return answer.value;
}

describe('a call', () => {
  it('reaches the core with its parsed input and brings the answer back', async () => {
    const core = createFakeCore();
    const desk = createDesk(core);
    const answer = await desk.call('lab.drain', {});
    expect(answer).toMatchObject({ ok: true, value: { message: 'Draining.', dryRun: false } });
    expect(core.calls).toEqual([{ name: 'lab.drain', input: { dryRun: false } }]);
  });

  it.each([
    'constructor',
    '__proto__',
    'toString',
    'hasOwnProperty',
    '',
    'lab',
    'LAB.DRAIN',
    null,
    7,
    {},
    [],
    undefined,
  ])('of the name %j is refused', async (name) => {
    const core = createFakeCore();
    expect(await createDesk(core).call(name, {})).toEqual(refused('desktop.request-unknown'));
    expect(core.calls).toEqual([]);
  });

  it('cannot be made of a stream, nor a stream of a call', async () => {
    const desk = createDesk(createFakeCore());
    expect(await desk.call('snapshot.follow', {})).toEqual(refused('desktop.request-unknown'));
    expect(await desk.open('lab.drain', {})).toEqual(refused('desktop.request-unknown'));
  });

  it('with more than 1 MiB is refused before it is parsed', async () => {
    const core = createFakeCore();
    const text = 'x'.repeat(1_048_577);
    expect(await createDesk(core).call('settings.validate', { text })).toEqual(
      refused('desktop.request-too-large'),
    );
    expect(core.calls).toEqual([]);
  });

  it('with input that JSON cannot carry is refused', async () => {
    const desk = createDesk(createFakeCore());
    const circle: Record<string, unknown> = {};
    circle['circle'] = circle;
    for (const input of [circle, 1n, undefined, () => 1, Symbol('x')]) {
      expect(await desk.call('lab.drain', input)).toMatchObject({ ok: false });
    }
  });

  it('with any input is answered, and reaches the core only when the contract allows it', async () => {
    const core = createFakeCore();
    const desk = createDesk(core);
    await fc.assert(
      fc.asyncProperty(fc.anything(), async (input) => {
        const before = core.calls.length;
        const answer = await desk.call('sandbox.seed', input);
        expect(answer.ok).toBe(core.calls.length > before);
        if (!answer.ok) expect(answer.error.key).toMatch(/^usage\.|^request\./);
      }),
    );
  });

  it('that fails brings the error with its key and next step', async () => {
    const core = createFakeCore();
    const failure = { key: 'engine.unreachable', message: 'No engine.', next: 'Start it.' };
    core.failNext('lab.drain', new AutoGitError(failure));
    expect(await createDesk(core).call('lab.drain', {})).toMatchObject({ ok: false, error: failure });
  });
});

describe('a stream', () => {
  it('gives what there is, then waits for news', async () => {
    const core = createFakeCore();
    const desk = createDesk(core);
    const id = await opened(desk);
    const first = await desk.next(id);
    expect(first).toMatchObject({ ok: true, value: { done: false, items: [{ mode: 'serve' }] } });
    const second = desk.next(id);
    await core.call('lab.drain', {});
    expect(await second).toMatchObject({ ok: true, value: { items: [{ mode: 'drain' }] } });
    desk.clear();
  });

  it('gives a slow page the newest state, not every state in between', async () => {
    const core = createFakeCore();
    const desk = createDesk(core);
    const id = await opened(desk);
    await desk.next(id);
    for (let step = 0; step < 100; step += 1) core.world.step();
    const answer = await desk.next(id);
    if (!answer.ok) throw new Error(answer.error.message);
    expect(answer.value.items.length).toBeLessThan(4);
    expect(answer.value.items.at(-1)).toMatchObject({ version: core.world.snapshot().version });
    desk.clear();
  });

  it('says when it is done, and is unknown afterwards', async () => {
    const desk = createDesk(createFakeCore());
    const id = await opened(desk, 'events.follow');
    const parts = [await desk.next(id)];
    while (parts.at(-1)?.ok === true && !isDone(parts.at(-1))) parts.push(await desk.next(id));
    expect(parts.at(-1)).toMatchObject({ ok: true, value: { done: true } });
    expect(await desk.next(id)).toEqual(refused('desktop.stream-unknown'));
  });

  it('that fails brings the error, and is closed', async () => {
    const core = createFakeCore();
    const desk = createDesk(core);
    const id = await opened(desk);
    await desk.next(id);
    const waiting = desk.next(id);
    core.crash();
    expect(await waiting).toEqual(refused('core.unreachable'));
    expect(await desk.next(id)).toEqual(refused('desktop.stream-unknown'));
  });

  it('of another page, of no page and of a foreign word are the same: unknown', async () => {
    const core = createFakeCore();
    const id = await opened(createDesk(core));
    const desk = createDesk(core);
    for (const odd of [id, '', '__proto__', 'constructor', null, 1, {}, undefined]) {
      expect(await desk.next(odd)).toEqual(refused('desktop.stream-unknown'));
      expect(await desk.close(odd)).toEqual({ ok: true, value: null });
    }
  });

  it('is one of sixteen at most', async () => {
    const desk = createDesk(createFakeCore());
    for (let count = 0; count < 16; count += 1) await opened(desk);
    expect(await desk.open('snapshot.follow', {})).toEqual(refused('desktop.streams-too-many'));
    desk.clear();
    await opened(desk);
  });
});

function isDone(part: Awaited<ReturnType<Desk['next']>> | undefined): boolean {
  return part?.ok === true && part.value.done;
}

/** A core whose only stream tells whether somebody still listens. */
function listening(): { door: CoreDoor; isHeard(): boolean } {
  let isHeard = false;
  const door: CoreDoor = {
    call: () => Promise.reject(new Error('not asked here')),
    async *stream(_name, _input, signal: StopSignal) {
      isHeard = true;
      try {
        await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
        yield* [];
      } finally {
        isHeard = false;
      }
    },
  };
  return { door, isHeard: () => isHeard };
}

describe('when the page goes', () => {
  it.each([
    ['it closes its stream', (desk: Desk, id: string): unknown => desk.close(id)],
    ['it is cleared away', (desk: Desk): unknown => desk.clear()],
  ])('because %s, the core is not asked any more', async (_how, go) => {
    const { door, isHeard } = listening();
    const desk = createDesk(door);
    const id = await opened(desk);
    const waiting = desk.next(id);
    await expect.poll(isHeard).toBe(true);
    await go(desk, id);
    expect(await waiting).toMatchObject({ ok: true, value: { done: true } });
    expect(isHeard()).toBe(false);
  });
});
