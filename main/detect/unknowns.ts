// What is not known of one card, with the reason beside it.
import type { GpuUnknown } from '../model/gpu-detail.ts';

export class Unknowns {
  readonly #all: GpuUnknown[] = [];

  /** The value; where it is `null`, that is noted with the reason. `what`: its path in `GpuDetail`, `maker.cuda`. */
  of<T>(what: string, value: T | null, why: string): T | null {
    if (value === null) this.#all.push({ what, why });
    return value;
  }

  all(): readonly GpuUnknown[] {
    return [...this.#all];
  }
}
