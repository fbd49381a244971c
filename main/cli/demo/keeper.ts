// Keeps the demo in touch with a core: the one that runs, one that comes back, or one of its own.
import { setTimeout as sleep } from 'node:timers/promises';
import type { CoreDoor } from '../../contract/contract.ts';
import { AutoGitError } from '../../errors.ts';
import type { CoreRecord } from '../../serve/find-core.ts';
import type { CoreProcess } from './core-process.ts';

/** How cores are found and made; a fake of it stands in tests. */
export interface CoreSource {
  find(): Promise<{ readonly record: CoreRecord; readonly door: CoreDoor } | null>;
  start(): Promise<CoreProcess>;
  /** Milliseconds in which somebody may bring a lost core back before a new one is started. */
  readonly patienceMs: number;
}

export interface CoreLink {
  readonly door: CoreDoor;
  readonly record: CoreRecord;
  /** The process, when the demo started it; `null` for somebody else's core, which is left running. */
  readonly own: CoreProcess | null;
}

/** How long a core may take to open its doors. Milliseconds. */
const startMs = 60_000;
const lookMs = 100;

/** Starts a core and waits until it answers. Rejects with its own error when it ends instead. */
async function startLink(source: CoreSource): Promise<CoreLink> {
  const own = await source.start();
  const ended = own.ended.then((error) => ({ error }));
  const deadline = Date.now() + startMs;
  while (Date.now() < deadline) {
    const found = await source.find();
    // Another core may have been faster: then ours has found it and ended.
    if (found !== null) return { ...found, own: found.record.pid === own.pid ? own : null };
    const end = await Promise.race([ended, sleep(lookMs, null)]);
    if (end !== null) throw end.error;
  }
  await own.stop(0);
  throw new AutoGitError({
    key: 'core.unreachable',
    message: `The core did not open its door within ${startMs / 1000} s.`,
    next: 'Its log in the home folder says what it was doing.',
  });
}

/** The core that comes within the source's patience, or a new one. `hurry` ends the patience. */
async function awaitOrStart(
  source: CoreSource,
  own: CoreProcess | null,
  hurry: AbortSignal,
): Promise<CoreLink> {
  const deadline = Date.now() + source.patienceMs;
  while (Date.now() < deadline && !hurry.aborted) {
    const found = await source.find();
    if (found !== null) return { ...found, own: found.record.pid === own?.pid ? own : null };
    await sleep(lookMs);
  }
  return startLink(source);
}

/** The core that runs, or a new one. One that is killed before it answers is a lost core like any other. */
export async function connectOrStart(source: CoreSource, hurry: AbortSignal): Promise<CoreLink> {
  const found = await source.find();
  if (found !== null) return { ...found, own: null };
  try {
    return await startLink(source);
  } catch (error) {
    if (error instanceof AutoGitError && error.key === 'core.killed')
      return awaitOrStart(source, null, hurry);
    throw error;
  }
}

/** After a loss: the core that comes back in time, or a new one. */
export function reconnect(source: CoreSource, lost: CoreLink, hurry: AbortSignal): Promise<CoreLink> {
  return awaitOrStart(source, lost.own, hurry);
}
