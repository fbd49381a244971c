// A core beside a stack that is up, for tests of what it renews by itself.
import type { StackRenewals } from '../../main/coordinator/stack/renewals.ts';
import type { StackRuns } from '../../main/coordinator/stack/stack-runs.ts';
import { pairFiles, servedFile, servedPair } from '../../main/model/stack/made-files.ts';
import { StackWorld, benchAnswers } from './stack-bench.ts';

/** A core, and the world it works in. */
export interface RenewalBench {
  readonly world: StackWorld;
  readonly runs: StackRuns;
  readonly renewals: StackRenewals;
  /** What was audited, and `changed`. */
  readonly told: string[];
}

/** A core with what it renews; the stack is as the world has it. */
export function coreOf(world: StackWorld): RenewalBench {
  const told: string[] = [];
  const runs = world.core();
  const renewals = world.renewals(runs, {
    audit: (request, outcome) => told.push(`${request} ${outcome}`),
    onChange: () => told.push('changed'),
  });
  return { world, runs, renewals, told };
}

/** A core beside a stack that has come up. */
export async function stand(answers = benchAnswers(), world = new StackWorld()): Promise<RenewalBench> {
  const ended = await world.up(answers);
  if (ended?.outcome !== 'done') throw new Error(`it did not come up: ${JSON.stringify(ended)}`);
  return coreOf(world);
}

export interface ServedPair {
  readonly certificate: string | null;
  readonly key: string | null;
}

/** What Traefik is told to serve. */
export function served({ folder }: StackWorld): ServedPair {
  const files = pairFiles(servedPair(folder.file('lab', servedFile) ?? '') ?? 'none');
  return { certificate: folder.file('lab', files.certificate), key: folder.file('lab', files.key) };
}

/** Keys of what could not be renewed. */
export function keysOf({ renewals }: RenewalBench): readonly string[] {
  return renewals.issues().map(({ key }) => key);
}
