// The page of a running Electron through its debugging port: less in the way of what is measured than a driver of tests.
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';

/** A page that answers questions. */
export interface PageProbe {
  /** What an expression of JavaScript gives in the page, awaited if it is a promise. Rejects with what it throws. */
  ask(expression: string): Promise<unknown>;
}

export interface Devtools {
  /**
   * Resolves with a page, as soon as `expression` is true in it: it is drawn, and it answers. Rejects after `patienceMs`.
   */
  untilPage(expression: string, patienceMs?: number): Promise<PageProbe>;
  /** Closes every page as a person would. */
  closePages(): Promise<void>;
  end(): void;
}

const answerSchema = z.object({
  id: z.number().optional(),
  result: z.unknown().optional(),
  error: z.object({ message: z.string() }).optional(),
});
const targetsSchema = z.object({
  targetInfos: z.array(z.object({ targetId: z.string(), type: z.string() })),
});
const attachedSchema = z.object({ sessionId: z.string() });
const valueSchema = z.object({
  result: z.object({ value: z.unknown().optional() }),
  exceptionDetails: z.object({ text: z.string() }).optional(),
});

/** The address that Electron tells on its standard error, started with `--remote-debugging-port=0`. */
export async function devtoolsAddress(said: Readable): Promise<string> {
  const lines = createInterface({ input: said });
  for await (const line of lines) {
    const address = /DevTools listening on (ws:\S+)/.exec(line)?.[1];
    if (address !== undefined) {
      // Whoever writes on has to be read on.
      said.resume();
      return address;
    }
  }
  throw new Error('Electron has ended without a debugging port');
}

type Send = (method: string, params?: object, sessionId?: string) => Promise<unknown>;

async function openSocket(address: string): Promise<{ send: Send; end: () => void }> {
  const socket = new WebSocket(address);
  const waiting = new Map<number, (answer: z.infer<typeof answerSchema>) => void>();
  socket.addEventListener('message', ({ data }) => {
    const answer = answerSchema.parse(JSON.parse(String(data)));
    if (answer.id !== undefined) waiting.get(answer.id)?.(answer);
  });
  await once(socket, 'open');
  let last = 0;
  const send: Send = async (method, params = {}, sessionId) => {
    last += 1;
    const id = last;
    const answered = new Promise<z.infer<typeof answerSchema>>((resolve) => waiting.set(id, resolve));
    socket.send(JSON.stringify({ id, method, params, ...(sessionId === undefined ? {} : { sessionId }) }));
    const { result, error } = await answered;
    waiting.delete(id);
    if (error !== undefined) throw new Error(`${method}: ${error.message}`);
    return result;
  };
  return { send, end: () => socket.close() };
}

/** Joins the debugging port at `address`. */
export async function joinDevtools(address: string): Promise<Devtools> {
  const { send, end } = await openSocket(address);
  const pages = async (): Promise<readonly string[]> =>
    targetsSchema
      .parse(await send('Target.getTargets'))
      .targetInfos.flatMap(({ type, targetId }) => (type === 'page' ? [targetId] : []));
  const attach = async (targetId: string): Promise<PageProbe> => {
    const attached = await send('Target.attachToTarget', { targetId, flatten: true });
    const { sessionId } = attachedSchema.parse(attached);
    const ask = async (expression: string): Promise<unknown> => {
      const params = { expression, returnByValue: true, awaitPromise: true };
      const given = valueSchema.parse(await send('Runtime.evaluate', params, sessionId));
      if (given.exceptionDetails !== undefined) throw new Error(given.exceptionDetails.text);
      return given.result.value;
    };
    return { ask };
  };
  const untilPage = async (expression: string, patienceMs = 30_000): Promise<PageProbe> => {
    const until = performance.now() + patienceMs;
    let page: PageProbe | null = null;
    while (performance.now() < until) {
      const [first] = page === null ? await pages() : [];
      if (first !== undefined) page = await attach(first);
      // A page that is being loaded has no place for a question yet.
      if (page !== null && (await page.ask(expression).catch(() => false)) === true) return page;
      await sleep(5);
    }
    throw new Error(`no page came to ${expression}`);
  };
  return {
    ...{ untilPage, end },
    closePages: async () => {
      for (const targetId of await pages()) await send('Target.closeTarget', { targetId });
    },
  };
}
