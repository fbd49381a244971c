// What the desktop's preload gives to the page: questions and their answers, nothing that the shell sends by itself.
import type { Answer } from './error.ts';

/** The channels of the bridge. All of them are invoked; every answer has the contract's shape. */
export const bridgeChannels = {
  call: 'autogit:call',
  open: 'autogit:open',
  next: 'autogit:next',
  close: 'autogit:close',
} as const;

/** What a stream gave since it was last asked: `done` once there will be no more. */
export interface StreamPart {
  readonly done: boolean;
  readonly items: readonly unknown[];
}

/** `window.autogit` in the desktop's window. A page that asks slowly is answered with the newest state. */
export interface Bridge {
  call(name: string, input: unknown): Promise<Answer<unknown>>;
  /** Answers with the id of the stream. */
  open(name: string, input: unknown): Promise<Answer<string>>;
  /** Waits until there is something. */
  next(id: string): Promise<Answer<StreamPart>>;
  close(id: string): Promise<Answer<null>>;
}
