// How often the graphics cards are looked at, and what is known of them when nobody could.
import { afterEach, describe, expect, it } from 'vitest';
import type { EngineInfo } from '../../../main/model/engine.ts';
import type { GpuView } from '../../../main/model/gpu.ts';
import { watchGpus } from '../../../main/observe/watch-gpus.ts';
import type { GpuWatch } from '../../../main/observe/watch-gpus.ts';
import { FakeClock } from '../../fakes/fake-clock.ts';
import { gpuView, someCard } from '../../fakes/gpu-world.ts';
import { silentLog } from '../../fakes/silent-log.ts';
import { someInfo } from '../../fakes/some-engine.ts';

interface Bench {
  readonly clock: FakeClock;
  readonly watch: GpuWatch;
  readonly looks: EngineInfo[];
  readonly changes: () => number;
}

const open: GpuWatch[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((watch) => watch.stop()));
});

function bench(answer: () => GpuView = () => gpuView([someCard(1)])): Bench {
  const clock = new FakeClock();
  const looks: EngineInfo[] = [];
  let changes = 0;
  const watch = watchGpus({
    ...{ clock, log: silentLog },
    look: async (engine) => {
      looks.push(engine);
      return answer();
    },
    onChange: () => (changes += 1),
  });
  open.push(watch);
  return { clock, watch, looks, changes: () => changes };
}

describe('the watch of the graphics cards', () => {
  it('looks at nothing before the engine is known', async () => {
    const { clock, watch, looks } = bench();
    watch.attend('busy', null);
    await clock.advance(600_000);
    expect(looks).toHaveLength(0);
    expect(watch.current()).toEqual({ state: 'never' });
  });

  it.each([
    ['busy', 12],
    ['rest', 2],
    ['idle', 0],
  ] as const)('looks again at its pace: %s', async (pace, more) => {
    const { clock, watch, looks, changes } = bench();
    watch.attend(pace, someInfo());
    await clock.advance(1_000);
    expect(looks).toHaveLength(1);
    expect(changes()).toBe(1);
    await clock.advance(60_000);
    expect(looks).toHaveLength(1 + more);
  });

  it('asks no tool again where there is no card and no pool asks for one', async () => {
    const { clock, watch, looks } = bench(() => gpuView([]));
    watch.attend('idle', someInfo());
    await clock.advance(3_600_000);
    expect(looks).toHaveLength(1);
    watch.attend('rest', someInfo());
    await clock.advance(1_000);
    expect(looks).toHaveLength(2);
  });

  it('looks anew for who looks at them, once for all and not oftener than it helps them', async () => {
    let found: GpuView = gpuView([]);
    const { clock, watch, looks } = bench(() => found);
    await watch.renew(60_000);
    expect(looks).toHaveLength(0);
    watch.attend('idle', someInfo());
    await clock.advance(30_000);
    await watch.renew(60_000);
    expect(looks).toHaveLength(1);
    found = gpuView([someCard(1)]);
    await clock.advance(30_000);
    await Promise.all([watch.renew(60_000), watch.renew(60_000)]);
    expect(looks).toHaveLength(2);
    expect(watch.current()).toMatchObject({ state: 'fresh', value: { inventory: [{ id: 'card-1' }] } });
    await clock.advance(300_000);
    expect(looks).toHaveLength(3);
  });

  it('looks at divided cards less often, since their report takes seconds', async () => {
    const { clock, watch, looks } = bench(() => gpuView([someCard(1, { parent: 'GPU-x' })]));
    watch.attend('busy', someInfo());
    await clock.advance(60_500);
    expect(looks).toHaveLength(3);
  });

  it('looks at once when the engine has changed, and when more depends on it', async () => {
    const { clock, watch, looks } = bench();
    watch.attend('rest', someInfo());
    await clock.advance(1_000);
    watch.attend('rest', someInfo({ disk: null }));
    await clock.advance(1_000);
    expect(looks).toHaveLength(1);
    watch.attend('rest', someInfo({ version: '29' }));
    await clock.advance(1_000);
    expect(looks.map(({ version }) => version)).toEqual(['28.2.2', '29']);
    await clock.advance(6_000);
    watch.attend('busy', someInfo({ version: '29' }));
    await clock.advance(1_000);
    expect(looks).toHaveLength(3);
  });

  it('knows nothing of the cards of another machine', async () => {
    const { clock, watch, looks } = bench();
    watch.attend('busy', someInfo({ isHere: false }));
    await clock.advance(60_000);
    expect(looks).toHaveLength(0);
    expect(watch.current()).toMatchObject({ state: 'failed', error: { key: 'gpu.engine-elsewhere' } });
  });

  it('forgets what it knew when a look fails, and goes on', async () => {
    let fails = false;
    const { clock, watch } = bench(() => {
      if (fails) throw new Error('no');
      return gpuView([someCard(1)]);
    });
    watch.attend('busy', someInfo());
    await clock.advance(1_000);
    fails = true;
    await clock.advance(5_000);
    expect(watch.current().state).toBe('failed');
    fails = false;
    await clock.advance(31_000);
    expect(watch.current().state).toBe('fresh');
  });
});
