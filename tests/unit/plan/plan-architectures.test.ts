// Which processors are tried when, and which emulators are registered or removed.
import { describe, expect, it } from 'vitest';
import type { ArchProbe, BinfmtHandler, BinfmtView } from '../../../main/model/emulation.ts';
import type { Architecture } from '../../../main/model/pool-container.ts';
import type { ArchRenewal, HostNode } from '../../../main/model/world.ts';
import { archStatuses } from '../../../main/plan/arch-status.ts';
import { planArchitectures, probeKey } from '../../../main/plan/plan-architectures.ts';
import { planGround } from '../../../main/plan/plan-ground.ts';
import { someInfo } from '../../fakes/some-engine.ts';
import { fresh, now, someDesired, someNode, someObserved, somePool, someView } from '../../fakes/world.ts';

const day = 86_400_000;
const image = 'emulators:1';
const handler = (name = 'qemu-aarch64', interpreter = '/usr/bin/qemu-aarch64'): BinfmtHandler => ({
  ...{ name, interpreter, enabled: true, flags: 'OCF', architecture: 'arm64' },
});
const view = (...handlers: readonly BinfmtHandler[]): BinfmtView => ({ state: 'enabled', handlers });
const unseen: BinfmtView = { state: 'not-mounted', handlers: [] };
const info = someInfo({ architecture: 'amd64', rootless: false });

/** A node whose arm64 was tried at some time, or not. */
function nodeWith(seen: BinfmtView, triedAt: number | null = null, failure: string | null = null): HostNode {
  const spec = archStatuses(info, seen, []).find(({ architecture }) => architecture === 'arm64')?.spec ?? '';
  const machine = failure === null ? 'aarch64' : null;
  const probe: ArchProbe = { architecture: 'arm64', at: triedAt ?? 0, spec, machine, failure };
  const architectures = archStatuses(info, seen, triedAt === null ? [] : [probe]);
  return { ...someNode(fresh(someView({ info }))), architectures };
}

const renewal: ArchRenewal = { since: now - 60_000, wishes: {}, installed: {} };
const arm = somePool({ name: 'arm', executor: 'image', arch: 'arm64' });
const emulation = (...architectures: readonly Architecture[]) => ({
  architectures: [...architectures],
  image,
});

function deeds(
  node: HostNode,
  wishes: Partial<Parameters<typeof planArchitectures>[0]> = {},
  change: Partial<ArchRenewal> = {},
) {
  const desired = { pools: [arm], mode: 'serve', emulation: emulation(), ...wishes } as const;
  const observed = { nodes: [node], archRenewal: { ...renewal, ...change } };
  return planArchitectures(desired, observed, now).actions.map((action) =>
    action.kind === 'probe-architectures'
      ? `try ${action.architectures.map(({ architecture }) => architecture).join(' ')}`
      : 'architecture' in action
        ? `${action.kind} ${action.architecture}`
        : action.kind,
  );
}

describe('a processor is tried', () => {
  it('before the first job of a pool that asks for it, and not for nobody', () => {
    expect(deeds(nodeWith(view(handler())))).toEqual(['try arm64']);
    expect(deeds(nodeWith(view(handler())), { pools: [somePool({})] })).toEqual([]);
    expect(deeds(nodeWith(view(handler())), { pools: [{ ...arm, executor: 'container' }] })).toEqual([]);
  });

  it('once, then again after a start of the core, and daily', () => {
    expect(deeds(nodeWith(view(handler()), now - 1_000))).toEqual([]);
    expect(deeds(nodeWith(view(handler()), now - 120_000))).toEqual(['try arm64']);
    const longAgo = { since: now - 2 * day };
    expect(deeds(nodeWith(view(handler()), now - 120_000), {}, longAgo)).toEqual([]);
    expect(deeds(nodeWith(view(handler()), now - day), {}, longAgo)).toEqual(['try arm64']);
  });

  it('when the next day comes, without any news', () => {
    const observed = { nodes: [nodeWith(view(handler()), now - 1_000)], archRenewal: renewal };
    expect(planArchitectures({ pools: [arm], mode: 'serve' }, observed, now).wakeAt).toBe(now - 1_000 + day);
  });

  it('where nobody can see whether there is an emulator', () => {
    expect(deeds(nodeWith(unseen))).toEqual(['try arm64']);
  });

  it('not where reading shows that it cannot run, unless somebody asks', () => {
    expect(deeds(nodeWith(view()))).toEqual([]);
    expect(deeds(nodeWith(view({ ...handler(), flags: 'O' })))).toEqual([]);
    expect(deeds(nodeWith(view()), {}, { wishes: { arm64: now } })).toEqual(['try arm64']);
  });

  it('when somebody asks, whatever it is and whoever needs it, all in one go', () => {
    const wishes = { arm64: now, amd64: now, riscv64: now };
    expect(deeds(nodeWith(view(handler()), now - 5), { pools: [] }, { wishes })).toEqual([
      'try amd64 arm64 riscv64',
    ]);
    expect(deeds(nodeWith(view(handler()), now), { pools: [] }, { wishes: { arm64: now } })).toEqual([]);
  });

  it('on an engine that answers, only', () => {
    const gone = { ...nodeWith(view(handler())), engine: { state: 'never' } } as const;
    expect(deeds(gone)).toEqual([]);
  });
});

describe('the image of a try', () => {
  it('is not taken for the rest of an import that was cut off, while it has no name yet', () => {
    const node = someNode(fresh(someView({ images: ['sha256:1'] })));
    const removed = (key: string): readonly string[] =>
      planGround(someDesired(), someObserved({ nodes: [node], inFlight: [{ key, target: 'x' }] }))
        .filter(({ kind }) => kind === 'remove-image')
        .map(({ target }) => target);
    expect(removed(probeKey(node.id))).toEqual([]);
    expect(removed('another')).toEqual(['image sha256:1']);
  });
});

describe('an emulator is', () => {
  it('registered where the settings want it and there is none', () => {
    expect(deeds(nodeWith(view()), { emulation: emulation('arm64') })).toEqual(['install-emulator arm64']);
  });

  it('never registered over another one, broken as it may be', () => {
    for (const flags of ['OCF', 'O', ''])
      expect(deeds(nodeWith(view({ ...handler(), flags })), { emulation: emulation('arm64') })).not.toContain(
        'install-emulator arm64',
      );
  });

  it('tried once it is registered', () => {
    expect(deeds(nodeWith(view(handler())), { pools: [], emulation: emulation('arm64') })).toEqual([
      'try arm64',
    ]);
  });

  it('registered once only where its effect cannot be seen and does not come', () => {
    const failed = nodeWith(unseen, now - 1_000, 'exec format error');
    const wanted = { emulation: emulation('arm64') };
    expect(deeds(nodeWith(unseen), wanted)).toEqual(['try arm64']);
    expect(deeds(failed, wanted)).toEqual(['install-emulator arm64']);
    expect(deeds(failed, wanted, { installed: { arm64: now - 500 } })).toEqual(['try arm64']);
    expect(deeds(failed, wanted, { installed: { arm64: now - 2_000 } })).toEqual([]);
  });

  it('removed when it is not wanted any more, if this home registered it', () => {
    const installed = { arm64: now - 9_000 };
    expect(deeds(nodeWith(view(handler()), now - 1), {}, { installed })).toEqual(['remove-emulator arm64']);
    expect(deeds(nodeWith(view(handler()), now - 1))).toEqual([]);
    const gone = { mode: 'teardown', emulation: emulation('arm64') } as const;
    expect(deeds(nodeWith(view(handler()), now - 1), gone, { installed })).toEqual(['remove-emulator arm64']);
  });

  it('not removed where a package has put its own in the place meanwhile', () => {
    const packaged = handler('qemu-aarch64', '/usr/libexec/qemu-binfmt/aarch64-binfmt-P');
    expect(deeds(nodeWith(view(packaged), now - 1), {}, { installed: { arm64: now - 9_000 } })).toEqual([]);
  });
});
