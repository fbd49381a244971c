// How an engine stands with each processor, from its machine's handlers and from tries in containers.
import { describe, expect, it } from 'vitest';
import type { ArchProbe, ArchStatus, BinfmtHandler, BinfmtView } from '../../../main/model/emulation.ts';
import type { Architecture } from '../../../main/model/pool-container.ts';
import { ownEmulator } from '../../../main/model/emulation.ts';
import { archStatuses } from '../../../main/plan/arch-status.ts';

const machine = { kind: 'docker', version: '28.0', architecture: 'amd64', rootless: false } as const;
const instance = '1a2b3c4d-0000-4000-8000-000000000000';
const handler: BinfmtHandler = {
  ...{ name: 'qemu-aarch64', enabled: true, interpreter: '/usr/bin/qemu-aarch64-static' },
  ...{ flags: 'OCF', architecture: 'arm64' },
};
const enabled = (...handlers: readonly BinfmtHandler[]): BinfmtView => ({ state: 'enabled', handlers });

function statusOf(
  view: BinfmtView,
  probe: Partial<ArchProbe> | null = null,
  architecture: Architecture = 'arm64',
  engine: Parameters<typeof archStatuses>[0] = machine,
): ArchStatus {
  const find = (probes: readonly ArchProbe[]): ArchStatus | undefined =>
    archStatuses(engine, view, probes, instance).find((one) => one.architecture === architecture);
  const { spec = '' } = find([]) ?? {};
  const tried = { architecture, at: 1, spec, machine: 'aarch64', failure: null, ...probe };
  const found = find(probe === null ? [] : [tried]);
  if (found === undefined) throw new Error('every processor has a status');
  return found;
}

describe('a processor', () => {
  it('is native where it is the engine’s own, or runs there as well', () => {
    expect(statusOf(enabled(), null, 'amd64')).toMatchObject({ state: 'native', usable: true });
    expect(statusOf(enabled(), null, '386')).toMatchObject({ state: 'native', usable: true, handler: null });
  });

  it('that should run by itself and did not is broken', () => {
    const status = statusOf(enabled(), { machine: null, failure: 'exec format error.' }, '386');
    expect(status).toMatchObject({ state: 'broken', usable: false });
    expect(status.reason).toContain('exec format error');
  });

  it('with an emulator is usable only once a program has run', () => {
    const untried = statusOf(enabled(handler));
    expect(untried).toMatchObject({ state: 'qemu', usable: false, handler: { name: 'qemu-aarch64' } });
    expect(untried.fix).toContain('autogit arch test arm64');
    expect(statusOf(enabled(handler), {})).toMatchObject({ state: 'qemu', usable: true, reason: null });
  });

  it('whose emulator fails is broken, and says what was said', () => {
    const status = statusOf(enabled(handler), { machine: null, failure: 'Segmentation fault.' });
    expect(status).toMatchObject({ state: 'broken', usable: false });
    expect(status.reason).toBe('The emulator qemu-aarch64 does not work: Segmentation fault.');
  });

  it('counts a try only for the same engine and the same entry', () => {
    expect(statusOf(enabled(handler), { spec: 'of another one' })).toMatchObject({
      probe: null,
      usable: false,
    });
    const { spec } = statusOf(enabled(handler));
    expect(statusOf(enabled({ ...handler, flags: 'F' })).spec).not.toBe(spec);
    expect(statusOf(enabled(handler), null, 'arm64', { ...machine, version: '29.0' }).spec).not.toBe(spec);
  });

  it.each([
    ['without F', enabled({ ...handler, flags: 'OC' }), 'without the flag F (it has OC)', 'qemu-user-static'],
    ['that is off', enabled({ ...handler, enabled: false }), 'switched off', 'binfmt_misc/qemu-aarch64'],
    [
      'on a machine where all are off',
      { ...enabled(handler), state: 'disabled' as const },
      'switched off',
      'status',
    ],
  ])('with an emulator %s is broken, and says the fix', (_, view, reason, fix) => {
    const status = statusOf(view);
    expect(status).toMatchObject({ state: 'broken', usable: false });
    expect(status.reason).toContain(reason);
    expect(status.fix).toContain(fix);
  });

  it('with two emulators goes by the one that containers can use', () => {
    const status = statusOf(enabled({ ...handler, name: 'old', flags: '' }, handler));
    expect(status.handler?.name).toBe('qemu-aarch64');
  });

  it('with none is missing where that can be seen, and unknown where not', () => {
    expect(statusOf(enabled())).toMatchObject({ state: 'missing', usable: false });
    const unseen = { state: 'not-mounted', handlers: [] } as const;
    expect(statusOf(unseen)).toMatchObject({ state: 'unknown' });
    expect(statusOf({ state: 'elsewhere', handlers: [] })).toMatchObject({ state: 'unknown' });
    // A rootless engine may have a list of its own.
    expect(statusOf(enabled(), null, 'arm64', { ...machine, rootless: true })).toMatchObject({
      state: 'unknown',
    });
    expect(statusOf(unseen, {})).toMatchObject({ state: 'qemu', usable: true });
    expect(statusOf(unseen, { machine: null, failure: 'exec format error' })).toMatchObject({
      state: 'missing',
    });
  });

  describe('arm on an arm64', () => {
    const arm64 = { ...machine, architecture: 'arm64' };
    const arm = (change: Partial<BinfmtHandler> = {}): BinfmtHandler => ({
      ...{ ...handler, name: 'qemu-arm', architecture: 'arm' },
      ...change,
    });

    it('is unknown before it is tried: many of them run it by themselves', () => {
      for (const view of [enabled(), enabled(arm({ enabled: false }))])
        expect(statusOf(view, null, 'arm', arm64)).toMatchObject({
          ...{ state: 'unknown', usable: false },
          ...{ fix: 'Try it: autogit arch test arm' },
        });
    });

    it('is native where its program runs without an emulator, and missing where it does not', () => {
      expect(statusOf(enabled(), { machine: 'armv8l' }, 'arm', arm64)).toMatchObject({ state: 'native' });
      const failed = { machine: null, failure: 'exec format error' };
      expect(statusOf(enabled(), failed, 'arm', arm64)).toMatchObject({ state: 'missing' });
      expect(statusOf(enabled(arm()), { machine: 'armv7l' }, 'arm', arm64)).toMatchObject({ state: 'qemu' });
    });
  });

  it('386 on an amd64 goes to an emulator that is registered: the kernel asks its list first', () => {
    const i386: BinfmtHandler = { ...handler, name: 'qemu-i386', architecture: '386' };
    expect(statusOf(enabled(i386), null, '386')).toMatchObject({ state: 'qemu', usable: false });
    expect(statusOf(enabled(i386), { machine: 'i686' }, '386')).toMatchObject({
      state: 'qemu',
      usable: true,
    });
    expect(statusOf(enabled({ ...i386, flags: 'OC' }), null, '386')).toMatchObject({ state: 'broken' });
    expect(statusOf(enabled({ ...i386, enabled: false }), null, '386')).toMatchObject({ state: 'native' });
    expect(statusOf({ ...enabled(i386), state: 'disabled' }, null, '386')).toMatchObject({ state: 'native' });
    const own: BinfmtHandler = { ...handler, name: 'qemu-x86_64', architecture: 'amd64' };
    expect(statusOf(enabled(own), null, 'amd64')).toMatchObject({ state: 'native', usable: true });
  });

  it('has an emulator of this home only under the name that this home gives', () => {
    const { name } = ownEmulator(instance, 'arm64');
    expect(name).toBe('autogit-1a2b3c4d-qemu-aarch64');
    const ownOf = (...found: Parameters<typeof statusOf>): boolean | null => statusOf(...found).own;
    expect(ownOf(enabled(handler, { ...handler, name }))).toBe(true);
    // The very path and flags of the image's own: Ubuntu's package has them, too.
    expect(ownOf(enabled({ ...handler, interpreter: '/usr/bin/qemu-aarch64', flags: 'POCF' }))).toBe(false);
    expect(ownOf(enabled())).toBe(false);
    expect(ownOf({ state: 'elsewhere', handlers: [] })).toBeNull();
    expect(ownOf(enabled(), null, 'arm64', { ...machine, rootless: true })).toBeNull();
    // It runs, and nothing is listed: the engine's list is another one.
    expect(ownOf(enabled(), {})).toBeNull();
  });
});
