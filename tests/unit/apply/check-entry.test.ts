// A token that GitLab refuses: the entry is made anew, and whoever has the old one goes.
import { beforeEach, describe, expect, it } from 'vitest';
import { checkEntry } from '../../../main/apply/check-entry.ts';
import type { RunnerPhase } from '../../../main/model/runner.ts';
import { applyBench } from '../../fakes/fake-context.ts';
import type { Bench } from '../../fakes/fake-context.ts';
import { FakeEngine } from '../../fakes/fake-engine.ts';
import { FakeGitlab } from '../../fakes/fake-gitlab.ts';
import { someEntry, someRecord } from '../../fakes/world.ts';

let bench: Bench;

const check = (): Promise<void> =>
  checkEntry.apply({ kind: 'check-entry', key: 'k', target: 't', reason: 'r', pool: 'default' }, bench);

function insert(id: string, slot: number, phase: RunnerPhase, pool = 'default'): void {
  bench.store.insertRunner(someRecord({ id, slot, phase, pool }));
}

const phases = (): Readonly<Record<string, RunnerPhase>> =>
  Object.fromEntries(bench.store.liveRunners().map(({ id, phase }) => [id, phase]));

beforeEach(() => {
  bench = applyBench({ engine: new FakeEngine({}), gitlab: new FakeGitlab() });
  bench.store.saveEntry(someEntry());
});

describe('a token that GitLab refuses', () => {
  it('lets go who has it, those included that are being started, and nobody else', async () => {
    insert('00000001', 0, 'started');
    insert('00000002', 1, 'intended');
    insert('00000003', 2, 'prepared');
    insert('00000004', 0, 'started', 'other');
    await check();
    expect(phases()).toEqual({
      ...{ '00000001': 'draining', '00000002': 'draining', '00000003': 'draining' },
      '00000004': 'started',
    });
    expect(bench.store.entries()).toEqual([]);
  });

  it('twice within the hour is said, and changes nothing', async () => {
    await check();
    bench.store.saveEntry(someEntry({ entryId: 12 }));
    insert('00000001', 0, 'started');
    await expect(check()).rejects.toMatchObject({ key: 'pool.token-refused' });
    expect([phases(), bench.store.entries().length]).toEqual([{ '00000001': 'started' }, 1]);
  });
});
