// The whole core on a machine that emulates another processor: what was tried counts, and what breaks stops its pool alone.
import { Readable } from 'node:stream';
import { afterEach, describe, expect, it } from 'vitest';
import { signedLabels } from '../../../main/apply/context.ts';
import { ownEmulator, probeImage } from '../../../main/model/emulation.ts';
import { label } from '../../../main/model/labels.ts';
import { defaultSettings } from '../../../main/model/settings.ts';
import { closeLab, createWorld, openLab } from '../../fakes/fake-lab.ts';
import type { OpenLab, World } from '../../fakes/fake-lab.ts';
import type { FakeProcess } from '../../fakes/fake-engine.ts';

const opened: [World, OpenLab][] = [];

afterEach(async () => {
  for (const [world, lab] of opened.splice(0)) await closeLab(world, lab);
});

const folder = '/proc/sys/fs/binfmt_misc';
const entry = (flags = 'OCF', state = 'enabled'): string =>
  `${state}\ninterpreter /usr/bin/qemu-aarch64\nflags: ${flags}\noffset 0\nmagic 7f454c460201010000000000000000000200b700\nmask ff\n`;

/** What its kernel lists may change at any time. */
class Machine {
  readonly files: Record<string, string>;
  readonly #kernel = new Map<string, string>();
  readonly #isVisible: boolean;

  /** `own`: as the home registers it. `isVisible`: the list can be read. */
  constructor(own: string, isVisible = true) {
    this.#isVisible = isVisible;
    this.files = { [`${folder}/status`]: isVisible ? 'enabled' : '', '/etc/os-release': 'ID=debian' };
    for (const name of ['qemu-aarch64', own]) this.set('', name);
  }

  set(text: string, name = 'qemu-aarch64'): void {
    this.#kernel.set(name, text);
    this.files[`${folder}/${name}`] = this.#isVisible ? text : '';
  }

  has(name: string): boolean {
    return this.#kernel.get(name) !== '';
  }

  runsForeign(): boolean {
    return [...this.#kernel.values()].some((text) => /^enabled[^]*flags: .*F/.test(text));
  }
}

const pools = [
  { name: 'here', tags: ['amd64'], idleTime: 5 },
  { name: 'arm', tags: ['arm64'], idleTime: 5, executor: 'image', arch: 'arm64' },
] as const;

interface Situation {
  readonly world: World;
  readonly lab: OpenLab;
  readonly machine: Machine;
  /** The entry that this home registers. */
  readonly own: string;
  /** What the emulator does with a program; `null`: it says nothing and fails. */
  says: string | null;
  /** What the image of emulators was told. */
  readonly images: string[];
}

interface Start {
  readonly says?: string | null;
  /** The kernel's list can be read. */
  readonly isVisible?: boolean;
  /** What the image registers stays when its container has ended. */
  readonly keeps?: boolean;
  /** Before the core starts. */
  readonly prepare?: (world: World) => Promise<void>;
}

/** `text`: the entry that somebody else has registered. */
async function start(text: string, { says = 'aarch64\u0000', ...options }: Start = {}): Promise<Situation> {
  const { isVisible = true, keeps = true, prepare } = options;
  const images: string[] = [];
  const onArch = (process: FakeProcess): void => {
    const [program = ''] = process.spec.entrypoint;
    if (program === '/usr/bin/binfmt') {
      process.print(runImage(process));
      process.exit(0);
      return;
    }
    const said = program === '/amd64' ? 'x86_64' : machine.runsForeign() ? situation.says : null;
    process.print(said ?? 'Illegal instruction');
    process.exit(said === null ? 132 : 0);
  };
  const runImage = ({ spec: { command } }: FakeProcess): string => {
    images.push(command.join(' '));
    const [verb, what = ''] = command;
    if (verb === '--install' && keeps) machine.set(entry(), own);
    if (verb === '--uninstall') machine.set('', what);
    return verb === '--install' ? `installing: ${what} OK` : `uninstalling: ${what} OK`;
  };
  const world = createWorld({ pools, onArch });
  const own = ownEmulator(world.store.instance, 'arm64').name;
  const machine = new Machine(own, isVisible);
  machine.set(text);
  await world.engine.importImage(defaultSettings.emulation.image, Readable.from(['x']), {
    env: {},
    labels: {},
  });
  await prepare?.(world);
  const lab = await openLab(world, { machine });
  const situation: Situation = { world, lab, machine, own, says, images };
  opened.push([world, lab]);
  return situation;
}

/** The answer to a command that waits for its effect. */
async function answered<T>(world: World, answer: Promise<T>): Promise<T> {
  let isSettled = false;
  const done = answer.finally(() => (isSettled = true));
  done.catch(() => undefined);
  await world.clock.until(() => isSettled, 300_000);
  return done;
}

const rowOf = async (lab: OpenLab) =>
  (await lab.call('arch.list', {})).find(({ architecture }) => architecture === 'arm64');
const isDone =
  (world: World, id: number): (() => boolean) =>
  () =>
    world.gitlab.statusOf(id) === 'success';

describe('a pool for another processor', () => {
  it('runs its jobs once a program has run in a container, and is marked', async () => {
    const { world, lab } = await start(entry());
    const job = world.gitlab.addJob({ tags: ['arm64'] });
    await lab.until('the job is done', isDone(world, job), 300_000);
    expect(await rowOf(lab)).toMatchObject({ state: 'qemu', usable: true, probe: { machine: 'aarch64' } });
    const pool = lab.snapshot().pools.find(({ name }) => name === 'arm');
    expect(pool).toMatchObject({ arch: 'arm64', emulated: expect.stringContaining('5 times') as unknown });
    expect(lab.snapshot().pools.find(({ name }) => name === 'here')?.emulated).toBeUndefined();
    expect(lab.snapshot().issues).toEqual([]);
  });

  it('waits where the emulator is broken and says why, while the other goes on', async () => {
    const { world, lab } = await start(entry(), { says: null });
    const [foreign, own] = [
      world.gitlab.addJob({ tags: ['arm64'] }),
      world.gitlab.addJob({ tags: ['amd64'] }),
    ];
    await lab.until('the own job is done', isDone(world, own), 300_000);
    const { reason, sentence, next } = await lab.call('job.explain', { id: foreign });
    expect({ reason, sentence }).toEqual({
      reason: 'arch-broken',
      sentence: expect.stringContaining('The emulator qemu-aarch64 does not work') as unknown,
    });
    expect(next).toContain('autogit arch test arm64');
    expect(lab.snapshot().issues).toMatchObject([{ key: 'pool.arch-broken', subject: 'pool arm' }]);
    expect(world.taken).toEqual([own]);
  });

  it('goes on when the emulator is mended and somebody has it tried', async () => {
    const situation = await start(entry(), { says: null });
    const { world, lab } = situation;
    const job = world.gitlab.addJob({ tags: ['arm64'] });
    await lab.until('it is an issue', ({ issues }) => issues.length > 0);
    situation.says = 'aarch64';
    const asked = await answered(world, lab.call('arch.test', { architecture: 'arm64' }));
    expect(asked.message).toBe('Programs of these ran in a container: arm64.');
    await lab.until('the job is done', isDone(world, job), 300_000);
  });

  it('stops when the entry is gone, and its idle runner leaves', async () => {
    const { world, lab, machine } = await start(entry());
    const first = world.gitlab.addJob({ tags: ['arm64'] });
    await lab.until('a job is done', isDone(world, first), 300_000);
    machine.set('');
    await lab.until('it is seen', ({ issues }) => issues.some(({ key }) => key === 'pool.arch-unavailable'));
    await lab.until('no runner is left', ({ runners }) => runners.length === 0);
    const [foreign, own] = [
      world.gitlab.addJob({ tags: ['arm64'] }),
      world.gitlab.addJob({ tags: ['amd64'] }),
    ];
    await lab.until('the own job is done', isDone(world, own), 300_000);
    expect(await lab.call('job.explain', { id: foreign })).toMatchObject({ reason: 'arch-unavailable' });
    machine.set(entry());
    await lab.until('it runs again', isDone(world, foreign), 300_000);
  });

  it('is not tried again by the next core alone: what was found stays known meanwhile', async () => {
    const { world, lab } = await start(entry());
    await lab.until('it was tried', ({ architectures = [] }) =>
      architectures.some(({ state, usable }) => state === 'qemu' && usable),
    );
    await lab.lab.stop();
    const machine = new Machine('another');
    machine.set(entry());
    const next = await openLab(world, { machine, act: false });
    opened.splice(0, 1, [world, next]);
    expect(await rowOf(next)).toMatchObject({ state: 'qemu', usable: true });
  });
});

describe('arch enable', () => {
  it('says what to install, and changes nothing, until a person agrees to more', async () => {
    const { lab, images } = await start('');
    const asked = await lab.call('arch.enable', { architecture: 'arm64' });
    expect(asked.message).toContain('apt-get install --no-install-recommends qemu-user-static');
    expect(asked.next).toContain('autogit arch enable arm64 --privileged');
    const would = await lab.call('arch.enable', { architecture: 'arm64', privileged: true, dryRun: true });
    expect(would.actions).toMatchObject([{ kind: 'install-emulator' }]);
    expect(images).toEqual([]);
  });

  it('says to try it first where nobody can see whether it runs already', async () => {
    const { world, lab } = await start('', { isVisible: false });
    const asked = await answered(world, lab.call('arch.enable', { architecture: 'riscv64' }));
    expect(asked.message).toContain('cannot be seen');
    expect(asked.next).toBe('Try it: autogit arch test riscv64');
  });

  const wish = { architecture: 'arm64', privileged: true } as const;

  it('has the image register it, and disable has it removed: as it was before', async () => {
    const { world, lab, images, machine, own } = await start('');
    const enabled = await answered(world, lab.call('arch.enable', wish));
    expect(enabled.message).toContain(`through ${own}, a program in a container said aarch64`);
    expect(enabled.architectures).toMatchObject([{ ours: true }]);
    expect(images).toEqual(['--install arm64']);
    const disabled = await answered(world, lab.call('arch.disable', { architecture: 'arm64' }));
    expect(disabled.architectures).toMatchObject([{ state: 'missing', usable: false }]);
    expect(disabled.message).toContain('it is as it was before');
    expect(images).toEqual(['--install arm64', `--uninstall ${own}`]);
    expect(machine.has(own)).toBe(false);
  });

  it('does so where the list cannot be seen, and what has gone is believed no longer', async () => {
    const { world, lab, images, own } = await start('', { isVisible: false });
    await answered(world, lab.call('arch.enable', wish));
    expect(await rowOf(lab)).toMatchObject({ state: 'qemu', usable: true, ours: true, handler: null });
    const before = world.clock.now();
    const disabled = await answered(world, lab.call('arch.disable', { architecture: 'arm64' }));
    expect(world.clock.now() - before).toBeLessThan(10_000);
    expect(disabled.architectures).toMatchObject([{ usable: false }]);
    expect(images).toEqual(['--install arm64', `--uninstall ${own}`]);
    await lab.until('it was tried', ({ architectures = [] }) =>
      architectures.some(({ architecture, state }) => architecture === 'arm64' && state === 'missing'),
    );
  });

  it('registers it again after a start of the machine', async () => {
    const { world, lab, images, machine, own } = await start('');
    await answered(world, lab.call('arch.enable', wish));
    await world.clock.advance(60_000);
    machine.set('', own);
    await lab.until('it is there again', () => images.length === 2);
    expect(machine.has(own)).toBe(true);
  });

  it('has nothing left to remove where a start of the machine has taken it, and a package has its own there', async () => {
    const { world, lab, images, machine, own } = await start('');
    await answered(world, lab.call('arch.enable', wish));
    machine.set('', own);
    machine.set(entry());
    await lab.until('it runs by the package', ({ architectures = [] }) =>
      architectures.some(({ usable, handler }) => usable && handler?.name === 'qemu-aarch64'),
    );
    const before = world.clock.now();
    const disabled = await answered(world, lab.call('arch.disable', { architecture: 'arm64' }));
    expect(world.clock.now() - before).toBeLessThan(10_000);
    expect(disabled.message).toContain('qemu-aarch64, which is there, came from somebody else and stays.');
    await world.clock.advance(300_000);
    expect(images).toEqual(['--install arm64']);
    expect(machine.has('qemu-aarch64')).toBe(true);
  });

  it('gives up where the engine keeps nothing of it, and says so', async () => {
    const { world, lab, images } = await start('', { keeps: false });
    await expect(answered(world, lab.call('arch.enable', wish))).rejects.toMatchObject({
      key: 'arch.emulator-failed',
    });
    await world.clock.advance(600_000);
    expect(images.length).toBe(3);
    const trouble = lab.snapshot().issues.filter(({ key }) => key === 'arch.emulator-failed');
    expect(trouble).toMatchObject([{ message: expect.stringContaining('in 3 tries') as unknown }]);
    await expect(answered(world, lab.call('arch.enable', wish))).rejects.toMatchObject({
      message: expect.stringContaining('its program ended with code 132') as unknown,
    });
    expect(images.length).toBe(4);
  });

  it('is taken back by a teardown, which is not over before', async () => {
    const { world, lab, images, machine, own } = await start('');
    await answered(world, lab.call('arch.enable', wish));
    await answered(world, lab.call('lab.teardown', {}));
    expect(images).toEqual(['--install arm64', `--uninstall ${own}`]);
    expect(machine.has(own)).toBe(false);
  });

  it('registers nothing where somebody else has just done so', async () => {
    const { world, lab, images, machine } = await start('');
    await world.configure({ pools: [pools[0]] });
    await world.clock.advance(10_000);
    machine.set(entry());
    const asked = await answered(world, lab.call('arch.enable', wish));
    expect(asked.message).toBe('qemu-aarch64 is registered already, and has not been tried yet.');
    expect(asked.architectures).toMatchObject([{ handler: { name: 'qemu-aarch64' } }]);
    expect(asked.next).toContain('autogit arch test arm64');
    machine.set(entry('O'));
    await expect(answered(world, lab.call('arch.enable', wish))).rejects.toMatchObject({
      key: 'arch.handler-in-the-way',
    });
    expect(images).toEqual([]);
  });

  it('clears up what a killed core has left of a try or a registration', async () => {
    const prepare = async ({ engine, store, secrets }: World): Promise<void> => {
      const name = `autogit-emulators-${store.instance.slice(0, 8)}`;
      const facts = { node: 'n', role: 'arch', pool: null, specHash: '' } as const;
      const labels = signedLabels(name, facts, { instance: store.instance, secrets });
      await engine.importImage(probeImage(store.instance), Readable.from(['x']), {
        env: {},
        labels: { [label.managed]: 'true', [label.instance]: store.instance },
      });
      await engine.createContainer({
        ...{ name, image: defaultSettings.emulation.image, labels, network: 'none', privileged: true },
        ...{ entrypoint: [], command: [], env: {}, aliases: [], publish: [], volumes: {}, cpus: null },
        ...{ memoryMiB: null, stopSignal: 'SIGKILL', capabilities: [] },
      });
    };
    const { world } = await start('', { prepare });
    await world.clock.advance(30_000);
    expect(await world.engine.listContainers({ [label.role]: 'arch' })).toEqual([]);
    expect(await world.engine.hasImage(probeImage(world.store.instance))).toBe(false);
  });

  it('leaves alone what came from somebody else', async () => {
    const { world, lab } = await start(entry('O'));
    const enabled = answered(world, lab.call('arch.enable', wish));
    await expect(enabled).rejects.toMatchObject({ key: 'arch.handler-in-the-way' });
    const disabled = answered(world, lab.call('arch.disable', { architecture: 'arm64' }));
    await expect(disabled).rejects.toMatchObject({ key: 'arch.not-ours' });
  });
});

describe('arch ci', () => {
  it('names those that run here, and how slow they are', async () => {
    const { lab } = await start(entry());
    await lab.until('it was tried', ({ architectures = [] }) =>
      architectures.some(({ state, usable }) => state === 'qemu' && usable),
    );
    const { file } = await lab.call('arch.ci', {});
    expect(file).toContain('ARCH: [amd64, arm64]');
    expect(file).toContain('platform=linux/amd64,linux/arm64');
    expect(file).toContain('By emulation: arm64.');
    expect(file).toContain('Not here yet: arm, ppc64le, s390x, riscv64.');
  });
});
