// How an engine stands with each processor, from its machine's handlers and from tries in containers.
import { describe, expect, it } from 'vitest';
import type { ArchProbe, ArchStatus, BinfmtHandler, BinfmtView } from '../../../main/model/emulation.ts';
import type { Architecture } from '../../../main/model/pool-container.ts';
import { archStatuses } from '../../../main/plan/arch-status.ts';

const machine = { kind: 'docker', version: '28.0', architecture: 'amd64', rootless: false } as const;
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
    archStatuses(engine, view, probes).find((one) => one.architecture === architecture);
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

  it('arm that an arm64 runs without an emulator is native', () => {
    const arm64 = { ...machine, architecture: 'arm64' };
    expect(statusOf(enabled(), { machine: 'armv8l' }, 'arm', arm64)).toMatchObject({ state: 'native' });
  });
});
