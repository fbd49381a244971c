// Shows a run of the stack until it has ended: drawn in place on a terminal, in plain lines elsewhere.
import type { CoreDoor, Output } from '../../contract/contract.ts';
import { AutoGitError } from '../../errors.ts';
import type { CliWorld, LiveArea } from '../access.ts';
import { progressLines, renderProgress } from '../render/stack-progress.ts';
import type { Progress } from '../render/stack-progress.ts';
import { viewOf } from '../view.ts';

interface Show {
  update(progress: Progress): void;
  end(): void;
}

function liveShow(area: LiveArea, world: CliWorld): Show {
  return {
    update: (progress) => area.draw(renderProgress(progress, viewOf(world.err, world)).trimEnd()),
    end: () => area.end(),
  };
}

function plainShow(world: CliWorld): Show {
  let before: Progress | null = null;
  return {
    update: (progress) => {
      for (const line of progressLines(before, progress)) world.err.write(`${line}\n`);
      before = progress;
    },
    end: () => undefined,
  };
}

/** Progress goes to standard error, where it never mixes with an answer. */
async function openShow(world: CliWorld, json: boolean): Promise<Show> {
  if (json || !world.err.isTTY || world.env.TERM === 'dumb') return plainShow(world);
  return liveShow(await world.openLive('err'), world);
}

/**
 * The last that is told of a run; `null` when a person interrupted. Rejects with the error that ended the run, and with
 * `stack.run-lost` when the core has ended before it.
 */
export async function followRun(
  run: number,
  door: CoreDoor,
  world: CliWorld,
  json: boolean,
): Promise<Output<'stack.watch'> | null> {
  const show = await openShow(world, json);
  let last: Progress | null = null;
  try {
    for await (const progress of door.stream('stack.watch', {}, world.interrupt)) {
      if (progress.run !== run) continue;
      last = progress;
      show.update(progress);
      if (progress.outcome !== null) break;
    }
  } finally {
    show.end();
  }
  if (last?.error) throw new AutoGitError(last.error);
  if (last !== null && last.outcome !== null) return last;
  if (world.interrupt.aborted) return null;
  throw new AutoGitError({
    key: 'stack.run-lost',
    message: 'The core ended before the stack was done.',
    next: 'Nothing is lost: the next start of AutoGit goes on where it stopped. See autogit stack status.',
    retry: true,
  });
}

/**
 * Follows what a killed run has left, which goes on by itself: a plan that is made meanwhile would be about what changes.
 * How it ends is no reason not to plan anew. False: a person interrupted.
 */
export async function awaitFormer(door: CoreDoor, world: CliWorld, json: boolean): Promise<boolean> {
  const former = await presentRun(door, world);
  if (former === null) return !world.interrupt.aborted;
  world.err.write('A run that was cut off goes on first.\n');
  try {
    return (await followRun(former, door, world, json)) !== null;
  } catch (error) {
    if (!(error instanceof AutoGitError)) throw error;
    world.err.write(`${error.message}\n`);
    return !world.interrupt.aborted;
  }
}

/** The run that goes on; `null`: none does. */
async function presentRun(door: CoreDoor, world: CliWorld): Promise<number | null> {
  for await (const { run, outcome } of door.stream('stack.watch', {}, world.interrupt))
    return outcome === null ? run : null;
  return null;
}
