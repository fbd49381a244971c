import { describe, expect, it } from 'vitest';
import type { GpuView, Snapshot } from '../../../main/contract/snapshot.ts';
import type { GpuMetrics } from '../../../main/model/gpu-metrics.ts';
import {
  celsiusOf,
  gpuCards,
  keeperOf,
  nobodyWords,
  otherHardwareIssues,
  slownessOf,
  usersOf,
} from '../../../renderer/state/gpu-cards.ts';
import { detailFacts, metricFacts } from '../../../renderer/state/gpu-facts.ts';
import { engineFacts, machineGroups } from '../../../renderer/state/machine-facts.ts';
import { rangeOf } from '../../../renderer/state/ranges.ts';
import { gpuUseDeed } from '../../../renderer/state/row-deeds.ts';
import { hardwareSentence } from '../../../renderer/state/sentences.ts';
import { rateWords, sizeWords } from '../../../renderer/state/words.ts';
import { someHost, someMetrics, someProcess } from '../../fakes/fake-hardware.ts';
import { someGpuDetail } from '../../fakes/gpu-details.ts';
import { someMachine } from '../../fakes/some-machine.ts';

const now = 1_764_000_000_000;

function someGpu(change: Partial<GpuView> & Pick<GpuView, 'id'>): GpuView {
  return {
    ...{ node: 'local', vendor: 'nvidia', model: 'RTX 5080', memoryMiB: 16_303, parent: null, celsius: 41 },
    ...{ state: 'free', use: 'shared', holders: [], why: null },
    ...change,
  };
}

function someIssue(subject: string, key = 'gpu.hot'): Snapshot['issues'][number] {
  return { key, subject, severity: 'error', message: 'It is hot.', next: 'Cool it.' };
}

function cards(gpus: readonly GpuView[], metrics: readonly GpuMetrics[] = [], issues = [someIssue('GPU-1')]) {
  return gpuCards(gpus, { node: 'local', gpus: metrics }, issues);
}

describe('cards of the page', () => {
  it('have their figures, their slices and their trouble with them', () => {
    const gpus = [
      someGpu({ id: 'GPU-1' }),
      someGpu({ id: 'MIG-1', parent: 'GPU-1' }),
      someGpu({ id: 'GPU-2' }),
    ];
    const [first, second] = cards(gpus, [
      someMetrics(now, { id: 'GPU-2' }),
      someMetrics(now, { id: 'GPU-1' }),
    ]);
    expect(first?.slices.map(({ id }) => id)).toEqual(['MIG-1']);
    expect(first?.metrics.map(({ id }) => id)).toEqual(['GPU-1']);
    expect(first?.issues).toHaveLength(1);
    expect(second?.view.id).toBe('GPU-2');
    expect(second?.issues).toEqual([]);
  });

  it('show a slice by itself whose card is not listed', () => {
    expect(cards([someGpu({ id: 'MIG-1', parent: 'GPU-9' })])).toHaveLength(1);
  });

  it('show all cards of a WSL2 in one', () => {
    const metrics = ['GPU-a', 'GPU-b'].map((id) => someMetrics(now, { id }));
    const [unit] = cards([someGpu({ id: 'wsl' })], metrics);
    expect(unit?.metrics.map(({ id }) => id)).toEqual(['GPU-a', 'GPU-b']);
  });

  it('have nothing of another machine', () => {
    const [card] = cards([someGpu({ id: 'GPU-1', node: 'attic' })], [someMetrics(now, { id: 'GPU-1' })]);
    expect(card?.metrics).toEqual([]);
  });

  it('leave to the page what is wrong with the machine', () => {
    const issues = [
      someIssue('GPU-1'),
      someIssue('rocm-smi', 'hardware.tool-hangs'),
      someIssue('x', 'pool.no-gpu'),
    ];
    const all = cards([someGpu({ id: 'GPU-1' })], [], issues);
    const findings = [
      someIssue('rocm-smi', 'hardware.tool-hangs'),
      someIssue('GPU-1', 'gpu.xid'),
      someIssue('disk', 'host.disk-low'),
      { ...someIssue('disk', 'host.processor-old'), severity: 'info' as const },
    ];
    expect(otherHardwareIssues(issues, findings, all).map(({ key }) => key)).toEqual([
      'hardware.tool-hangs',
      'host.disk-low',
    ]);
  });
});

describe('who uses a card', () => {
  const holders = [{ by: 'job 9 of music/player', since: now - 5_000 }];
  const own = { runner: '00000001', job: 9 };
  const processes = [
    someProcess({ ...own, pid: 1, name: 'python3', memoryMiB: 4_000 }),
    someProcess({ ...own, pid: 2, name: 'python3', memoryMiB: 1_000 }),
    someProcess({ pid: 3, name: 'Xorg', memoryMiB: 150, app: 'desktop', title: 'the desktop' }),
    someProcess({ pid: 4, name: 'ollama', memoryMiB: 7_000, app: 'ollama', title: 'Ollama' }),
    someProcess({ pid: 5, name: 'ollama', memoryMiB: null, app: 'ollama', title: 'Ollama' }),
  ];
  const [card] = cards([someGpu({ id: 'GPU-1', holders })], [someMetrics(now, { id: 'GPU-1', processes })]);
  if (card === undefined) throw new Error('there is no card');

  it('is the job with the memory of its processes, then programs that are none of ours', () => {
    expect(usersOf(card)).toEqual([
      {
        ...{
          key: 'holder job 9 of music/player',
          words: 'job 9 of music/player',
          job: 9,
          since: now - 5_000,
        },
        ...{ memoryMiB: 5_000, isForeign: false },
      },
      {
        ...{ key: 'program the desktop', words: 'the desktop', job: null, since: null, memoryMiB: 150 },
        isForeign: true,
      },
      {
        ...{ key: 'program Ollama', words: 'Ollama (2 processes)', job: null, since: null, memoryMiB: null },
        isForeign: true,
      },
    ]);
  });

  it('is for whom it would be kept, which is never the desktop', () => {
    expect(keeperOf(card)).toBe('Ollama');
    const [idle] = cards([someGpu({ id: 'GPU-1' })], [someMetrics(now, { id: 'GPU-1', processes: null })]);
    expect(idle === undefined ? '' : keeperOf(idle)).toBe(null);
  });

  it('is nobody only where programs were looked for', () => {
    const wordsOf = (metrics: readonly GpuMetrics[]): string => {
      const [idle] = cards([someGpu({ id: 'GPU-1' })], metrics);
      return idle === undefined ? '' : nobodyWords(idle);
    };
    expect(wordsOf([])).toBe('No job has it.');
    expect(wordsOf([someMetrics(now, { id: 'GPU-1' })])).toBe('Nobody uses it.');
    const blind = someMetrics(now, { id: 'GPU-1', processes: null, unknown: { processes: 'no permission' } });
    expect(wordsOf([blind])).toBe('No job has it; other programs are not known: no permission.');
  });

  it('says since when only where that is known', () => {
    const [held] = cards([someGpu({ id: 'GPU-1', holders: [{ by: 'a runner', since: 0 }] })]);
    expect(held === undefined ? [] : usersOf(held)).toMatchObject([
      { since: null, memoryMiB: null, job: null },
    ]);
  });
});

describe('why a card is slow', () => {
  it('tells trouble from what somebody has set', () => {
    const metrics = someMetrics(now, { id: 'GPU-1' });
    expect(slownessOf(metrics)).toBe(null);
    expect(slownessOf({ ...metrics, throttle: null })).toBe(null);
    expect(slownessOf({ ...metrics, throttle: ['power-cap'] })).toEqual({
      ...{ words: 'Slower because of its power limit', isTrouble: false },
    });
    expect(slownessOf({ ...metrics, throttle: ['power-cap', 'heat'] })).toEqual({
      ...{ words: 'Slower because of its power limit and heat', isTrouble: true },
    });
  });

  it('is told beside the heat that is known', () => {
    const metrics = someMetrics(now, { id: 'GPU-1', edgeCelsius: null, junctionCelsius: 80 });
    expect(celsiusOf(metrics, { celsius: 40 })).toBe(80);
    expect(celsiusOf(undefined, { celsius: 40 })).toBe(40);
  });
});

describe('figures in words', () => {
  it('leave out what such a card does not have, and say why something is not known', () => {
    const facts = metricFacts(
      someMetrics(now, { id: 'GPU-1', watts: null, unknown: { watts: 'no sensor' } }),
    );
    expect(facts.find(({ name }) => name === 'Power')).toEqual({
      name: 'Power',
      value: null,
      why: 'no sensor',
    });
    expect(facts.map(({ name }) => name)).not.toContain('Fan speed');
    expect(facts.find(({ name }) => name === 'Driver errors')?.value).toBe('none since the machine started');
  });

  it('tell what a card is', () => {
    const facts = detailFacts(someGpuDetail({ id: 'GPU-1' }));
    expect(facts[0]?.name).toBe('Made by');
    expect(facts.every(({ value, why }) => value !== null || why !== null)).toBe(true);
  });

  it('have the unit that fits', () => {
    expect([0, 340_000, 1_234_567, 999_960, 41e6, 2e9].map(rateWords)).toEqual([
      ...['0 B/s', '340 kB/s', '1.2 MB/s', '1.0 MB/s', '41 MB/s', '2.0 GB/s'],
    ]);
    expect([0, 12.44e9, 1.863e12].map(sizeWords)).toEqual(['0.0 GB', '12.4 GB', '1,863 GB']);
  });
});

describe('the machine in words', () => {
  it('says what is not known, and why', () => {
    const [system, , disks] = machineGroups(someMachine);
    expect(system?.facts.find(({ name }) => name === 'Firewall')).toEqual({
      ...{ name: 'Firewall', value: null, why: 'only root can see the rules' },
    });
    expect(system?.facts.find(({ name }) => name === 'Runs on')?.value).toBe('a real machine');
    expect(disks?.facts.map(({ value }) => value)).toEqual([
      '571 GB free of 983 GB (ext4, SSD)',
      '1,200 GB free of 4,000 GB (xfs, spinning disk)',
      'systemd-resolve',
      'free',
    ]);
  });

  it('has no engine where none answers', () => {
    expect(engineFacts({ ...someMachine, engine: null })).toBe(null);
    expect(engineFacts(someMachine)?.[0]?.value).toBe('Docker 29.1.2, API 1.52');
  });

  it('is one sentence: its cards, and what it has run out of', () => {
    const host = someHost(now);
    const gpus = [someGpu({ id: 'GPU-1' })];
    expect(hardwareSentence({ gpus, unseen: null }, null)).toBe('1 GPU: 1 free.');
    expect(hardwareSentence({ gpus, unseen: null }, host)).toBe('1 GPU: 1 free. The machine has room.');
    const full = { ...host, memoryUsedMiB: 31_000, diskUsedBytes: 970e9 };
    expect(hardwareSentence({ gpus: [], unseen: null }, full)).toBe(
      'No GPU was found on this machine. The machine is nearly out of memory and disk.',
    );
    const unseen = { key: 'gpu.not-looked-at', message: 'They were not looked at yet.', next: 'Wait.' };
    expect(hardwareSentence({ gpus: [], unseen }, host)).toBe(
      'They were not looked at yet. The machine has room.',
    );
    const blind = { ...host, cpuPercent: null, memoryUsedMiB: null, diskUsedBytes: null };
    expect(hardwareSentence({ gpus, unseen: null }, blind)).toBe('1 GPU: 1 free.');
  });
});

describe('which jobs a card is for', () => {
  it('is a command that can be typed', () => {
    expect(gpuUseDeed('GPU-1', 'exclusive').commands).toEqual(['autogit gpu use GPU-1 exclusive']);
    expect(gpuUseDeed('GPU-1', 'off', 'Ollama').commands).toEqual(['autogit gpu use GPU-1 off --for Ollama']);
    expect(gpuUseDeed('GPU-1', 'off', "Baldur's Gate").commands).toEqual([
      String.raw`autogit gpu use GPU-1 off --for 'Baldur'\''s Gate'`,
    ]);
    expect(gpuUseDeed('GPU-1', 'shared', 'Ollama').commands).toEqual(['autogit gpu use GPU-1 shared']);
  });
});

describe('the time that charts show', () => {
  it('stands in the address', () => {
    expect(rangeOf({ range: 'week' })).toBe('week');
    expect(rangeOf({ range: 'decade' })).toBe('hour');
    expect(rangeOf({})).toBe('hour');
  });
});
