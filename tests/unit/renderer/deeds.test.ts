import { describe, expect, it, vi } from 'vitest';
import { AutoGitError } from '../../../main/errors.ts';
import { createDeeds, demoDeed, drainLab, engineDeed, resetSandbox } from '../../../renderer/state/deeds.ts';
import type { Deeds, DeedState } from '../../../renderer/state/deeds.ts';
import { resetPersonDeed } from '../../../renderer/state/people-deeds.ts';
import { createFakeCore } from '../../fakes/fake-core.ts';
import type { FakeCore } from '../../fakes/fake-core.ts';
import { somePassword, someTotp } from '../../fakes/fake-user-calls.ts';

function open(): { core: FakeCore; deeds: Deeds } {
  const core = createFakeCore();
  return { core, deeds: createDeeds(core, Date.now) };
}

type In<P extends DeedState['phase']> = Extract<DeedState, { readonly phase: P }>;

function isIn<P extends DeedState['phase']>(state: DeedState | undefined, phase: P): state is In<P> {
  return state?.phase === phase;
}

async function until<P extends DeedState['phase']>(deeds: Deeds, phase: P): Promise<In<P>> {
  return vi.waitFor(() => {
    const state = deeds.get()?.state;
    if (!isIn(state, phase)) throw new Error(`it is ${String(state?.phase)}`);
    return state;
  });
}

describe('a deed', () => {
  it('asks only for its plan until somebody confirms', async () => {
    const { core, deeds } = open();
    deeds.ask(resetSandbox);
    expect(await until(deeds, 'planned')).toMatchObject({ steps: [{ plan: { dryRun: true } }] });
    expect(core.calls).toEqual([{ name: 'sandbox.reset', input: { dryRun: true } }]);
  });

  it('does nothing when it is dismissed', async () => {
    const { core, deeds } = open();
    deeds.ask(drainLab);
    await until(deeds, 'planned');
    deeds.dismiss();
    expect(deeds.get()).toBeNull();
    deeds.confirm();
    expect(core.world.snapshot().mode).toBe('serve');
  });

  it('cannot be confirmed before its plan is there', () => {
    const { deeds } = open();
    deeds.ask(drainLab);
    deeds.confirm();
    expect(deeds.get()?.state.phase).toBe('planning');
  });

  it('is done step by step, and tells the last outcome', async () => {
    const { core, deeds } = open();
    deeds.ask(demoDeed(7, false));
    const planned = await until(deeds, 'planned');
    // What the second step would do can be said only after the first.
    expect(planned).toMatchObject({ steps: [{ plan: { dryRun: true } }, { plan: null }] });
    deeds.confirm();
    expect(await until(deeds, 'done')).toMatchObject({ outcome: { message: 'A project with 7 jobs.' } });
    expect(core.calls.slice(1)).toEqual([
      { name: 'sandbox.start', input: { dryRun: false } },
      { name: 'sandbox.seed', input: { jobs: 7 } },
    ]);
  });

  it('only pushes jobs when the sandbox runs already', async () => {
    const { core, deeds } = open();
    deeds.ask(demoDeed(3, true));
    await until(deeds, 'planned');
    expect(core.calls).toEqual([{ name: 'sandbox.seed', input: { jobs: 3, dryRun: true } }]);
  });

  it('says why it is refused', async () => {
    const { core, deeds } = open();
    const problem = { key: 'engine.unreachable', message: 'No engine.', next: 'Start it.' };
    core.failNext('sandbox.start', new AutoGitError(problem));
    deeds.ask(demoDeed(3, false));
    const { error } = await until(deeds, 'refused');
    expect(error.message).toContain('No engine.');
  });

  it('says at which step it failed, and can be tried again', async () => {
    const { core, deeds } = open();
    deeds.ask(demoDeed(3, false));
    await until(deeds, 'planned');
    core.failNext('sandbox.seed', new Error('pushed nothing'));
    deeds.confirm();
    expect(await until(deeds, 'failed')).toMatchObject({ step: 1 });
    deeds.confirm();
    await until(deeds, 'done');
  });

  it('goes on when its dialog is closed, and is shown again instead of another one', async () => {
    const { core, deeds } = open();
    deeds.ask(drainLab);
    await until(deeds, 'planned');
    deeds.confirm();
    deeds.dismiss();
    expect(deeds.get()).toMatchObject({ isShown: false, state: { phase: 'doing' } });
    deeds.ask(resetSandbox);
    expect(deeds.get()).toMatchObject({ isShown: true, deed: { title: 'Drain' } });
    await until(deeds, 'done');
    expect(core.world.snapshot().mode).toBe('drain');
  });

  it('of which the plan comes late does not overwrite the one asked for since', async () => {
    const { deeds } = open();
    deeds.ask(drainLab);
    deeds.ask(engineDeed('unix:///run/podman.sock', 'Podman 4.3'));
    await until(deeds, 'planned');
    await new Promise((resolve) => setImmediate(resolve));
    expect(deeds.get()?.deed.effect).toBe('Use Podman 4.3');
    expect((await until(deeds, 'planned')).steps[0]?.words).toContain('podman.sock');
  });

  it('that gives somebody new access comes back for it, and keeps none of it', async () => {
    const { deeds } = open();
    deeds.ask(resetPersonDeed('ben', { password: true, factors: false, totp: true }));
    await until(deeds, 'planned');
    deeds.confirm();
    deeds.dismiss();
    expect(deeds.get()?.isShown).toBe(false);
    expect(await until(deeds, 'done')).toMatchObject({
      access: { password: somePassword, totp: { secret: someTotp('ben').secret } },
    });
    expect(deeds.get()?.isShown).toBe(true);
    deeds.dismiss();
    expect(deeds.get()).toBeNull();
  });

  it('that gives nobody anything stays closed', async () => {
    const { deeds } = open();
    deeds.ask(resetPersonDeed('ben', { password: false, factors: true, totp: false }));
    await until(deeds, 'planned');
    deeds.confirm();
    deeds.dismiss();
    expect(await until(deeds, 'done')).toMatchObject({ access: null });
    expect(deeds.get()?.isShown).toBe(false);
  });
});
