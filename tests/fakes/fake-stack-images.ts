// Images of a stack in memory.
import type { PullState } from '../../main/model/stack/stack.ts';
import type { StackImages } from '../../main/stack-ports.ts';
import { stackFailure, StackFaults } from './fake-stack-faults.ts';

/** The port's in-memory twin: pulls are told in two layers. */
export class FakeStackImages implements StackImages {
  readonly faults: StackFaults;
  readonly present = new Set<string>();
  /** References that no registry has. */
  readonly missing = new Set<string>();
  /** References whose pull brings nothing after its first half. */
  readonly stalled = new Set<string>();

  /** Labels in images, by reference. */
  readonly labelled = new Map<string, Readonly<Record<string, string>>>();

  constructor(faults: StackFaults = new StackFaults()) {
    this.faults = faults;
  }

  has(reference: string): Promise<boolean> {
    return this.faults.around(`images.has ${reference}`, () => this.present.has(reference));
  }

  labels(reference: string): Promise<Readonly<Record<string, string>>> {
    return this.faults.around(`images.labels ${reference}`, () => this.labelled.get(reference) ?? {});
  }

  pull(reference: string, onProgress: (state: PullState) => void, signal: AbortSignal): Promise<void> {
    return this.faults.around(`images.pull ${reference}`, () => {
      signal.throwIfAborted();
      if (this.missing.has(reference)) throw stackFailure('engine.image-missing');
      onProgress(progress(reference, 50));
      if (this.stalled.has(reference))
        throw stackFailure('engine.pull-stalled', `Nothing has come of ${reference} for a minute.`);
      onProgress(progress(reference, 100));
      this.present.add(reference);
    });
  }
}

function progress(reference: string, percent: number): PullState {
  const layer = (id: string): PullState['layers'][number] => ({
    ...{ id, status: percent === 100 ? 'Pull complete' : 'Downloading' },
    ...{ current: percent, total: 100 },
  });
  return {
    ...{ reference, layers: [layer('aaa'), layer('bbb')] },
    ...{ current: 2 * percent, total: 200, done: percent === 100 },
  };
}
