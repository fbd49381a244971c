// The bridge's channels on the side of the main process: who may ask, and the desk that answers.
import type { WebContents } from 'electron';
import { bridgeChannels } from '../main/contract/bridge-channels.ts';
import type { Answer } from '../main/contract/error.ts';
import type { Desk } from './desk.ts';
import type { DesktopDesk } from './desktop-desk.ts';
import { pageOrigin } from './page-files.ts';

/** What the check needs of a frame; one that has gone throws. */
export interface AskingFrame {
  readonly parent: unknown;
  readonly processId: number;
  readonly routingId: number;
  readonly origin: string;
}

/** What it needs of our window. */
export interface OurContents {
  readonly mainFrame: Omit<AskingFrame, 'parent' | 'origin'>;
  isDestroyed(): boolean;
}

/** What it needs of an event. */
export interface Question {
  readonly sender: unknown;
  readonly senderFrame: AskingFrame | null;
}

const refused: Answer<never> = {
  ok: false,
  error: {
    key: 'desktop.sender-foreign',
    message: 'This page may not ask AutoGit anything.',
    next: 'Close the window and open it again.',
    fields: {},
    retry: false,
  },
};

/** True for the main frame of our own window while it shows our own page, and for nobody else. */
export function isOurPage({ sender, senderFrame }: Question, contents: OurContents): boolean {
  if (sender !== contents || contents.isDestroyed() || senderFrame === null) return false;
  const { mainFrame } = contents;
  try {
    return (
      senderFrame.parent === null &&
      senderFrame.processId === mainFrame.processId &&
      senderFrame.routingId === mainFrame.routingId &&
      senderFrame.origin === pageOrigin
    );
  } catch {
    // A frame that has gone since then has no properties any more.
    return false;
  }
}

/** Answers one window's page; its streams end with the page, however it goes. */
export function answerPage(contents: WebContents, desk: Desk, desktop: DesktopDesk): void {
  const handle = (channel: string, answer: (...given: readonly unknown[]) => Promise<unknown>): void => {
    contents.ipc.handle(channel, (event, ...given: unknown[]) =>
      isOurPage(event, contents) ? answer(...given) : refused,
    );
  };
  handle(bridgeChannels.call, (name, input) => desk.call(name, input));
  handle(bridgeChannels.open, (name, input) => desk.open(name, input));
  handle(bridgeChannels.next, (id) => desk.next(id));
  handle(bridgeChannels.close, (id) => desk.close(id));
  handle(bridgeChannels.desktop, (name, input) => desktop.ask(name, input));
  contents.on('did-navigate', () => desk.clear());
  contents.on('render-process-gone', () => desk.clear());
  contents.on('destroyed', () => desk.clear());
}
