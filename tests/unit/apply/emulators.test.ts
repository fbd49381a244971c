// Emulators by an image: what runs decides, what was registered is remembered, and nothing is left behind.
import { describe, expect, it } from 'vitest';
import { registeredNote, triesNote } from '../../../main/apply/emulators.ts';
import { applyAction } from '../../../main/apply/executor.ts';
import { ownEmulator } from '../../../main/model/emulation.ts';
import { applyBench } from '../../fakes/fake-context.ts';
import type { Bench } from '../../fakes/fake-context.ts';
import { FakeEngine } from '../../fakes/fake-engine.ts';
import type { FakeProcess } from '../../fakes/fake-engine.ts';
import { FakeGitlab } from '../../fakes/fake-gitlab.ts';

const image = 'emulators:1';
const tried = { architecture: 'arm64', at: 5, spec: '', machine: 'aarch64', failure: null } as const;

interface Case {
  readonly engine: FakeEngine;
  readonly bench: Bench;
  readonly name: string;
  /** Runs of the image. */
  readonly runs: FakeProcess[];
}

/** `words`: what the image prints, with NAME for the name; `runs`: whether the program runs then. */
function open(words: string, { before = false, after = true } = {}): Case {
  const runs: FakeProcess[] = [];
  const onStart = (process: FakeProcess): void => {
    const isImage = process.spec.image === image;
    if (isImage) runs.push(process);
    const works = runs.length === 0 ? before : after;
    process.print(isImage ? words.replaceAll('NAME', name) : works ? 'aarch64\u0000' : '');
    process.exit(isImage || works ? 0 : 1);
  };
  const engine = new FakeEngine({ registry: [image], onStart });
  const bench = applyBench({ engine, gitlab: new FakeGitlab() });
  const { name } = ownEmulator(bench.instance, 'arm64');
  return { engine, bench, name, runs };
}

function install(bench: Bench): Promise<void> {
  const base = {
    key: 'k',
    target: 'architectures',
    reason: 'a test',
    node: 'n',
    image,
    spec: 'now',
  } as const;
  return applyAction({ ...base, kind: 'install-emulator', architecture: 'arm64' }, bench);
}

function remove(bench: Bench): Promise<void> {
  const base = { key: 'k', target: 'architectures', reason: 'a test', node: 'n', image } as const;
  return applyAction({ ...base, kind: 'remove-emulator', architecture: 'arm64' }, bench);
}

const registeredAt = ({ store }: Bench): number | null => store.noteOf(registeredNote('n', 'arm64'));
const triesOf = ({ store }: Bench): number => store.noteOf(triesNote('n', 'arm64')) ?? 0;

describe('an emulator is registered', () => {
  it.each(['installing: arm64 OK', 'installing: arm64 NAME already registered'])(
    'by one privileged container without a network, under a name of this home alone: %s',
    async (words) => {
      const { engine, bench, name, runs } = open(`${words}\n{}`);
      bench.store.saveArchProbe('n', { ...tried, machine: null, failure: 'exec format error' });
      await install(bench);
      const [{ spec, files } = { spec: null, files: [] }] = runs;
      expect(runs.length).toBe(1);
      expect(spec).toMatchObject({
        ...{ image, privileged: true, network: 'none', volumes: {}, command: ['--install', 'arm64'] },
        env: { QEMU_BINARY_PREFIX: name.replace('qemu-aarch64', '') },
      });
      expect(files).toMatchObject([{ path: `/usr/bin/${name}`, linkTo: 'qemu-aarch64' }]);
      expect(registeredAt(bench)).toBe(bench.clock.now());
      expect(triesOf(bench)).toBe(0);
      expect(bench.store.archProbes('n')).toEqual([]);
      expect(await engine.listContainers({})).toEqual([]);
      expect((await engine.listImages({})).map((one) => one.name)).toEqual([image]);
    },
  );

  it('nowhere where the program runs already: somebody has registered one meanwhile', async () => {
    const { engine, bench, runs } = open('', { before: true });
    await install(bench);
    expect(runs).toEqual([]);
    expect(registeredAt(bench)).toBeNull();
    expect(bench.store.archProbes('n')).toMatchObject([{ spec: 'now', machine: 'aarch64' }]);
    expect(await engine.hasImage(image)).toBe(false);
  });

  it('not where the image could not: it says why, and what was known before stays', async () => {
    const { bench } = open('installing: arm64 cannot register "/usr/bin/NAME": invalid argument', {
      after: false,
    });
    await expect(install(bench)).rejects.toMatchObject({
      key: 'arch.emulator-failed',
      message: expect.stringContaining('invalid argument') as unknown,
    });
    expect(registeredAt(bench)).toBe(0);
    expect(triesOf(bench)).toBe(1);
    await expect(install(bench)).rejects.toMatchObject({ key: 'arch.emulator-failed' });
    expect(triesOf(bench)).toBe(2);
  });

  it('not where the image says so and nothing runs: the list was its container’s own', async () => {
    const { bench } = open('installing: arm64 OK', { after: false });
    await expect(install(bench)).rejects.toMatchObject({
      key: 'arch.emulator-failed',
      message: expect.stringContaining('its program ended with code 1') as unknown,
    });
    expect(triesOf(bench)).toBe(1);
  });

  it('not where the image cannot be had: no privileged container has run', async () => {
    const engine = new FakeEngine({ onStart: ({ exit }) => exit(1) });
    const bench = applyBench({ engine, gitlab: new FakeGitlab() });
    await expect(install(bench)).rejects.toMatchObject({ key: 'engine.image-missing' });
    expect(registeredAt(bench)).toBeNull();
    expect(triesOf(bench)).toBe(0);
    expect(await engine.listImages({})).toEqual([]);
  });
});

describe('an emulator', () => {
  it.each(['uninstalling: NAME OK', 'uninstalling: NAME not found'])(
    'is removed by the name that only this home gives, and what was tried by it counts no more: %s',
    async (words) => {
      const { bench, name, runs } = open(words);
      bench.store.setNote(registeredNote('n', 'arm64'), 5);
      bench.store.saveArchProbe('n', tried);
      await remove(bench);
      expect(runs.map(({ spec }) => spec)).toMatchObject([
        { privileged: true, command: ['--uninstall', name] },
      ]);
      expect(registeredAt(bench)).toBe(0);
      expect(triesOf(bench)).toBe(0);
      expect(bench.store.archProbes('n')).toEqual([]);
    },
  );

  it('that could not be removed stays known', async () => {
    const { bench } = open('error: cannot mount binfmt_misc');
    bench.store.setNote(registeredNote('n', 'arm64'), 5);
    await expect(remove(bench)).rejects.toMatchObject({ key: 'arch.emulator-failed' });
    expect(registeredAt(bench)).toBe(5);
    expect(triesOf(bench)).toBe(1);
  });
});
