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
