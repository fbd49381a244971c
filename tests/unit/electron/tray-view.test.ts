// What the tray says, and what its menu offers.
import { describe, expect, it } from 'vitest';
import { trayMenu } from '../../../electron/tray-menu.ts';
import type { TrayActions } from '../../../electron/tray-menu.ts';
import { trayView } from '../../../electron/tray-view.ts';
import type { TrayFacts, TrayView } from '../../../electron/tray-view.ts';
import type { Snapshot } from '../../../main/contract/snapshot.ts';
import { AutoGitError } from '../../../main/errors.ts';
import { createFakeWorld } from '../../fakes/fake-world.ts';

const idle = createFakeWorld().snapshot();
function busy(jobs = 3): Snapshot {
  const world = createFakeWorld({ max: 1 });
  world.seed(jobs);
  return world.snapshot();
}
const view = (snapshot: Snapshot | null, facts: Partial<TrayFacts> = {}): TrayView =>
  trayView({ link: { kind: 'own' }, isLeaving: false, time: (at) => `at ${at}`, snapshot, ...facts });
const issue = { key: 'x.y', message: 'The disk is full.', next: 'Free some.', subject: 'disk' } as const;
const withStatus = (status: 'pending' | 'running', jobs?: number): Snapshot => {
  const snapshot = busy(jobs);
  return { ...snapshot, jobs: snapshot.jobs.map((job) => ({ ...job, status })) };
};
const withEngine = (state: 'never' | 'stale'): Snapshot => ({
  ...idle,
  nodes: idle.nodes.map((node) => ({ ...node, engine: { ...node.engine, state } })),
});
const failure = new AutoGitError({
  key: 'store.corrupt',
  message: 'It is damaged.',
  next: 'Put a copy back.',
});

describe('the icon', () => {
  it.each([
    ['starting', withEngine('never')],
    ['no-engine', { ...withEngine('stale'), issues: [{ ...issue, severity: 'error' as const }] }],
    ['idle', idle],
    ['waiting', withStatus('pending')],
    ['working-3', withStatus('running')],
    ['working-9', withStatus('running', 9)],
    ['working-more', withStatus('running', 10)],
    ['attention', { ...withStatus('running'), issues: [{ ...issue, severity: 'error' as const }] }],
    ['stopped', { ...withStatus('running'), mode: 'drain' as const }],
  ])('says %s', (icon, snapshot) => {
    expect(view(snapshot).icon).toBe(icon);
  });

  it('says that it starts before the first answer, and asks for attention without a core', () => {
    expect(view(null)).toMatchObject({ icon: 'starting', turn: null });
    expect(view(idle, { link: { kind: 'failed', error: failure } })).toMatchObject({
      icon: 'attention',
      tooltip: 'It is damaged.',
      lines: ['It is damaged.', 'Put a copy back.'],
      turn: null,
      pools: [],
    });
  });
});

describe('the words', () => {
  it('begin with the sentence and count jobs', () => {
    const snapshot = withStatus('pending');
    expect(view(snapshot).tooltip).toBe(snapshot.sentence);
    expect(view(snapshot).lines.slice(0, 2)).toEqual([snapshot.sentence, '0 jobs running, 3 waiting']);
  });

  it('name the first thing that is wrong, errors first, and how many more there are', () => {
    const issues = [
      { ...issue, message: 'Only a note.', severity: 'info' as const },
      { ...issue, message: 'A small thing.', severity: 'warning' as const },
      { ...issue, severity: 'error' as const },
    ];
    expect(view({ ...idle, issues }).lines.slice(-2)).toEqual([
      'The disk is full.',
      '1 more thing to look at',
    ]);
  });

  it('are one short line each, whatever strangers call their jobs', () => {
    const sentence = `a\nb\u202e\u0000${'👩‍👩‍👧'.repeat(40_000)}`;
    const { tooltip } = view({ ...idle, sentence });
    expect(tooltip).toMatch(/^a b /);
    expect([...new Intl.Segmenter().segment(tooltip)].length).toBeLessThanOrEqual(100);
    expect(tooltip).not.toMatch(/\p{Cc}/u);
  });

  it('do not change while nothing does, so that an open menu stays open', () => {
    const snapshot = withStatus('running');
    expect(view({ ...snapshot, version: 9, at: 9 })).toEqual(view(snapshot));
  });

  it('say when a pause ends and when the next backup is due', () => {
    const paused = view({ ...idle, mode: 'drain', pausedUntil: 7, nextBackupAt: 8 });
    expect(paused).toMatchObject({ turn: 'resume', turnLabel: 'Paused until at 7: go on now' });
    expect(paused.nextBackup).toBe('Next backup: at 8');
    expect(view({ ...idle, mode: 'drain' }).turnLabel).toBe('Paused: serve the queue again');
    expect(view(idle)).toMatchObject({ turn: 'pause', nextBackup: null });
  });

  it('say how much of a backup is done while one is made, and nothing that was not counted', () => {
    const backups = { lastBackupAt: null, lastProvenAt: null, lastProvenMs: null, version: 1 };
    const running = (verb: string, share: number | null): string | null =>
      view({ ...idle, nextBackupAt: 8, backups: { ...backups, running: { verb, message: '', share } } })
        .nextBackup;
    expect(running('create', 0.429)).toBe('Backing up: 42 %');
    expect(running('restore', null)).toBe('Restoring a backup…');
    expect(running('drill', null)).toBe('Checking backups…');
    expect(view({ ...idle, nextBackupAt: 8, backups: { ...backups, running: null } }).nextBackup).toBe(
      'Next backup: at 8',
    );
  });

  it('of quitting announce a question only where jobs run', () => {
    const working: Snapshot = {
      ...idle,
      runners: [
        {
          ...{ id: 'a', name: 'a', pool: 'demo', node: 'node-1', state: 'busy' },
          ...{ createdAt: 1, startedAt: 1, jobId: 1 },
        },
      ],
    };
    expect(view(idle).quit).toBe('Quit AutoGit');
    expect(view(working).quit).toBe('Quit AutoGit…');
    expect(view(working, { isLeaving: true }).quit).toBe('Quit now (1 job to finish)');
    expect(view(working, { link: { kind: 'joined', pid: 7 } }).quit).toContain('core goes on');
  });
});

describe('the menu', () => {
  const nothing = (): void => undefined;
  const actions: TrayActions = {
    ...{ open: nothing, openGitlab: nothing, turn: nothing, turnPool: nothing, quit: nothing },
  };
  const labels = (shown: TrayView) => trayMenu(shown, actions).map(({ label, type }) => label ?? type);
  const pools = (count: number): Snapshot['pools'] => {
    const [first] = idle.pools;
    if (first === undefined) throw new Error('the pretended lab has no pool');
    return Array.from({ length: count }, (_, index) => ({
      ...first,
      name: `pool${index}`,
      paused: index === 1,
    }));
  };

  it('has state, pools, ways in, and what can be switched, in this order', () => {
    const shown = view({
      ...idle,
      pools: pools(2),
      gitlab: { ...idle.gitlab, state: 'ready', url: 'https://g.test' },
    });
    expect(labels(shown)).toEqual([
      ...[idle.sentence, '0 jobs running, 0 waiting', 'separator'],
      ...['Pause pool0: 0 working, 0 waiting', 'Resume pool1: paused, 0 waiting', 'separator'],
      ...['Open AutoGit', 'Open GitLab', 'separator'],
      ...['Pause everything for 1 h', 'Settings…', 'Quit AutoGit'],
    ]);
  });

  it('gives many pools a menu of their own, and keeps to one screen', () => {
    const menu = trayMenu(view({ ...idle, pools: pools(100) }), actions);
    expect(menu.length).toBeLessThan(15);
    const own = menu.find(({ label }) => label === 'Pools (100)')?.submenu;
    expect(own).toHaveLength(21);
    expect(own).toContainEqual(expect.objectContaining({ label: '80 more…' }));
  });

  it('shows an ampersand of a name as one', () => {
    const shown = trayMenu(
      view({ ...idle, pools: pools(1).map((pool) => ({ ...pool, name: 'a&b' })) }),
      actions,
    );
    expect(shown.map(({ label }) => label)).toContain('Pause a&&b: 0 working, 0 waiting');
  });
});
