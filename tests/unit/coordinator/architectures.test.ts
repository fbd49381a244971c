// The whole core on a machine that emulates another processor: what was tried counts, and what breaks stops its pool alone.
import { Readable } from 'node:stream';
import { afterEach, describe, expect, it } from 'vitest';
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
  readonly files = {
    [`${folder}/status`]: 'enabled',
    [`${folder}/qemu-aarch64`]: '',
    '/etc/os-release': 'ID=debian',
  };

  set(text: string): void {
    this.files[`${folder}/qemu-aarch64`] = text;
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
  /** What the emulator does with a program; `null`: it says nothing and fails. */
  says: string | null;
  readonly images: string[];
}

async function start(text: string, says: string | null = 'aarch64\u0000'): Promise<Situation> {
  const machine = new Machine();
  machine.set(text);
  const images: string[] = [];
  const onArch = (process: FakeProcess): void => {
    const [program = ''] = process.spec.entrypoint;
    const said =
      program === '/usr/bin/binfmt' ? runImage(process) : program === '/amd64' ? 'x86_64' : situation.says;
    process.print(said ?? 'Illegal instruction');
    process.exit(said === null ? 132 : 0);
  };
  const runImage = ({ spec: { command } }: FakeProcess): string => {
    images.push(command.join(' '));
    machine.set(command[0] === '--install' ? entry() : '');
    return command[0] === '--install' ? 'installing: arm64 OK' : 'uninstalling: qemu-aarch64 OK';
  };
  const world = createWorld({ pools, onArch });
  const lab = await openLab(world, { machine });
  const situation: Situation = { world, lab, machine, says, images };
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
    const { world, lab } = await start(entry(), null);
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
    const situation = await start(entry(), null);
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
    const machine = new Machine();
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

  it('has the image register it, and disable has it removed: as it was before', async () => {
    const { world, lab, images, machine } = await start('');
    await world.engine.importImage(defaultSettings.emulation.image, Readable.from(['x']), {
      env: {},
      labels: {},
    });
    const wish = { architecture: 'arm64', privileged: true } as const;
    const enabled = await answered(world, lab.call('arch.enable', wish));
    expect(enabled.message).toContain('through qemu-aarch64, a program in a container said aarch64');
    expect(images).toEqual(['--install arm64']);
    const disabled = await answered(world, lab.call('arch.disable', { architecture: 'arm64' }));
    expect(disabled.architectures).toMatchObject([{ state: 'missing', usable: false }]);
    expect(images).toEqual(['--install arm64', '--uninstall qemu-aarch64']);
    expect(machine.files[`${folder}/qemu-aarch64`]).toBe('');
  });

  it('registers nothing where an emulator stands that nobody has tried', async () => {
    const { world, lab, images, machine } = await start('');
    await world.configure({ pools: [pools[0]] });
    await world.clock.advance(10_000);
    machine.set(entry());
    await world.clock.advance(300_000);
    const asked = await lab.call('arch.enable', { architecture: 'arm64', privileged: true });
    expect(asked.message).toBe('qemu-aarch64 is registered already, and has not been tried yet.');
    expect(asked.next).toContain('autogit arch test arm64');
    expect(images).toEqual([]);
  });

  it('leaves alone what came from somebody else', async () => {
    const { lab } = await start(entry('O'));
    const enabled = lab.call('arch.enable', { architecture: 'arm64', privileged: true });
    await expect(enabled).rejects.toMatchObject({ key: 'arch.handler-in-the-way' });
    const disabled = lab.call('arch.disable', { architecture: 'arm64' });
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
    expect(file).toContain("ARCH: [amd64, arm64, '386']");
    expect(file).toContain('platform=linux/amd64,linux/arm64,linux/386');
    expect(file).toContain('By emulation: arm64.');
    expect(file).toContain('Not here yet: arm, ppc64le, s390x, riscv64.');
  });
});
