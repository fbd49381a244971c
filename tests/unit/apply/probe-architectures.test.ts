// Tries of processors: what a program says is kept, what the engine refuses is kept, and nothing is left behind.
import { describe, expect, it } from 'vitest';
import { applyAction } from '../../../main/apply/executor.ts';
import { AutoGitError } from '../../../main/errors.ts';
import type { Architecture } from '../../../main/model/pool-container.ts';
import { applyBench } from '../../fakes/fake-context.ts';
import type { Bench } from '../../fakes/fake-context.ts';
import { FakeEngine } from '../../fakes/fake-engine.ts';
import type { FakeProcess } from '../../fakes/fake-engine.ts';
import { FakeGitlab } from '../../fakes/fake-gitlab.ts';

function openBench(onStart: (process: FakeProcess) => void): { engine: FakeEngine; bench: Bench } {
  const engine = new FakeEngine({ onStart });
  return { engine, bench: applyBench({ engine, gitlab: new FakeGitlab() }) };
}

function tryThese(bench: Bench, ...names: readonly Architecture[]): Promise<void> {
  return applyAction(
    {
      ...{ kind: 'probe-architectures', key: 'probe', target: 'architectures', reason: 'a test', node: 'n' },
      architectures: names.map((architecture) => ({ architecture, spec: `spec of ${architecture}` })),
    },
    bench,
  );
}

async function leftOn(engine: FakeEngine): Promise<readonly string[]> {
  const found = await Promise.all([engine.listContainers({}), engine.listImages({})]);
  return found.flat().map(({ name }) => name);
}

describe('a try of processors', () => {
  it('keeps what each program says it runs on, and leaves nothing on the engine', async () => {
    const words: Readonly<Record<string, string>> = { '/amd64': 'x86_64\u0000', '/arm64': 'aarch64\u0000' };
    const { engine, bench } = openBench(({ spec, print, exit }) => {
      expect(spec).toMatchObject({ network: 'none', capabilities: [], volumes: {} });
      print(words[spec.entrypoint[0] ?? ''] ?? '');
      exit(0);
    });
    await tryThese(bench, 'amd64', 'arm64', 'riscv64');
    const at = bench.clock.now();
    expect(bench.store.archProbes('n')).toEqual([
      { architecture: 'amd64', at, spec: 'spec of amd64', machine: 'x86_64', failure: null },
      { architecture: 'arm64', at, spec: 'spec of arm64', machine: 'aarch64', failure: null },
      {
        ...{ architecture: 'riscv64', at, spec: 'spec of riscv64', machine: null },
        failure: 'its program ended with code 0.',
      },
    ]);
    expect(bench.store.archProbes('another')).toEqual([]);
    expect(await leftOn(engine)).toEqual([]);
  });

  it('keeps why a program did not run, and goes on with the next', async () => {
    const { engine, bench } = openBench(({ print, exit }) => {
      print('qemu: uncaught target signal 11\u001b[0m');
      exit(139);
    });
    const next = 'Look at it.';
    const refused = new AutoGitError({ key: 'engine.refused', message: 'exec format error', next });
    engine.failNext('startContainer', refused);
    await tryThese(bench, 'arm64', 's390x');
    expect(bench.store.archProbes('n').map(({ failure }) => failure)).toEqual([
      'exec format error',
      'its program ended with code 139 and said: qemu: uncaught target signal 11 [0m.',
    ]);
    expect(await leftOn(engine)).toEqual([]);
  });

  it('replaces an older result, and keeps it when the engine goes away', async () => {
    const { engine, bench } = openBench(({ print, exit }) => {
      print('aarch64\u0000');
      exit(0);
    });
    await tryThese(bench, 'arm64');
    await bench.clock.advance(1_000);
    const away = new AutoGitError({ key: 'engine.unreachable', message: 'away', next: 'Wait.' });
    engine.failNext('startContainer', away);
    await expect(tryThese(bench, 'arm64')).rejects.toMatchObject({ key: 'engine.unreachable' });
    expect(bench.store.archProbes('n')).toMatchObject([
      { at: bench.clock.now() - 1_000, machine: 'aarch64' },
    ]);
    await tryThese(bench, 'arm64');
    expect(bench.store.archProbes('n')).toMatchObject([{ at: bench.clock.now(), machine: 'aarch64' }]);
  });

  it('gives a program up that does not end', async () => {
    const { engine, bench } = openBench(() => undefined);
    const done = tryThese(bench, 'arm64');
    await bench.clock.advance(30_000);
    await done;
    expect(bench.store.archProbes('n')).toMatchObject([{ failure: 'its program did not end in time.' }]);
    expect(await leftOn(engine)).toEqual([]);
  });
});
