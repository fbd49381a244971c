// What a page may ask of the desktop itself: what there is, in the words it takes, and nothing else.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createDesktopDesk } from '../../../electron/desktop-desk.ts';
import type { DesktopFacts } from '../../../main/contract/bridge.ts';

const facts: DesktopFacts = {
  ...{ version: '1.0.0', electron: '45.0.0', platform: 'linux', startAtLogin: 'off' },
  ...{ hasTray: true, hasNotifications: true, core: 'own' },
};

function setUp() {
  const done: unknown[] = [];
  const desk = createDesktopDesk({
    facts: async () => facts,
    setStartAtLogin: async (on) => void done.push(on),
    quit: () => done.push('quit'),
    restart: () => done.push('restart'),
  });
  return { desk, done };
}

describe('the desk of the desktop', () => {
  it('answers', async () => {
    const { desk, done } = setUp();
    expect(await desk.ask('show', {})).toEqual({ ok: true, value: facts });
    expect(await desk.ask('start-at-login', { on: true })).toEqual({ ok: true, value: facts });
    expect(await desk.ask('quit', {})).toEqual({ ok: true, value: null });
    expect(await desk.ask('restart', {})).toEqual({ ok: true, value: null });
    await new Promise(setImmediate);
    expect(done).toEqual([true, 'quit', 'restart']);
  });

  it('refuses every other name and every other word', async () => {
    const { desk, done } = setUp();
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(fc.string(), fc.constant('start-at-login')),
        fc.anything(),
        async (name, input) => {
          fc.pre(name !== 'show' && name !== 'quit' && name !== 'restart');
          expect(await desk.ask(name, input)).toMatchObject({
            ok: false,
            error: { key: 'desktop.request-unknown' },
          });
        },
      ),
    );
    for (const name of ['constructor', '__proto__', 'toString', 7, null, undefined, {}])
      expect(await desk.ask(name, {})).toMatchObject({ ok: false });
    expect(await desk.ask('quit', { now: true })).toMatchObject({ ok: false });
    expect(done).toEqual([]);
  });
});
