// Lets a runner begin: it is written down first, and may be said again.
import type { RunnerPhase, RunnerRecord } from '../model/runner.ts';
import type { ActionForm } from './context.ts';
import { goSignal, untilHeard } from './runner-gate.ts';

const waiting: readonly RunnerPhase[] = ['prepared', 'warm', 'released'];

/** A gate that is called warm for so long stands, also where the engine keeps no log that says so. Milliseconds. */
const standsMs = 10_000;

/**
 * Gives a warm runner the go. A runner that has begun already is not harmed by another one. A container that was only
 * prepared is started; as it may be one that waits, the next plan, which sees it running, gives it the go. One that
 * somebody wants to leave meanwhile gets none.
 */
export const releaseRunner: ActionForm<'release-runner'> = {
  kind: 'release-runner',
  group: 'engine-go',
  apply: async ({ container, node }, context) => {
    const { store, clock } = context;
    const record = store.liveRunners().find(({ name }) => name === container.name);
    if (record === undefined) return;
    const engine = context.engine(node);
    if (record.phase === 'started') {
      await engine.signalContainer(container.id, goSignal);
      // Should it have been deaf to the first one, it begins only now; and it is left alone for as long again.
      store.moveRunner(record.id, ['started'], { startedAt: clock.now() });
      return;
    }
    if (!waiting.includes(record.phase)) return;
    store.updateRunner(record.id, { phase: 'released' });
    if (container.state === 'created') {
      await context.inStartTurn(node, () => engine.startContainer(container.id));
      return;
    }
    if (!hasStood(record, clock.now())) await untilHeard(engine, container.id, clock);
    await engine.signalContainer(container.id, goSignal);
    // Somebody may have wished meanwhile that it leaves.
    store.moveRunner(record.id, ['released'], { phase: 'started', startedAt: clock.now() });
  },
};

function hasStood({ phase, startedAt }: RunnerRecord, now: number): boolean {
  return phase === 'warm' && startedAt !== null && now - startedAt >= standsMs;
}
