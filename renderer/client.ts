// The one typed client of the page: the core behind the desktop's bridge or behind HTTP, asked in the same way.
import { z } from 'zod';
import type {
  CallName,
  CoreDoor,
  Output,
  RequestName,
  StopSignal,
  StreamName,
} from '../main/contract/contract.ts';
import { errorSchema } from '../main/contract/error.ts';
import type { ErrorShape } from '../main/contract/error.ts';
import { snapshotNewsSchema } from '../main/contract/news.ts';
import { t } from './language/strings.ts';

/** What every view asks; errors carry the contract's key, message and next step. */
export type CoreClient = CoreDoor;

/** What the core, or the way to it, has answered instead of a value. */
export class CoreError extends Error {
  override readonly name = 'CoreError';
  readonly key: string;
  readonly next: string;
  readonly retry: boolean;
  /** The door wants to know first who asks. */
  readonly signedOut: boolean;

  constructor(shape: Pick<ErrorShape, 'key' | 'message' | 'next' | 'retry'>, signedOut = false) {
    super(shape.message);
    this.key = shape.key;
    this.next = shape.next;
    this.retry = shape.retry;
    this.signedOut = signedOut;
  }
}

/** Carries requests to the core and hands back what it answered, unread. Rejects with `CoreError`. */
export interface Transport {
  call(name: CallName, input: unknown): Promise<unknown>;
  stream(name: StreamName, input: unknown, signal: StopSignal): AsyncIterable<unknown>;
}

type Outputs = { readonly [N in RequestName]: { readonly output: z.ZodType<Output<N>> } };

/** What every page begins with. */
const first: Partial<Outputs> = { 'snapshot.changes': { output: snapshotNewsSchema } };

/** The rest of the contract takes as long to read as all else; it is read with the first request that needs it. */
async function outputsOf(): Promise<Outputs> {
  try {
    return (await import('../main/contract/contract.ts')).contract;
  } catch {
    // Its script has gone with an update.
    throw otherVersion();
  }
}

const answerSchema = z.discriminatedUnion('ok', [
  z.object({ ok: z.literal(true), value: z.unknown() }),
  z.object({ ok: z.literal(false), error: errorSchema }),
]);

/** The core does not answer; `why` completes the sentence. */
export function unreachable(
  why: string,
  next = t('If it has ended, start it with: autogit serve'),
): CoreError {
  return new CoreError({
    key: 'core.unreachable',
    message: t('AutoGit does not answer: {{reason}}.', { reason: why }),
    next,
    retry: true,
  });
}

function otherVersion(): CoreError {
  return new CoreError({
    key: 'core.version-differs',
    message: t('AutoGit answers in a way that this page does not understand; one of them is older.'),
    next: t('Load this page again.'),
    retry: false,
  });
}

/** The value of an answer of the contract's shape. Throws the `CoreError` that it carries. */
export function readAnswer(answer: unknown, signedOut = false): unknown {
  const read = answerSchema.safeParse(answer);
  if (!read.success) throw otherVersion();
  if (!read.data.ok) throw new CoreError(read.data.error, signedOut);
  return read.data.value;
}

/** Anything that was thrown on the way to the core, as a `CoreError`. */
export function toCoreError(error: unknown): CoreError {
  if (error instanceof CoreError) return error;
  return new CoreError({
    key: 'internal.defect',
    message: t('Something unexpected happened in this page: {{error}}', {
      error: error instanceof Error ? error.message : String(error),
    }),
    next: t('Load this page again.'),
    retry: false,
  });
}

async function valueOf<N extends RequestName>(name: N, value: unknown): Promise<Output<N>> {
  const known: Partial<Outputs>[N] = first[name];
  const read = (known ?? (await outputsOf())[name]).output.safeParse(value);
  if (!read.success) throw otherVersion();
  return read.data;
}

/** The typed client over a transport. */
export function createClient(transport: Transport): CoreClient {
  return {
    call: async (name, input) => valueOf(name, await transport.call(name, input)),
    stream: async function* (name, input, signal) {
      for await (const item of transport.stream(name, input, signal)) yield await valueOf(name, item);
    },
  };
}
