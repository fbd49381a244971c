// Samples of hardware as text: what is known, what is not, and who uses a card.
import { describe, expect, it } from 'vitest';
import { renderGpuSample, renderHistory, renderMachineSample } from '../../../../main/cli/render/watch.ts';
import { unreadGpu } from '../../../../main/model/gpu-metrics.ts';
import { someHost, someMetrics, someProcess } from '../../../fakes/fake-hardware.ts';

const view = { width: 120, colour: false, now: 0 };
const sample = (gpus: Parameters<typeof renderGpuSample>[0]['gpus']) =>
  renderGpuSample({ at: 0, node: 'lab', pace: 'fast', gpus }, view);

describe('a sample of the cards', () => {
  it('has a line for each, and below it who uses it', () => {
    const ours = someProcess({
      pid: 7,
      name: 'train',
      memoryMiB: 2_048,
      runner: 'autogit-runner-gpu-1',
      job: 41,
    });
    const other = someProcess({ pid: 9, name: 'ollama', title: 'Ollama', app: 'ollama' });
    const text = sample([
      someMetrics(0, {
        id: 'GPU-a',
        utilization: 87,
        edgeCelsius: 61,
        watts: 212.4,
        processes: [ours, other],
      }),
    ]);
    expect(text).toContain('87 %');
    expect(text).toContain('61 °C');
    expect(text).toContain('212 W of 360');
    expect(text).toContain('job 41: train (7, 2.1 GB); Ollama (9)');
  });

  it('shows what is not known as a dash with the reason, never as 0', () => {
    const card = { id: '0000:03:00.0', vendor: 'intel', model: 'Arc A380' } as const;
    const text = sample([unreadGpu(card, 0, 'it sleeps, and a look at it would wake it')]);
    expect(text).toContain('it sleeps');
    expect(text).not.toMatch(/\b0 %/);
  });

  it('says what is in the way, and that there is none', () => {
    const problem = { key: 'gpu.lost', message: 'It is gone from the bus.', next: '' };
    expect(sample([unreadGpu({ id: 'x', vendor: 'amd', model: 'RX' }, 0, 'gone', problem)])).toContain(
      'gone from the bus',
    );
    expect(sample([])).toContain('No GPU is seen');
    const unseen = { key: 'gpu.engine-elsewhere', message: 'It is on another machine.', next: 'Look there.' };
    const text = renderGpuSample({ at: 0, node: 'lab', pace: 'fast', gpus: [], unseen }, view);
    expect(text).toContain('It is on another machine. Look there.\n');
    expect(text).not.toContain('No GPU');
  });
});

describe('a sample of the machine', () => {
  it('has processor, memory, disk and network, or says that nothing can be read', () => {
    const all = { at: 0, node: 'lab', pace: 'fast', gpus: [] } as const;
    expect(renderMachineSample({ ...all, host: someHost(0) }, view)).toMatch(/processor .* load .*\nmemory /);
    expect(renderMachineSample({ ...all, host: null }, view)).toContain('Nothing of lab');
  });
});

describe('what was kept', () => {
  it('has a line for each step in which somebody looked', () => {
    const series = {
      utilization: { mean: [10, null, 30], most: [10, null, 90] },
      watts: { mean: [null, null, null], most: [null, null, null] },
    };
    const text = renderHistory({ subject: 'x', stepMs: 1_000, at: [0, 1_000, 2_000], series }, view);
    expect(text.trimEnd().split('\n')).toHaveLength(3);
    expect(text).not.toContain('watts');
    expect(renderHistory({ subject: 'x', stepMs: 1_000, at: [], series: {} }, view)).toContain(
      'Nobody looked',
    );
  });
});
