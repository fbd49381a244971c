// What the page may ask of the desktop itself: each request read by its schema, like those to the core.
import { desktopRequests } from '../main/contract/bridge.ts';
import type { DesktopFacts, DesktopInput, DesktopOutput, DesktopRequest } from '../main/contract/bridge.ts';
import type { Answer } from '../main/contract/error.ts';
import { AutoGitError } from '../main/errors.ts';
import { errorShapeOf } from '../main/serve/answer.ts';

export interface DesktopDesk {
  /** Never rejects. */
  ask(name: unknown, input: unknown): Promise<Answer<unknown>>;
}

export interface DesktopDeskOptions {
  readonly facts: () => Promise<DesktopFacts>;
  readonly setStartAtLogin: (on: boolean) => Promise<void>;
  readonly quit: () => void;
  readonly restart: () => void;
}

type Answers = {
  readonly [N in DesktopRequest]: (input: DesktopInput<N>) => Promise<DesktopOutput<N>>;
};

function unknown(): AutoGitError {
  return new AutoGitError({
    key: 'desktop.request-unknown',
    message:
      'The window asked the desktop for something that it does not have, or with words that it does not take.',
    next: 'Close the window and open it again. If it comes back, report it with the log in the home folder.',
  });
}

function isRequest(name: unknown): name is DesktopRequest {
  return typeof name === 'string' && Object.hasOwn(desktopRequests, name);
}

/** The desk of one window. */
export function createDesktopDesk({
  facts,
  setStartAtLogin,
  quit,
  restart,
}: DesktopDeskOptions): DesktopDesk {
  const answers: Answers = {
    show: facts,
    'start-at-login': async ({ on }) => {
      await setStartAtLogin(on);
      return facts();
    },
    quit: async () => {
      // The answer goes out first: the page may be gone with the rest.
      setImmediate(quit);
      return null;
    },
    restart: async () => {
      setImmediate(restart);
      return null;
    },
  };
  const carryOut = async (name: DesktopRequest, input: unknown): Promise<unknown> => {
    switch (name) {
      case 'show':
        return answers.show(parsed(desktopRequests.show.input.safeParse(input)));
      case 'start-at-login':
        return answers[name](parsed(desktopRequests[name].input.safeParse(input)));
      case 'quit':
        return answers.quit(parsed(desktopRequests.quit.input.safeParse(input)));
      case 'restart':
        return answers.restart(parsed(desktopRequests.restart.input.safeParse(input)));
    }
  };
  return {
    ask: async (name, input) => {
      try {
        if (!isRequest(name)) throw unknown();
        return { ok: true, value: await carryOut(name, input) };
      } catch (error) {
        return { ok: false, error: errorShapeOf(error) };
      }
    },
  };
}

/** What a schema has read. Throws where it took none of it. */
function parsed<T>(read: { readonly success: true; readonly data: T } | { readonly success: false }): T {
  if (!read.success) throw unknown();
  return read.data;
}
