// A pull that makes no progress: it is shown, holds up no other pool, and no second one is begun.
import { describe, expect, it } from 'vitest';
import { officialRunnerImage } from '../../../main/plan/desire.ts';
import { closeLab, createWorld, openLab } from '../../fakes/fake-lab.ts';

const minute = 60_000;

describe('an image that does not come', () => {
  it('is a task that goes on, while the jobs of other pools run', async () => {
    const pools = [
      { name: 'here', tags: ['docker'] },
      { name: 'far', tags: ['far'], image: 'registry.test/far:1' },
    ];
    const world = createWorld({ pools });
    const engine = world.makeEngine({
      images: [officialRunnerImage],
      registry: ['registry.test/far:1'],
    });
    const release = engine.hang('pullImage');
    const lab = await openLab(world, { engine });
    const near = world.gitlab.addJob({ tags: ['docker'] });
    const far = world.gitlab.addJob({ tags: ['far'] });
    await lab.until('the near one has run', () => world.gitlab.statusOf(near) === 'success', minute);
    await world.clock.advance(30 * minute);
    expect(lab.snapshot().tasks.map(({ kind }) => kind)).toContain('pull-image');
    expect(engine.calls.filter(({ method }) => method === 'pullImage')).toHaveLength(1);
    expect(world.gitlab.statusOf(far)).toBe('pending');
    expect(await lab.call('job.explain', { id: far })).toMatchObject({ reason: 'image-missing' });
    release();
    await lab.until('the far one runs', () => world.gitlab.statusOf(far) !== 'pending', 2 * minute);
    await closeLab(world, lab);
  });
});
