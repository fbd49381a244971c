// Who may ask over the bridge: the main frame of our own window on our own page.
import { describe, expect, it } from 'vitest';
import { isOurPage } from '../../../electron/bridge-channels.ts';
import type { AskingFrame, OurContents, Question } from '../../../electron/bridge-channels.ts';

const main: AskingFrame = { parent: null, processId: 4, routingId: 1, origin: 'autogit://app' };
const contents: OurContents = { mainFrame: main, isDestroyed: () => false };
const ask = (change: Partial<Question> = {}, window = contents): boolean =>
  isOurPage({ sender: window, senderFrame: main, ...change }, window);

describe('the sender of a question', () => {
  it('is our page', () => {
    expect(ask()).toBe(true);
    expect(ask({ senderFrame: { ...main } })).toBe(true);
  });

  it.each<[string, Parameters<typeof ask>[0]]>([
    ['another window', { sender: { ...contents } }],
    ['a frame that has gone', { senderFrame: null }],
    [
      'a frame inside the page, also of our own origin',
      { senderFrame: { ...main, parent: main, routingId: 2 } },
    ],
    ['another page in our window', { senderFrame: { ...main, origin: 'https://evil.example' } }],
    ['an opaque origin', { senderFrame: { ...main, origin: 'null' } }],
    ['an older page of our window', { senderFrame: { ...main, routingId: 9 } }],
    ['the same number in another process', { senderFrame: { ...main, processId: 5 } }],
  ])('is not %s', (_who, change) => {
    expect(ask(change)).toBe(false);
  });

  it('is nobody once the window or the frame is destroyed', () => {
    expect(ask({}, { ...contents, isDestroyed: () => true })).toBe(false);
    const gone: AskingFrame = {
      ...main,
      get parent(): never {
        throw new Error('Render frame was disposed before WebFrameMain could be accessed');
      },
    };
    expect(ask({ senderFrame: gone })).toBe(false);
  });
});
