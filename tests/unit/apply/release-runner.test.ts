// The go: written down before it is given, given again without harm, and to nobody who is to leave.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { beforeEach, describe, expect, it } from 'vitest';
import { releaseRunner } from '../../../main/apply/release-runner.ts';
import { gateBefore, untilGateStands } from '../../../main/apply/runner-gate.ts';
import { startRunner } from '../../../main/apply/start-runner.ts';
import { AutoGitError } from '../../../main/errors.ts';
import type { Container } from '../../../main/model/runner.ts';
import type { Action } from '../../../main/model/world.ts';
import type { ContainerSpec } from '../../../main/ports.ts';
import { applyBench } from '../../fakes/fake-context.ts';
import type { Bench } from '../../fakes/fake-context.ts';
import { FakeEngine } from '../../fakes/fake-engine.ts';
import { FakeGitlab } from '../../fakes/fake-gitlab.ts';
import { address, network, runnerImage, someContainer, somePool, specOf } from '../../fakes/world.ts';

const broken = new AutoGitError({ key: 'engine.refused', message: 'Out of order.', next: 'Wait.' });
const runner = '00000001';

let engine: FakeEngine;
let bench: Bench;
let specs: ContainerSpec[];
let signals: string[];
/** Whether gates stand at once; and what says so later. */
let isReady: boolean;
let print: (text: string) => void;

beforeEach(async () => {
  isReady = true;
  [specs, signals] = [[], []];
  engine = new FakeEngine({
    images: [runnerImage],
    onStart: ({ spec, print: say, onSignal }) => {
      specs.push(spec);
      onSignal((signal) => void signals.push(signal));
      print = say;
      if (isReady) say('autogit: ready\n');
    },
  });
  await engine.createNetwork(network, {});
  bench = applyBench({ engine, gitlab: new FakeGitlab() });
});

const start: Extract<Action, { kind: 'start-runner' }> = {
  ...{ kind: 'start-runner', key: 'start-runner:default:0', target: 'slot default/0', reason: 'ready' },
  ...{ node: 'node-1', pool: somePool(), slot: 0, image: runnerImage, network, specHash: specOf(), address },
  ...{ gpu: null, waits: true },
};

const phase = (): string | undefined => bench.store.liveRunners()[0]?.phase;

async function seen(): Promise<Container> {
  const [found] = await engine.listContainers({});
  if (found === undefined) throw new Error('there is no container');
  const { id, name, state } = found;
  return someContainer({ runner, id, name, state });
}

function release(container: Container): Promise<void> {
  const about = { key: `release-runner:${runner}`, target: `runner ${runner}`, reason: 'a job waits' };
  return releaseRunner.apply({ ...about, kind: 'release-runner', node: 'node-1', container }, bench);
}

describe('a runner that is kept ready', () => {
  it('is warm once its gate stands, and its program is the gate with the runner behind it', async () => {
    await startRunner.apply(start, bench);
    expect(phase()).toBe('warm');
    expect(specs[0]?.entrypoint.slice(0, 2)).toEqual(['sh', '-c']);
    expect(specs[0]?.command).toEqual(expect.arrayContaining(['run-single', '--wait-timeout']));
    expect(signals).toEqual([]);
  });

  it('gets the go, and takes jobs from then on', async () => {
    await startRunner.apply(start, bench);
    await bench.clock.advance(60_000);
    await release(await seen());
    expect(signals).toEqual(['SIGCONT']);
    expect(bench.store.liveRunners()).toMatchObject([{ phase: 'started', startedAt: bench.clock.now() }]);
  });

  it('has the go written down before it is given', async () => {
    await startRunner.apply(start, bench);
    const go = engine.hang('signalContainer');
    const container = await seen();
    const releasing = release(container);
    await bench.clock.settle();
    expect(phase()).toBe('released');
    go();
    await releasing;
    expect(phase()).toBe('started');
  });

  it('gets it again when it is not known whether it came', async () => {
    await startRunner.apply(start, bench);
    const container = await seen();
    engine.failNext('signalContainer', broken);
    await expect(release(container)).rejects.toBe(broken);
    expect(phase()).toBe('released');
    await release(container);
    expect([phase(), signals]).toEqual(['started', ['SIGCONT']]);
  });

  it('is not given it before its gate stands, as after a kill in the middle of its start', async () => {
    isReady = false;
    engine.failNext('startContainer', broken);
    engine.failNext('removeContainer', broken);
    await expect(startRunner.apply(start, bench)).rejects.toBe(broken);
    await release(await seen());
    const releasing = release(await seen());
    await bench.clock.advance(1_000);
    expect([phase(), signals]).toEqual(['released', []]);
    print('autogit: ready\n');
    await bench.clock.advance(1_000);
    await releasing;
    expect([phase(), signals]).toEqual(['started', ['SIGCONT']]);
  });

  it('is looked at again where its gate was late, and not asked for words once it has been warm for long', async () => {
    isReady = false;
    const starting = startRunner.apply(start, bench);
    await bench.clock.advance(5_000);
    await starting;
    expect(phase()).toBe('warm');
    const releasing = release(await seen());
    await bench.clock.advance(1_000);
    expect(signals).toEqual([]);
    print('autogit: ready\n');
    await bench.clock.advance(1_000);
    await releasing;
    expect([phase(), signals]).toEqual(['started', ['SIGCONT']]);
    bench.store.updateRunner(runner, { phase: 'warm', startedAt: bench.clock.now() - 10_000 });
    engine.failNext('containerLog', new Error('nobody asks'));
    const looks = engine.calls.filter(({ method }) => method === 'containerLog').length;
    await release(await seen());
    expect(engine.calls.filter(({ method }) => method === 'containerLog')).toHaveLength(looks);
  });

  it('is not made to stay by a go that was under way when somebody wished it away', async () => {
    await startRunner.apply(start, bench);
    const go = engine.hang('signalContainer');
    const releasing = release(await seen());
    await bench.clock.settle();
    bench.store.updateRunner(runner, { phase: 'draining' });
    go();
    await releasing;
    expect(phase()).toBe('draining');
  });

  it('and has begun gets another go where that is asked for, and counts as free from then on', async () => {
    await startRunner.apply(start, bench);
    await release(await seen());
    await bench.clock.advance(400_000);
    await release(await seen());
    expect(signals).toEqual(['SIGCONT', 'SIGCONT']);
    expect(bench.store.liveRunners()).toMatchObject([{ phase: 'started', startedAt: bench.clock.now() }]);
  });

  it.each(['draining', 'leaving'] as const)('that is %s gets none', async (now) => {
    await startRunner.apply(start, bench);
    bench.store.updateRunner(runner, { phase: now });
    await release(await seen());
    expect([phase(), signals]).toEqual([now, []]);
  });

  it('and was only prepared is started, and gets the go when it has been seen to run', async () => {
    engine.failNext('startContainer', broken);
    engine.failNext('removeContainer', broken);
    await expect(startRunner.apply(start, bench)).rejects.toBe(broken);
    expect(phase()).toBe('prepared');
    await release(await seen());
    expect([phase(), signals]).toEqual(['released', []]);
    await release(await seen());
    expect([phase(), signals]).toEqual(['started', ['SIGCONT']]);
  });

  it('is not waited for without end where the engine keeps no log', async () => {
    await startRunner.apply({ ...start, waits: true }, bench);
    const { id } = await seen();
    let asked = 0;
    const silent = { containerLog: () => Promise.resolve(String((asked += 1))) };
    const waiting = untilGateStands(silent, id, bench.clock);
    await bench.clock.advance(10_000);
    await waiting;
    expect(asked).toBeGreaterThan(10);
  });
});

describe('the gate itself', () => {
  const program = { entrypoint: ['sh', '-c'], command: ['echo "runs as $$: $0"; exit 7', 'it'] };
  const shells = ['sh', 'bash'] as const;

  /** In a real shell of this machine. */
  async function open(shell: string) {
    const { entrypoint, command } = gateBefore(program);
    const gate = spawn(shell, [...entrypoint.slice(1), ...command], { stdio: ['ignore', 'pipe', 'inherit'] });
    const told: string[] = [];
    gate.stdout.setEncoding('utf8').on('data', (text: string) => void told.push(text));
    const ended = once(gate, 'close');
    await once(gate.stdout, 'data');
    return { gate, told, ended };
  }

  it.each(shells)('%s becomes the runner on the go: the same process, and its exit code', async (shell) => {
    for (let time = 0; time < 10; time += 1) {
      const { gate, told, ended } = await open(shell);
      gate.kill('SIGCONT');
      expect(await ended).toEqual([7, null]);
      expect(told.join('')).toBe(`autogit: ready\nruns as ${String(gate.pid)}: it\n`);
    }
  });

  it.each(shells)('%s ends well when it is asked to leave, and has run nothing', async (shell) => {
    for (const signal of ['SIGQUIT', 'SIGTERM'] as const) {
      const { gate, told, ended } = await open(shell);
      gate.kill(signal);
      expect(await ended).toEqual([0, null]);
      expect(told.join('')).toBe('autogit: ready\n');
    }
  });
});
