// Which processors are tried when, and which emulators are registered or removed.
import { describe, expect, it } from 'vitest';
import { ownEmulator, probeImage } from '../../../main/model/emulation.ts';
import type { ArchProbe, BinfmtHandler, BinfmtView } from '../../../main/model/emulation.ts';
import type { Architecture } from '../../../main/model/pool-container.ts';
import type { Container } from '../../../main/model/runner.ts';
import type { ArchRenewal, HostNode } from '../../../main/model/world.ts';
import { archStatuses } from '../../../main/plan/arch-status.ts';
import { plan } from '../../../main/plan/plan.ts';
import { architecturesOf, planArchitectures } from '../../../main/plan/plan-architectures.ts';
import { planGround } from '../../../main/plan/plan-ground.ts';
import { someInfo } from '../../fakes/some-engine.ts';
import {
  fresh,
  now,
  someContainer,
  someDesired,
  someNode,
  someObserved,
  somePool,
  someView,
} from '../../fakes/world.ts';

const day = 86_400_000;
const image = 'emulators:1';
const { instance } = someDesired();
const handler = (name = 'qemu-aarch64', interpreter = '/usr/bin/qemu-aarch64'): BinfmtHandler => ({
  ...{ name, interpreter, enabled: true, flags: 'OCF', architecture: 'arm64' },
});
/** As this home registers it. */
const own = handler(ownEmulator(instance, 'arm64').name, '/usr/bin/it');
const view = (...handlers: readonly BinfmtHandler[]): BinfmtView => ({ state: 'enabled', handlers });
const unseen: BinfmtView = { state: 'not-mounted', handlers: [] };
const info = someInfo({ architecture: 'amd64', rootless: false });

/** A node whose arm64 was tried at some time, or not. */
function nodeWith(seen: BinfmtView, triedAt: number | null = null, failure: string | null = null): HostNode {
  const spec =
    archStatuses(info, seen, [], instance).find(({ architecture }) => architecture === 'arm64')?.spec ?? '';
  const machine = failure === null ? 'aarch64' : null;
  const probe: ArchProbe = { architecture: 'arm64', at: triedAt ?? 0, spec, machine, failure };
  const architectures = archStatuses(info, seen, triedAt === null ? [] : [probe], instance);
  return { ...someNode(fresh(someView({ info }))), architectures };
}

const renewal: ArchRenewal = { since: now - 60_000, wishes: {}, registered: {}, tries: {} };
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

describe('what belongs to a try', () => {
  const left = someContainer({ role: 'arch', name: 'autogit-emulators-1', image: 'emulators:1' });
  const imageOfTry = probeImage(instance);
  const planned = (target: string, containers: readonly Container[] = []): readonly string[] => {
    const node = someNode(fresh(someView({ info, containers, images: ['sha256:1', imageOfTry] })));
    const desired = someDesired({ pools: [arm] });
    const inFlight = target === '' ? [] : [{ key: 'x', target: architecturesOf(node) }];
    return planGround(desired, someObserved({ nodes: [node], inFlight })).flatMap((action) =>
      action.kind === 'remove-image'
        ? [`remove ${action.image}`]
        : action.kind === 'remove-container'
          ? [`remove ${action.container.name}`]
          : [],
    );
  };

  it('is nobody else’s business while it runs, though its image has no name yet', () => {
    expect(planned('under way', [left])).toEqual([]);
  });

  it('is removed where a kill has left it, before another try begins', () => {
    expect(planned('', [left])).toEqual([`remove ${left.name}`, `remove ${imageOfTry}`, 'remove sha256:1']);
    const user = { ...left, image: imageOfTry };
    expect(planned('', [user])).toEqual([`remove ${left.name}`, 'remove sha256:1']);
    const node = {
      ...nodeWith(view(handler())),
      engine: fresh(someView({ info, containers: [left] })),
    };
    const { actions } = plan(
      someDesired({ pools: [arm] }),
      someObserved({ nodes: [node], archRenewal: renewal }),
      now,
    );
    const kinds = actions.filter(({ target }) => target === architecturesOf(node)).map(({ kind }) => kind);
    expect(kinds).toEqual(['remove-container']);
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

  it('registered where its effect cannot be seen, once a program has not run', () => {
    const wanted = { emulation: emulation('arm64') };
    expect(deeds(nodeWith(unseen), wanted)).toEqual(['try arm64']);
    expect(deeds(nodeWith(unseen, now - 1_000, 'exec format error'), wanted)).toEqual([
      'install-emulator arm64',
    ]);
    // Also after somebody has had it tried in vain where the list can be seen.
    expect(deeds(nodeWith(view(), now - 1_000, 'exec format error'), wanted)).toEqual([
      'install-emulator arm64',
    ]);
  });

  it.each([
    ['registered', { emulation: emulation('arm64') }, view(), 'enable arm64 --privileged'],
    ['removed', {}, view(own), 'disable arm64'],
  ] as const)('not %s by one privileged container after the other, without end', (_, wishes, seen, again) => {
    const desired = { pools: [], mode: 'serve', emulation: emulation(), ...wishes } as const;
    const of = (tries: number) =>
      planArchitectures(
        desired,
        { nodes: [nodeWith(seen)], archRenewal: { ...renewal, tries: { arm64: tries } } },
        now,
      );
    expect(of(2).actions).toMatchObject([{ node: someNode(fresh(someView({}))).id }]);
    expect(of(2).issues).toEqual([]);
    const { actions, issues } = of(3);
    expect(actions.filter(({ kind }) => kind.endsWith('-emulator'))).toEqual([]);
    expect(issues).toMatchObject([
      { key: 'arch.emulator-failed', next: expect.stringContaining(again) as unknown },
    ]);
  });

  it('removed when it is not wanted any more, if this home registered it', () => {
    expect(deeds(nodeWith(view(own), now - 1))).toEqual(['remove-emulator arm64']);
    expect(deeds(nodeWith(view(handler(), own), now - 1))).toEqual(['remove-emulator arm64']);
    const gone = { mode: 'teardown', emulation: emulation('arm64') } as const;
    expect(deeds(nodeWith(view(own), now - 1), gone)).toEqual(['remove-emulator arm64']);
  });

  it('removed where nobody can see it, if it is written down', () => {
    const registered = { arm64: now - 9_000 };
    expect(deeds(nodeWith(unseen, now - 1), {}, { registered })).toEqual(['remove-emulator arm64']);
    expect(deeds(nodeWith(unseen, now - 1))).toEqual([]);
    expect(deeds(nodeWith(view()), {}, { registered })).toEqual([]);
  });

  it('not removed where a package has its own, in the very place of the image’s', () => {
    const registered = { arm64: now - 9_000 };
    expect(deeds(nodeWith(view(handler()), now - 1), {}, { registered })).toEqual([]);
  });
});
