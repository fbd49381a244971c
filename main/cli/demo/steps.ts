// The demo's steps as requests to the core: start, seed, watch, clean up.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Output } from '../../contract/contract.ts';
import type { EngineStatus } from '../../contract/snapshot.ts';
import { AutoGitError } from '../../errors.ts';
import type { DemoInput } from '../commands.ts';
import { isOver, isStuck } from './model.ts';
import type { DemoModel } from './model.ts';
import type { Session } from './session.ts';

/** How long removed objects may stay visible on the engine. Milliseconds. */
const settleMs = 15_000;

/** Pushes whose end nobody saw, after which the demo gives up. */
const bearablePushes = 5;

const interruptKey = 'demo.interrupted';

/** True for what an interrupted step rejects with. */
export function isInterrupt(error: unknown): boolean {
  return error instanceof AutoGitError && error.key === interruptKey;
}

/** The promise, or a rejection as soon as somebody presses Ctrl-C. */
async function interruptible<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  let leave = (): void => undefined;
  const interrupt = new Promise<never>((_resolve, reject) => {
    leave = () => {
      const message = 'The demo was interrupted.';
      reject(new AutoGitError({ key: interruptKey, message, next: 'Start it again at any time.' }));
    };
    if (signal.aborted) leave();
    else signal.addEventListener('abort', leave, { once: true });
  });
  // The loser of the race goes on; what becomes of it is nobody's concern any more.
  promise.catch(() => undefined);
  try {
    return await Promise.race([promise, interrupt]);
  } finally {
    signal.removeEventListener('abort', leave);
  }
}

/** Pushes the project. When the core is lost meanwhile, nobody knows how far it came: the sandbox begins anew. */
async function seed(session: Session, input: DemoInput): Promise<DemoModel['project']> {
  for (let pushes = 1; ; pushes += 1) {
    session.tell({ kind: 'phase', phase: 'seed' });
    try {
      return (await session.call('sandbox.seed', { jobs: input.jobs }, false)).project;
    } catch (error) {
      const lost = error instanceof AutoGitError && error.key === 'core.unreachable';
      if (!lost || pushes > bearablePushes) throw error;
    }
    session.tell({ kind: 'phase', phase: 'sandbox' });
    await session.call('sandbox.reset', {});
    await session.call('sandbox.start', { runner: input.runner });
  }
}

/** From nothing to all jobs ended and all runners gone. Rejects when interrupted; see `isInterrupt`. */
export async function playDemo(
  session: Session,
  input: DemoInput,
  interrupt: AbortSignal,
  now: () => number,
): Promise<void> {
  session.tell({ kind: 'phase', phase: 'sandbox' });
  await interruptible(session.call('sandbox.start', { runner: input.runner }), interrupt);
  const project = await interruptible(seed(session, input), interrupt);
  session.tell({ kind: 'seeded', project });
  session.tell({ kind: 'phase', phase: 'jobs' });
  await interruptible(
    session.until((model) => isOver(model) || isStuck(model, now())),
    interrupt,
  );
}

export interface Ending {
  readonly objects: Output<'lab.objects'>;
  readonly runnersLeft: number;
  readonly totals: DemoModel['before'];
  readonly engine: EngineStatus | null;
}

/** How things stand now, by a fresh look. */
export async function lookAround(session: Session): Promise<Ending> {
  const snapshot = await session.call('snapshot.show', {});
  return {
    objects: await session.call('lab.objects', {}),
    runnersLeft: snapshot.runners.length,
    totals: snapshot.totals,
    engine: snapshot.nodes[0]?.engine ?? null,
  };
}

/** What is left is looked at in any case. */
function unlessNotYet(error: unknown): void {
  if (!(error instanceof AutoGitError) || error.key !== 'lab.not-yet') throw error;
}

/** Removes every runner, the sandbox and what belongs to them, and looks whether they are gone. */
export async function cleanUp(session: Session): Promise<Ending> {
  session.tell({ kind: 'phase', phase: 'teardown' });
  await session.call('lab.teardown', {}).catch(unlessNotYet);
  session.tell({ kind: 'phase', phase: 'reset' });
  await session.call('sandbox.reset', {}).catch(unlessNotYet);
  const deadline = Date.now() + settleMs;
  for (;;) {
    const ending = await lookAround(session);
    const { containers, networks, volumes } = ending.objects;
    const left = containers.length + networks.length + volumes.length + ending.runnersLeft;
    if (left === 0 || Date.now() > deadline) return ending;
    await sleep(200);
  }
}
