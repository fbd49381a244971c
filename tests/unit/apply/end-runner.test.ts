import { beforeEach, describe, expect, it } from 'vitest';
import { secretName, signedLabels } from '../../../main/apply/context.ts';
import { adoptRunner, forgetRunner, removeRunner, stopRunner } from '../../../main/apply/end-runner.ts';
import { AutoGitError } from '../../../main/errors.ts';
import { runnerName } from '../../../main/model/runner.ts';
import type { Container, RunnerRecord } from '../../../main/model/runner.ts';
import { applyBench } from '../../fakes/fake-context.ts';
import type { Bench } from '../../fakes/fake-context.ts';
import { FakeEngine } from '../../fakes/fake-engine.ts';
import type { FakeProcess } from '../../fakes/fake-engine.ts';
import { FakeGitlab, gitlabFailure } from '../../fakes/fake-gitlab.ts';
import { network, runnerImage, someContainer, someEntry, someJob, someRecord } from '../../fakes/world.ts';

const broken = new AutoGitError({ key: 'engine.unreachable', message: 'Nobody answers.', next: 'Wait.' });
const name = runnerName('default', 'aaaaaaaa');
let engine: FakeEngine;
let gitlab: FakeGitlab;
let bench: Bench;
let program: FakeProcess | null;
let signals: string[];

beforeEach(async () => {
  program = null;
  signals = [];
  engine = new FakeEngine({
    images: [runnerImage],
    onStart: (process) => {
      program = process;
      process.onSignal((signal) => signals.push(signal));
    },
  });
  await engine.createNetwork(network, {});
  gitlab = new FakeGitlab();
  bench = applyBench({ engine, gitlab });
});

/** A container on the engine, as the plan saw it, and its record. */
async function runner(
  state: 'created' | 'running',
  record: Partial<RunnerRecord> | null = {},
  labels: Readonly<Record<string, string>> = {},
): Promise<Container> {
  const id = await engine.createContainer({
    ...{ name, image: runnerImage, entrypoint: [], command: [], env: {}, labels, network, aliases: [] },
    ...{ publish: [], volumes: {}, cpus: null, memoryMiB: null, stopSignal: 'SIGQUIT', capabilities: [] },
  });
  if (state === 'running') await engine.startContainer(id);
  if (record !== null) bench.store.insertRunner(someRecord(record));
  return someContainer({ id, state });
}

const common = { key: 'k', target: 't', reason: 'r', node: 'node-1' } as const;
const stop = (container: Container): Promise<void> =>
  stopRunner.apply({ ...common, kind: 'stop-runner', container }, bench);
const remove = (container: Container): Promise<void> =>
  removeRunner.apply({ ...common, kind: 'remove-runner', container }, bench);
const adopt = (container: Container): Promise<void> => {
  program?.print('Runtime platform\n');
  return adoptRunner.apply({ ...common, kind: 'adopt-runner', container }, bench);
};
const forget = (record: RunnerRecord, failure: string | null = null): Promise<void> =>
  forgetRunner.apply({ ...common, kind: 'forget-runner', record, failure }, bench);
const states = async (): Promise<readonly string[]> =>
  (await engine.listContainers({})).map(({ state }) => state);

describe('asking a runner to leave', () => {
  it('sends SIGQUIT, which lets it finish its job, and writes down that it is leaving', async () => {
    await stop(await runner('running'));
    expect(signals).toEqual(['SIGQUIT']);
    expect(stopRunner.pauseMs).toBe(15_000);
    expect(bench.store.liveRunners()).toMatchObject([{ phase: 'leaving' }]);
    expect(await states()).toEqual(['running']);
  });

  it('keeps in mind that a person wants it gone', async () => {
    await stop(await runner('running', { phase: 'draining' }));
    expect(bench.store.liveRunners()).toMatchObject([{ phase: 'draining' }]);
  });

  it('is not said to have been done when the engine did not do it', async () => {
    const container = await runner('running');
    engine.failNext('signalContainer', broken);
    await expect(stop(container)).rejects.toBe(broken);
    expect(bench.store.liveRunners()).toMatchObject([{ phase: 'started' }]);
  });

  it('one without a record is asked too', async () => {
    await stop(await runner('running', null));
    expect(signals).toEqual(['SIGQUIT']);
  });
});

describe('removing a runner', () => {
  it('that has ended well leaves a record without a failure', async () => {
    const container = await runner('running');
    program?.exit(0);
    await remove(container);
    expect(await states()).toEqual([]);
    expect(bench.store.liveRunners()).toEqual([]);
    expect(bench.store.goneRunners('default', 1)).toMatchObject([
      { name, failure: null, goneAt: bench.clock.now() },
    ]);
  });

  it('that runs after all is left alone', async () => {
    await remove(await runner('running'));
    expect(await states()).toEqual(['running']);
    expect(bench.store.liveRunners()).toMatchObject([{ phase: 'started' }]);
    expect(gitlab.forgotten).toEqual([]);
  });

  it('that ended badly keeps its code and the last thing it said', async () => {
    const container = await runner('running');
    program?.print('one\ntwo\npanic: no such thing\n\n');
    program?.exit(3);
    await remove(container);
    expect(bench.store.goneRunners('default', 1)).toMatchObject([
      { failure: 'it ended with code 3: panic: no such thing' },
    ]);
  });

  it('that ended badly without a word keeps its code', async () => {
    const container = await runner('running');
    program?.exit(137);
    await remove(container);
    expect(bench.store.goneRunners('default', 1)).toMatchObject([{ failure: 'it ended with code 137' }]);
  });

  it('whose log the engine does not keep is removed all the same', async () => {
    const container = await runner('running');
    program?.exit(1);
    engine.failNext('containerLog', broken);
    await remove(container);
    expect(await states()).toEqual([]);
    expect(bench.store.goneRunners('default', 1)).toMatchObject([{ failure: 'it ended with code 1' }]);
  });

  it.each(['leaving', 'draining'] as const)('that is %s has not failed, whatever its code', async (phase) => {
    const container = await runner('running', { phase });
    program?.exit(1);
    await remove(container);
    expect(bench.store.goneRunners('default', 1)).toMatchObject([{ failure: null }]);
  });

  it('that never started says so', async () => {
    await remove(await runner('created', { phase: 'intended' }));
    expect(await states()).toEqual([]);
    expect(bench.store.goneRunners('default', 1)).toMatchObject([{ failure: 'its start was interrupted' }]);
  });

  it('that is gone already closes its record', async () => {
    const container = await runner('created');
    await engine.removeContainer(container.id, { force: false });
    await remove(container);
    expect(bench.store.goneRunners('default', 1)).toMatchObject([{ failure: null }]);
  });

  it('without a record removes the container alone', async () => {
    await remove(await runner('created', null));
    expect(await states()).toEqual([]);
    expect(bench.store.recentRunners(9)).toEqual([]);
  });

  it('keeps the record when the engine refuses', async () => {
    const container = await runner('created');
    engine.failNext('removeContainer', broken);
    await expect(remove(container)).rejects.toBe(broken);
    expect(bench.store.liveRunners()).toHaveLength(1);
  });

  it("tidies GitLab's list of processes, and does without when that fails", async () => {
    await remove(await runner('created'));
    expect(gitlab.forgotten).toEqual(['r_autoaaaaaaaa']);
    gitlab.fail(gitlabFailure('gitlab.unreachable'));
    await remove(await runner('created', { id: 'bbbbbbbb' }));
    expect(await states()).toEqual([]);
  });

  it('waits for a GitLab that hangs no longer than its slot may, and only after its container is gone', async () => {
    const container = await runner('created');
    const answer = gitlab.hang();
    const removing = remove(container);
    await bench.clock.settle();
    expect(await states()).toEqual([]);
    expect(bench.store.liveRunners()).toHaveLength(1);
    await bench.clock.advance(5_000);
    await removing;
    expect(bench.store.liveRunners()).toEqual([]);
    answer();
    await bench.clock.settle();
    expect(gitlab.forgotten).toEqual(['r_autoaaaaaaaa']);
  });

  it('takes no turn of the engine from others while GitLab hangs', () => {
    expect([removeRunner.group, forgetRunner.group]).toEqual(['store', 'store']);
  });

  it('that AutoGit did not see to its end says the same once GitLab has been told', async () => {
    const container = await runner('running', { startedAt: 1 });
    program?.print('panic\n');
    program?.exit(3);
    gitlab.hang();
    void remove(container);
    await bench.clock.settle();
    const [record] = bench.store.liveRunners();
    if (record === undefined) throw new Error('its record is closed only after GitLab was told');
    const again = applyBench({ engine, gitlab: new FakeGitlab(), store: bench.store });
    await forgetRunner.apply({ ...common, kind: 'forget-runner', record, failure: null }, again);
    const [gone] = bench.store.goneRunners('default', 1);
    expect(gone).toMatchObject({ failure: 'it ended with code 3: panic', goneAt: bench.clock.now() });
    expect(gone?.vanished).toBeUndefined();
  });

  it('asks GitLab nothing without the token of the entry', async () => {
    await bench.secrets.remove(secretName.entryToken('default'));
    await remove(await runner('created'));
    expect(gitlab.calls).toEqual([]);
  });
});

describe('adopting a runner', () => {
  it('whose start was interrupted goes on with its record', async () => {
    const container = await runner('running', { phase: 'intended', slot: 3, startedAt: null });
    await adopt(container);
    expect(bench.store.liveRunners()).toMatchObject([
      { id: 'aaaaaaaa', slot: 3, phase: 'started', startedAt: bench.clock.now() },
    ]);
  });

  it('that no record knows gets one, in the first slot that is free', async () => {
    const container = await runner('running', null);
    for (const [index, slot] of [0, 1, 3].entries())
      bench.store.insertRunner(someRecord({ id: `0000000${index}`, slot }));
    bench.store.insertRunner(someRecord({ id: '0000000f', pool: 'other', slot: 2 }));
    await adopt(container);
    expect(bench.store.liveRunners().find(({ id }) => id === 'aaaaaaaa')).toEqual(
      someRecord({ slot: 2, createdAt: bench.clock.now(), startedAt: bench.clock.now() }),
    );
  });

  it('that was thought to be gone goes on with its record, in a slot that is free', async () => {
    const container = await runner('running', { slot: 0 });
    bench.store.updateRunner('aaaaaaaa', { phase: 'gone', goneAt: 5, failure: 'it was not there' });
    bench.store.insertRunner(someRecord({ id: 'bbbbbbbb', slot: 0 }));
    await adopt(container);
    expect(bench.store.liveRunners().find(({ id }) => id === 'aaaaaaaa')).toMatchObject({
      ...{ slot: 1, phase: 'started', startedAt: bench.clock.now(), goneAt: null, failure: null },
    });
  });

  it.each(['started', 'gone'] as const)(
    'whose engine has another address than before goes on with its record there: %s',
    async (phase) => {
      const container = await runner('running', { node: 'node-9', phase });
      await adopt(container);
      expect(bench.store.liveRunners()).toMatchObject([{ id: 'aaaaaaaa', node: 'node-1', phase: 'started' }]);
    },
  );

  it.each(['draining', 'leaving'] as const)('that is %s by now goes on leaving', async (phase) => {
    await adopt(await runner('running', { node: 'node-9', phase }));
    expect(bench.store.liveRunners()).toMatchObject([{ id: 'aaaaaaaa', node: 'node-1', phase }]);
    expect(signals).toEqual([]);
  });

  it.each<[string, Partial<Container>]>([
    ['another name', { name: 'renamed' }],
    ['no pool', { pool: null }],
  ])('with %s is none that we can know', async (_, change) => {
    await adopt({ ...(await runner('running', null)), ...change });
    expect(bench.store.liveRunners()).toEqual([]);
  });
});

describe('forgetting a runner', () => {
  it('closes its record with the reason, and tidies GitLab', async () => {
    bench.store.insertRunner(someRecord());
    await forget(someRecord(), 'its start was interrupted');
    expect(bench.store.goneRunners('default', 1)).toMatchObject([
      { failure: 'its start was interrupted', goneAt: bench.clock.now() },
    ]);
    expect(gitlab.forgotten).toEqual(['r_autoaaaaaaaa']);
  });

  it('notes first which jobs it took: GitLab forgets that with the runner', async () => {
    const systemId = 'r_autoaaaaaaaa';
    const [own, other] = [gitlab.addJob({ systemId, status: 'success' }), gitlab.addJob()];
    bench.store.saveEntry(someEntry());
    bench.store.insertRunner(someRecord());
    bench.store.saveJobs([someJob({ id: own }), someJob({ id: other })]);
    await forget(someRecord());
    expect([own, other].map((id) => bench.store.job(id)?.systemId)).toEqual([systemId, null]);
    expect(gitlab.calls.indexOf('jobsOf')).toBeLessThan(gitlab.calls.indexOf('removeManager'));
  });

  it('is not done when its container is there after all', async () => {
    const facts = { node: 'node-1', role: 'runner', pool: 'default', specHash: '' } as const;
    await runner('created', {}, signedLabels(name, facts, bench));
    await forget(someRecord());
    expect(bench.store.liveRunners()).toHaveLength(1);
  });

  it('is refused while a container that is not ours has its name: that would be so at every look', async () => {
    await runner('created');
    await expect(forget(someRecord())).rejects.toMatchObject({ key: 'engine.name-taken' });
    expect(bench.store.liveRunners()).toHaveLength(1);
  });

  it('nor when the engine does not say', async () => {
    bench.store.insertRunner(someRecord());
    engine.failNext('inspectContainer', broken);
    await expect(forget(someRecord())).rejects.toBe(broken);
    expect(bench.store.liveRunners()).toHaveLength(1);
  });
});
