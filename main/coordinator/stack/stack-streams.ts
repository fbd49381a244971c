// What goes on in the stack, as it comes: the progress of a run, and what services print.
import type { Output, ParsedInput, StopSignal } from '../../contract/contract.ts';
import { projectOf } from '../../apply/stack/context.ts';
import { stackProgressSchema } from '../../contract/stack-fields.ts';
import { toAutoGitError } from '../../errors.ts';
import type { AutoGitError } from '../../errors.ts';
import type { RequestContext } from '../requests.ts';
import { requireService } from './require-service.ts';

type Context = Pick<RequestContext, 'stack'>;

/** `stack.watch`: the run that goes on, or how the last one ended. */
export async function* watchStack(
  { stack }: Context,
  signal: StopSignal,
): AsyncGenerator<Output<'stack.watch'>> {
  const stopped = new AbortController();
  const stop = (): void => stopped.abort();
  if (signal.aborted) stop();
  signal.addEventListener('abort', stop);
  try {
    for await (const progress of stack.runs.watch(stopped.signal)) yield stackProgressSchema.parse(progress);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

/** Lines that came while nobody was reading. */
interface Inbox {
  take(): readonly string[];
  wait(): Promise<void>;
  put(line: string): void;
  end(error: AutoGitError | null): void;
}

/** A reader who falls far behind misses the oldest. */
const mostLines = 10_000;

function createInbox(): Inbox & { readonly over: () => { readonly error: AutoGitError | null } | null } {
  let lines: string[] = [];
  let over: { readonly error: AutoGitError | null } | null = null;
  let news = Promise.withResolvers<undefined>();
  const wake = (): void => {
    news.resolve(undefined);
    news = Promise.withResolvers<undefined>();
  };
  return {
    take: () => lines.splice(0),
    wait: () => news.promise.then(() => undefined),
    put: (line) => {
      lines.push(line);
      if (lines.length > mostLines) lines = lines.slice(-mostLines);
      wake();
    },
    end: (error) => {
      over = { error };
      wake();
    },
    over: () => over,
  };
}

/** `stack.logs`. Rejects with `stack.none`, `stack.service-unknown`, `stack.no-engine`, and like Compose. */
export async function* streamStackLogs(
  { service, lines, follow }: ParsedInput<'stack.logs'>,
  { stack: desk }: Context,
  signal: StopSignal,
): AsyncGenerator<Output<'stack.logs'>> {
  const answers = desk.requireCurrent();
  if (service !== undefined) requireService(service, desk, answers);
  const services = service === undefined ? [] : [service];
  const project = projectOf(answers.lab, desk);
  if (!follow) {
    const text = await desk.compose.logs(project, services, lines);
    if (text !== '') yield { text };
    return;
  }
  const inbox = createInbox();
  const stopping = new AbortController();
  const stop = (): void => {
    stopping.abort();
    inbox.end(null);
  };
  if (signal.aborted) stop();
  signal.addEventListener('abort', stop);
  const following = desk.compose
    .follow(project, services, (line) => inbox.put(line), stopping.signal, lines)
    .then(
      () => inbox.end(null),
      (error: unknown) => inbox.end(toAutoGitError(error)),
    );
  try {
    for (;;) {
      const waiting = inbox.wait();
      const come = inbox.take();
      if (come.length > 0) yield { text: come.map((line) => `${line}\n`).join('') };
      const over = inbox.over();
      if (over?.error) throw over.error;
      if (over !== null) return;
      if (come.length === 0) await waiting;
    }
  } finally {
    stop();
    signal.removeEventListener('abort', stop);
    await following;
  }
}
