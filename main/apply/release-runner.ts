// Lets a runner begin: it is written down first, and may be said again.
import type { RunnerPhase } from '../model/runner.ts';
import type { ActionForm } from './context.ts';
import { goSignal } from './runner-gate.ts';

const waiting: readonly RunnerPhase[] = ['prepared', 'warm', 'released'];

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
    if (record === undefined || !waiting.includes(record.phase)) return;
    store.updateRunner(record.id, { phase: 'released' });
    const engine = context.engine(node);
    if (container.state === 'created') {
      await context.inStartTurn(node, () => engine.startContainer(container.id));
      return;
    }
    await engine.signalContainer(container.id, goSignal);
    store.updateRunner(record.id, { phase: 'started', startedAt: clock.now() });
  },
};
