// What the tray says.
import { describe, expect, it } from 'vitest';
import { trayView } from '../../../electron/tray-view.ts';
import type { Snapshot } from '../../../main/contract/snapshot.ts';
import { AutoGitError } from '../../../main/errors.ts';
import { createFakeWorld } from '../../fakes/fake-world.ts';

const idle = createFakeWorld().snapshot();
function busy(): Snapshot {
  const world = createFakeWorld({ max: 1 });
  world.seed(3);
  return world.snapshot();
}
const issue = { key: 'x.y', message: 'The disk is full.', next: 'Free some.', subject: 'disk' } as const;
const withStatus = (status: 'pending' | 'running'): Snapshot => {
  const snapshot = busy();
  return { ...snapshot, jobs: snapshot.jobs.map((job) => ({ ...job, status })) };
};

describe('the icon', () => {
  it.each([
    ['idle', idle],
    ['waiting', withStatus('pending')],
    ['running', withStatus('running')],
    ['problem', { ...withStatus('running'), issues: [{ ...issue, severity: 'error' as const }] }],
    [
      'unknown',
      {
        ...idle,
        nodes: idle.nodes.map((node) => ({ ...node, engine: { ...node.engine, state: 'stale' as const } })),
      },
    ],
  ])('says %s', (icon, snapshot) => {
    expect(trayView({ kind: 'own' }, snapshot).icon).toBe(icon);
  });

  it('is unknown before the first answer and a problem without a core', () => {
    const error = new AutoGitError({
      key: 'store.corrupt',
      message: 'It is damaged.',
      next: 'Put a copy back.',
    });
    expect(trayView({ kind: 'starting' }, null)).toMatchObject({ icon: 'unknown', turn: null });
    expect(trayView({ kind: 'failed', error }, idle)).toMatchObject({
      icon: 'problem',
      tooltip: 'It is damaged.',
      lines: ['It is damaged.', 'Put a copy back.'],
      turn: null,
    });
  });
});

describe('the words', () => {
  it('begin with the sentence and count jobs and runners', () => {
    const snapshot = withStatus('pending');
    const view = trayView({ kind: 'own' }, snapshot);
    expect(view.tooltip).toBe(snapshot.sentence);
    expect(view.lines.slice(0, 2)).toEqual([snapshot.sentence, '0 jobs running, 3 waiting']);
  });

  it('name the first thing that is wrong, errors first, and how many more there are', () => {
    const issues = [
      { ...issue, message: 'Only a note.', severity: 'info' as const },
      { ...issue, message: 'A small thing.', severity: 'warning' as const },
      { ...issue, severity: 'error' as const },
    ];
    const { lines } = trayView({ kind: 'own' }, { ...idle, issues });
    expect(lines.slice(-2)).toEqual(['The disk is full.', '1 more thing to look at']);
  });

  it('offer what is not so already, and say what goes on after a quit', () => {
    expect(trayView({ kind: 'own' }, idle)).toMatchObject({
      turn: 'drain',
      quit: expect.stringContaining('runners') as unknown,
    });
    expect(trayView({ kind: 'own' }, { ...idle, mode: 'drain' })).toMatchObject({ turn: 'resume' });
    expect(trayView({ kind: 'joined', pid: 7 }, idle).quit).toContain('core goes on');
  });

  it('are one short line each, whatever strangers call their jobs', () => {
    const sentence = `a\nb\u202e\u0000${'👩‍👩‍👧'.repeat(40_000)}`;
    const { tooltip } = trayView({ kind: 'own' }, { ...idle, sentence });
    expect(tooltip).toMatch(/^a b /);
    expect([...new Intl.Segmenter().segment(tooltip)].length).toBeLessThanOrEqual(100);
    expect(tooltip).not.toMatch(/\p{Cc}/u);
  });
});
