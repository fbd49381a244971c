// The last step: every pool has been proven by a job of its own, or says why not.
import { heedStop, stackError } from './context.ts';
import type { ApplyStep, PoolProof } from './context.ts';

/** Images of runners have to come first, and pools are proven one after the other. Milliseconds. */
const graceMs = 20 * 60_000;
const pauseMs = 2_000;
/** So long a new proof may take to show. Milliseconds. */
const settleMs = 30_000;
/** What keeps a proof for so long without a break does not pass by itself. Milliseconds. */
const stuckMs = 60_000;

/** Rejects with `stack.pool-not-proven`. */
export const awaitRunners: ApplyStep = async (context) => {
  const { home, clock, signal } = context;
  const begun = clock.monotonic();
  const asked = new Set<string>();
  const stuckSince = new Map<string, number>();
  for (;;) {
    heedStop(signal);
    const proofs = home.proofs();
    const now = clock.monotonic();
    // A failure from before says nothing of now: each is tried once more.
    for (const { pool, state } of proofs) {
      if (state !== 'failed' || asked.has(pool)) continue;
      asked.add(pool);
      home.prove(pool);
    }
    for (const { pool, state } of proofs) {
      if (state !== 'stuck') stuckSince.delete(pool);
      else if (!stuckSince.has(pool)) stuckSince.set(pool, now);
    }
    const open = proofs.filter(({ state }) => state !== 'proven' && state !== 'skipped');
    if (open.length === 0) {
      context.tell({ message: endWords(proofs) });
      return;
    }
    const isLate = now - begun >= graceMs;
    const isStuck = ({ pool }: PoolProof): boolean => now - (stuckSince.get(pool) ?? now) >= stuckMs;
    if (isLate || (now - begun >= settleMs && !open.some((one) => mayGoOn(one, open.some(isStuck), isStuck))))
      throw notProven(open, isLate);
    context.tell({
      message: `Waiting for the proof of ${open.map(({ pool }) => pool).join(', ')}: ${open[0]?.sentence ?? ''}`,
    });
    await clock.sleep(pauseMs, signal);
  }
};

/** Proofs are made one after the other: behind one that is stuck the others wait in vain. */
function mayGoOn(one: PoolProof, isAnyStuck: boolean, isStuck: (one: PoolProof) => boolean): boolean {
  switch (one.state) {
    case 'proven':
    case 'skipped':
    case 'failed':
      return false;
    case 'running':
      return true;
    case 'waiting':
      return !isAnyStuck;
    case 'stuck':
      return !isStuck(one);
  }
}

function endWords(proofs: readonly PoolProof[]): string {
  const skipped = proofs.filter(({ state }) => state === 'skipped');
  const words = skipped.map(({ pool, sentence }) => ` Pool ${pool}: ${sentence}`).join('');
  return `Everything is up.${words}`;
}

function notProven(open: readonly PoolProof[], isLate: boolean): Error {
  const isTold = ({ state }: PoolProof): boolean => state === 'stuck' || state === 'failed';
  const inOrder = open.toSorted((a, b) => Number(isTold(b)) - Number(isTold(a)));
  const words = inOrder.map(({ pool, sentence }) => `pool ${pool}: ${sentence}`).join(' ');
  const [first] = inOrder;
  return stackError(
    'stack.pool-not-proven',
    `The stack is up, and not every pool has been proven${isLate ? ` within ${graceMs / 60_000} minutes` : ''}: ${words}`,
    `${first?.fix ?? `See what keeps it: autogit pool show ${first?.pool ?? ''}.`} Then run autogit stack up again: all that is left to do is this step.`,
    { pools: open.map(({ pool }) => pool).join(', ') },
  );
}
