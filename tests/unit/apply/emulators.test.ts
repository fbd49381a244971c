// Emulators by an image: what it prints decides, what was registered is remembered, and nothing is left behind.
import { describe, expect, it } from 'vitest';
import { installedNote } from '../../../main/apply/emulators.ts';
import { applyAction } from '../../../main/apply/executor.ts';
import { applyBench } from '../../fakes/fake-context.ts';
import type { Bench } from '../../fakes/fake-context.ts';
import { FakeEngine } from '../../fakes/fake-engine.ts';
import type { FakeProcess } from '../../fakes/fake-engine.ts';
import { FakeGitlab } from '../../fakes/fake-gitlab.ts';

const image = 'emulators:1';

function openBench(print: string, seen: FakeProcess['spec'][] = []): { engine: FakeEngine; bench: Bench } {
  const onStart = (process: FakeProcess): void => {
    seen.push(process.spec);
    process.print(print);
    process.exit(0);
  };
  const engine = new FakeEngine({ registry: [image], onStart });
  return { engine, bench: applyBench({ engine, gitlab: new FakeGitlab() }) };
}

function deed(kind: 'install-emulator' | 'remove-emulator', bench: Bench): Promise<void> {
  const base = { key: kind, target: 'architectures', reason: 'a test', node: 'n', image };
  return applyAction({ ...base, kind, architecture: 'arm64' }, bench);
}

const noted = (bench: Bench): number | null => bench.store.noteOf(installedNote('n', 'arm64'));

describe('an emulator', () => {
  it.each(['installing: arm64 OK', 'installing: arm64 qemu-aarch64 already registered'])(
    'is registered by one privileged container without a network: %s',
    async (words) => {
      const seen: FakeProcess['spec'][] = [];
      const { engine, bench } = openBench(`${words}\n{}`, seen);
      await deed('install-emulator', bench);
      expect(seen).toMatchObject([
        { image, privileged: true, network: 'none', volumes: {}, command: ['--install', 'arm64'] },
      ]);
      expect(noted(bench)).toBe(bench.clock.now());
      expect(await engine.listContainers({})).toEqual([]);
    },
  );

  it('that the image could not register says why, and is remembered all the same: it may be there', async () => {
    const { bench } = openBench(
      'installing: arm64 cannot register "/usr/bin/qemu-aarch64": invalid argument',
    );
    await expect(deed('install-emulator', bench)).rejects.toMatchObject({
      key: 'arch.emulator-failed',
      message: expect.stringContaining('invalid argument') as unknown,
    });
    expect(noted(bench)).toBe(bench.clock.now());
  });

  it.each(['uninstalling: qemu-aarch64 OK', 'uninstalling: qemu-aarch64 not found'])(
    'is removed by its name, and forgotten: %s',
    async (words) => {
      const seen: FakeProcess['spec'][] = [];
      const { bench } = openBench(words, seen);
      bench.store.setNote(installedNote('n', 'arm64'), 5);
      await deed('remove-emulator', bench);
      expect(seen).toMatchObject([{ privileged: true, command: ['--uninstall', 'qemu-aarch64'] }]);
      expect(noted(bench)).toBe(0);
    },
  );

  it('that could not be removed stays known', async () => {
    const { bench } = openBench('error: cannot mount binfmt_misc');
    bench.store.setNote(installedNote('n', 'arm64'), 5);
    await expect(deed('remove-emulator', bench)).rejects.toMatchObject({ key: 'arch.emulator-failed' });
    expect(noted(bench)).toBe(5);
  });

  it('is not touched where the image cannot be had', async () => {
    const engine = new FakeEngine();
    const bench = applyBench({ engine, gitlab: new FakeGitlab() });
    await expect(deed('install-emulator', bench)).rejects.toMatchObject({ key: 'engine.image-missing' });
    expect(noted(bench)).toBeNull();
  });
});
