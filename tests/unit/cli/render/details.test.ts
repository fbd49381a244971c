import { describe, expect, it } from 'vitest';
import { renderAnswer } from '../../../../main/cli/render/renderers.ts';
import { createFakeCore } from '../../../fakes/fake-core.ts';

const view = { width: 80, colour: false, now: 1_700_000_100_000 };

async function lab(): Promise<ReturnType<typeof createFakeCore>> {
  const core = createFakeCore();
  core.world.seed(1);
  return Promise.resolve(core);
}

describe('one row in detail', () => {
  it('a job ends with why it waits and what to do', async () => {
    const core = await lab();
    const id = core.world.snapshot().jobs[0]?.id ?? 0;
    const text = renderAnswer('job.show', await core.call('job.show', { id }), view);
    expect(text).toContain(`Job      ${id} build ${id}\nStatus   waiting\n`);
    expect(text.trimEnd().split('\n').slice(-3)).toEqual(
      [
        'Pool "demo" is at its max of 4 (longest held by job 41 of demo/x since 12:03).',
        'Wait, or allow it more: autogit pool set demo --max 5',
      ].toSpliced(0, 0, ''),
    );
  });

  it('an explanation is the sentence, then the next step', async () => {
    const core = await lab();
    const id = core.world.snapshot().jobs[0]?.id ?? 0;
    const text = renderAnswer('job.explain', await core.call('job.explain', { id }), view);
    expect(text.split('\n')).toHaveLength(3);
  });

  it('a pool has all its settings, with none for what has no limit', async () => {
    const core = await lab();
    const text = renderAnswer('pool.show', await core.call('pool.show', { name: 'demo' }), view);
    expect(text).toMatch(/^tags +docker, autogit$/m);
    expect(text).toMatch(/^max +4$/m);
    expect(text).toMatch(/^image +none$/m);
  });

  it('a pool shows its proof: what was seen from inside, since when, and what to do', async () => {
    const core = await lab();
    const shown = await core.call('pool.show', { name: 'demo' });
    const claim = { name: 'cpus', state: 'failed', sentence: 'It has no limit.', fix: 'Look.' } as const;
    const { sentence, fix } = claim;
    const proof = { state: 'failed' as const, at: view.now - 7_200_000, sentence, fix, claims: [claim] };
    const status = { ...shown.status, proof };
    const text = renderAnswer('pool.show', { ...shown, status }, view);
    expect(text).toMatch(/^Proof +failed 2 h ago$/m);
    expect(text).toMatch(/^Next +Look\.$/m);
    expect(text).toMatch(/^cpus +failed +It has no limit\.$/m);
    const list = renderAnswer('pool.list', [status, shown.status], { ...view, width: 200 });
    expect(list.split('\n').map((line) => line.trim().split(/ {2,}/).at(-1))).toEqual([
      'PROOF',
      'failed 2 h ago',
      '-',
      '',
    ]);
    expect(renderAnswer('pool.list', [shown.status], view)).not.toContain('PROOF');
  });

  it('ready-made pools are shown with what is there of them', async () => {
    const core = await lab();
    const text = renderAnswer('pool.ready', await core.call('pool.ready', {}), { ...view, width: 200 });
    expect(text).toMatch(/^POOL +STATE +TAGS/m);
    expect(text).toContain('missing');
  });

  it('a change of a pool lists what changes and what that does', async () => {
    const core = await lab();
    const done = await core.call('pool.set', { name: 'demo', max: 9 });
    expect(renderAnswer('pool.set', done, view)).toBe(
      'CHANGED     EFFECT\npools.demo  Taken up at once.\n\nPool "demo" has changed.\n',
    );
    const planned = await core.call('pool.set', { name: 'demo', max: 9, dryRun: true });
    expect(renderAnswer('pool.set', planned, view)).toContain('WOULD CHANGE');
    expect(renderAnswer('pool.set', planned, view)).toMatch(/Nothing was changed\.\n$/);
  });
});
