// Other processors on a real engine: real programs in real containers, with real emulators that come and go.
import { describe, expect, it, onTestFinished } from 'vitest';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { stringify } from 'yaml';
import { archOutcomeSchema } from '../../main/contract/requests/arch.ts';
import { AutoGitError } from '../../main/errors.ts';
import type { ArchitectureView } from '../../main/contract/snapshot.ts';
import type { Engine } from '../../main/ports.ts';
import { openEmulators, whyNoEmulators } from '../fixtures/emulators.ts';
import type { Emulators } from '../fixtures/emulators.ts';
import { provideEmulatorImage, whyNoEmulatorImage } from '../fixtures/emulator-image.ts';
import { engineHost, openLab, patience } from './lab.ts';
import type { Lab } from './lab.ts';

const whyNot = await whyNoEmulators();

async function emulators(): Promise<Emulators> {
  const opened = await openEmulators();
  onTestFinished(() => opened.restore());
  return opened;
}

async function serve(): Promise<Lab> {
  const lab = await openLab(onTestFinished);
  const pools = [
    { name: 'own', tags: ['own'], max: 1, idleTime: 2 },
    { name: 'arm', tags: ['arm64'], max: 1, idleTime: 2, executor: 'image', arch: 'arm64' },
  ];
  await writeFile(lab.paths.settings, stringify({ gitlab: { kind: 'none' }, proofs: 'off', pools }));
  await lab.serve({ ready: false });
  return lab;
}

const rowOf = (rows: readonly ArchitectureView[] | undefined, name: string): ArchitectureView | undefined =>
  rows?.find(({ architecture }) => architecture === name);

describe.skipIf(engineHost === null)('processors on a real engine', () => {
  it(
    'the engine’s own says what it is, and nothing is left behind',
    { timeout: patience.timeout },
    async () => {
      const lab = await serve();
      const { architectures } = await lab.json(['arch', 'test', 'amd64']).then(toRows);
      const own = rowOf(architectures, 'amd64');
      if (process.arch === 'x64')
        expect(own).toMatchObject({ state: 'native', probe: { machine: 'x86_64' } });
      else expect(own?.probe).not.toBeNull();
      expect((await lab.left()).filter((name) => name.startsWith('autogit-arch'))).toEqual([]);
      const images = await lab.engine.listImages({ 'autogit.managed': 'true' });
      expect(images.filter(({ name }) => name.startsWith('autogit-arch'))).toEqual([]);
    },
  );

  it(
    'those that nothing runs say so, in the engine’s words',
    { timeout: patience.timeout },
    async ({ skip }) => {
      skip(whyNot !== null, whyNot ?? '');
      const lab = await serve();
      const { architectures } = await lab.json(['arch', 'test', 's390x']).then(toRows);
      const row = rowOf(architectures, 's390x');
      expect(row).toMatchObject({ state: 'missing', usable: false });
      expect(row?.probe?.failure).toMatch(/exec format error|no such file/i);
    },
  );

  it(
    'run by an emulator while it is there, and are broken or missing when it is not',
    { timeout: 2 * patience.timeout },
    async ({ skip }) => {
      skip(whyNot !== null, whyNot ?? '');
      const kernel = await emulators();
      await kernel.register('arm64');
      const lab = await serve();
      const seen = await lab.until(({ architectures }) => rowOf(architectures, 'arm64')?.probe != null);
      expect(rowOf(seen.architectures, 'arm64')).toMatchObject({
        ...{ state: 'qemu', usable: true, pools: ['arm'] },
        ...{ probe: { machine: 'aarch64', failure: null }, handler: { name: 'autogit-test-aarch64' } },
      });
      await kernel.unregister('arm64');
      const gone = await lab.until(({ architectures }) => rowOf(architectures, 'arm64')?.state === 'missing');
      expect(gone.issues.map(({ key, subject }) => `${key} ${subject}`)).toContain(
        'pool.arch-unavailable pool arm',
      );
      // Without F the emulator would have to be inside of every container.
      await kernel.register('arm64', 'OC');
      const broken = await lab.until(
        ({ architectures }) => rowOf(architectures, 'arm64')?.state === 'broken',
      );
      expect(rowOf(broken.architectures, 'arm64')?.reason).toContain('without the flag F');
      expect(broken.issues.map(({ key, subject }) => `${key} ${subject}`)).toContain(
        'pool.arch-broken pool arm',
      );
      await kernel.unregister('arm64');
      await kernel.register('arm64');
      await lab.until(({ architectures }) => rowOf(architectures, 'arm64')?.usable === true);
    },
  );
});

describe.skipIf(engineHost === null)('an emulator', () => {
  it(
    'is registered by a privileged container when a person agrees, and is gone when it is not wanted any more',
    { timeout: 2 * patience.timeout },
    async ({ skip }) => {
      const lacking = whyNot ?? (await whyNoEmulatorImage());
      skip(lacking !== null, lacking ?? '');
      const kernel = await emulators();
      const lab = await openLab(onTestFinished);
      const image = `autogit-test-emulators:${path.basename(lab.home).toLowerCase()}`;
      await provideEmulatorImage(lab.engine, image);
      onTestFinished(() => lab.engine.removeImage(image));
      const settings = { gitlab: { kind: 'none' }, proofs: 'off', pools: [], emulation: { image } };
      await writeFile(lab.paths.settings, stringify(settings));
      await lab.serve({ ready: false });
      skip(!(await runsPrivileged(lab.engine, image)), 'this engine starts no privileged containers');
      const [before] = toRows(await lab.json(['arch', 'enable', 'arm64'])).architectures;
      expect(before).toMatchObject({ state: 'missing' });
      const [enabled] = toRows(await lab.json(['arch', 'enable', 'arm64', '--privileged'])).architectures;
      expect(enabled).toMatchObject({
        usable: true,
        probe: { machine: 'aarch64' },
        handler: {
          name: expect.stringMatching(/^autogit-[0-9a-f]{8}-qemu-aarch64$/) as unknown,
          flags: expect.stringMatching(/^P?OCF$/) as unknown,
        },
        ours: true,
      });
      // What came from somebody else meanwhile stays.
      await kernel.register('arm64');
      const [disabled] = toRows(await lab.json(['arch', 'disable', 'arm64'])).architectures;
      expect(disabled).toMatchObject({ handler: { name: 'autogit-test-aarch64' } });
      expect(disabled?.ours).toBeUndefined();
      await kernel.unregister('arm64');
      const [after] = toRows(await lab.json(['arch', 'enable', 'arm64'])).architectures;
      expect(after).toMatchObject({ state: 'missing', handler: null });
      expect((await lab.left()).filter((name) => /arch|emulators/.test(name))).toEqual([]);
    },
  );
});

/** Engines whose own rights are limited, as in some virtual machines, cannot give all of them away. */
async function runsPrivileged(engine: Engine, image: string): Promise<boolean> {
  const id = await engine.createContainer({
    ...{
      name: `autogit-test-${path.basename(image)}`.replace(':', '-'),
      image,
      network: 'none',
      privileged: true,
    },
    ...{ entrypoint: ['/bin/busybox'], command: ['true'], env: {}, labels: {}, aliases: [], publish: [] },
    ...{ volumes: {}, cpus: null, memoryMiB: null, stopSignal: 'SIGKILL', capabilities: [] },
  });
  try {
    await engine.startContainer(id);
    return true;
  } catch (error) {
    if (error instanceof AutoGitError && error.key === 'engine.refused') return false;
    throw error;
  } finally {
    await engine.removeContainer(id, { force: true });
  }
}

function toRows(answer: unknown): { readonly architectures: readonly ArchitectureView[] } {
  return archOutcomeSchema.parse(answer);
}
