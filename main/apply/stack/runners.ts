// The last step: every pool has been proven by a job of its own, or says why not.
import { heedStop, stackError } from './context.ts';
import type { ApplyStep, PoolProof } from './context.ts';

/** Images of runners have to come first, and pools are proven one after the other. Milliseconds. */
const graceMs = 20 * 60_000;
const pauseMs = 2_000;

/** Rejects with `stack.pool-not-proven`. */
export const awaitRunners: ApplyStep = async (context) => {
  const { home, clock, signal } = context;
  const begun = clock.monotonic();
  const asked = new Set<string>();
  for (;;) {
    heedStop(signal);
    const proofs = home.proofs();
    // A failure from before says nothing of now: each is tried once more.
    for (const { pool, state } of proofs) {
      if (state !== 'failed' || asked.has(pool)) continue;
      asked.add(pool);
      home.prove(pool);
    }
    const open = proofs.filter(({ state }) => state !== 'proven' && state !== 'skipped');
    if (open.length === 0) {
      context.tell({ message: endWords(proofs) });
      return;
    }
    const isLate = clock.monotonic() - begun >= graceMs;
    const ended = open.filter(({ pool, state }) => state === 'failed' && asked.has(pool));
    if (isLate || (ended.length === open.length && clock.monotonic() - begun >= settleMs))
      throw notProven(open, isLate);
    context.tell({
      message: `Waiting for the proof of ${open.map(({ pool }) => pool).join(', ')}: ${open[0]?.sentence ?? ''}`,
    });
    await clock.sleep(pauseMs, signal);
  }
};

/** So long a new proof may take to show. Milliseconds. */
const settleMs = 30_000;

function endWords(proofs: readonly PoolProof[]): string {
  const skipped = proofs.filter(({ state }) => state === 'skipped');
  const words = skipped.map(({ pool, sentence }) => ` Pool ${pool}: ${sentence}`).join('');
  return `Everything is up.${words}`;
}

function notProven(open: readonly PoolProof[], isLate: boolean): Error {
  const words = open.map(({ pool, sentence }) => `pool ${pool}: ${sentence}`).join(' ');
  const [first] = open;
  return stackError(
    'stack.pool-not-proven',
    `The stack is up, and not every pool has been proven${isLate ? ` within ${graceMs / 60_000} minutes` : ''}: ${words}`,
    first?.fix ??
      `See what keeps it: autogit pool show ${first?.pool ?? ''}. Then run autogit stack up again.`,
    { pools: open.map(({ pool }) => pool).join(', ') },
  );
}
