import { describe, expect, it } from 'vitest';
import { entryDescription } from '../../../main/model/pool.ts';
import type { Desired } from '../../../main/model/world.ts';
import { planEntries } from '../../../main/plan/plan-entries.ts';
import {
  atGitlab,
  deepFreeze,
  failed,
  fresh,
  instance,
  keysOf,
  never,
  sandboxWish,
  someContainer,
  someDesired,
  someEntry,
  someNode,
  someObserved,
  somePool,
  someRecord,
  someView,
  stale,
} from '../../fakes/world.ts';
import type { WorldChange } from '../../fakes/world.ts';

function entriesFor(wishes: Partial<Desired>, world: WorldChange): ReturnType<typeof planEntries> {
  return planEntries(deepFreeze(someDesired(wishes)), deepFreeze(someObserved(world)));
}

const keysFor = (wishes: Partial<Desired>, world: WorldChange): readonly string[] =>
  keysOf({ actions: entriesFor(wishes, world) });

const bare: WorldChange = { entries: [], entriesAtGitlab: fresh([]) };

describe('writing runner entries', () => {
  it('a pool without an entry gets one', () => {
    expect(entriesFor({}, bare)).toEqual([
      {
        kind: 'write-entry',
        key: 'write-entry:default',
        target: 'entry default',
        reason: 'pool default has no runner entry at GitLab',
        pool: somePool(),
      },
    ]);
  });

  it.each([
    ['tags', somePool({ tags: ['new'] })],
    ['untagged jobs', somePool({ runUntagged: false })],
  ])('one whose %s have changed is written again', (_, pool) => {
    expect(entriesFor({ pools: [pool] }, {})).toMatchObject([
      { key: 'write-entry:default', pool, reason: 'what pool default takes has changed' },
    ]);
  });

  it('the order of the tags does not matter', () => {
    expect(keysFor({ pools: [somePool({ tags: ['autogit', 'docker'] })] }, {})).toEqual([]);
  });

  it('one that GitLab does not have any more is made again', () => {
    expect(keysFor({}, { entriesAtGitlab: fresh([]) })).toEqual(['write-entry:default']);
  });

  it('one of another GitLab does not count, even under the same number', () => {
    expect(keysFor({}, { entries: [someEntry({ gitlabUrl: 'http://old.test' })] })).toEqual([
      'write-entry:default',
    ]);
  });

  it('one of another pool does not count', () => {
    const entry = someEntry({ pool: 'other' });
    const world = { entries: [entry], entriesAtGitlab: fresh([atGitlab(entry)]) };
    const keys = keysFor({}, world);
    expect(keys).toEqual(['write-entry:default', 'remove-entry:11']);
  });

  it('none while it is torn down, or the sandbox goes; a drain keeps them', () => {
    expect(keysFor({ mode: 'teardown' }, bare)).toEqual([]);
    expect(keysFor({ mode: 'drain', sandbox: { ...sandboxWish, state: 'absent' } }, bare)).toEqual([]);
    expect(keysFor({ mode: 'drain' }, bare)).toEqual(['write-entry:default']);
    expect(keysFor({ sandbox: sandboxWish }, bare)).toEqual(['write-entry:default']);
  });
});

describe('removing runner entries', () => {
  it('of a pool that is not in the settings any more', () => {
    expect(entriesFor({ pools: [] }, {})).toEqual([
      {
        kind: 'remove-entry',
        key: 'remove-entry:11',
        target: 'entry default',
        reason: 'pool default is gone',
        entryId: 11,
        pool: 'default',
      },
    ]);
  });

  it('but not while a runner of the pool is left', () => {
    expect(keysFor({ pools: [] }, { records: [someRecord()] })).toEqual([]);
    const other = someRecord({ pool: 'other', name: 'autogit-runner-other-aaaaaaaa' });
    expect(keysFor({ pools: [] }, { records: [other] })).toEqual(['remove-entry:11']);
    const nodes = [
      someNode(fresh(someView()), 'node-1'),
      someNode(fresh(someView({ containers: [someContainer()] })), 'node-2'),
    ];
    expect(keysFor({ pools: [] }, { nodes })).toEqual([]);
    expect(keysFor({ pools: [] }, { nodes: [] })).toEqual([]);
  });

  it('all of them when it is torn down', () => {
    expect(keysFor({ mode: 'teardown' }, {})).toEqual(['remove-entry:11']);
  });

  it('one that was made and never written down is an orphan', () => {
    const orphan = { id: 12, description: entryDescription(instance, 'default') };
    const world = { entriesAtGitlab: fresh([atGitlab(someEntry()), orphan]) };
    expect(entriesFor({}, world)).toEqual([
      {
        kind: 'remove-entry',
        key: 'remove-entry:12',
        target: 'entry default',
        reason: 'a runner entry of ours that nobody uses',
        entryId: 12,
        pool: null,
      },
    ]);
  });

  it('an orphan waits while an entry of its pool is written; those of other pools do not', () => {
    const orphans = ['default', 'other'].map((pool, index) => ({
      id: 20 + index,
      description: entryDescription(instance, pool),
    }));
    expect(keysFor({}, { entries: [], entriesAtGitlab: fresh(orphans) })).toEqual([
      'write-entry:default',
      'remove-entry:21',
    ]);
  });

  it('an orphan stays while its pool has runners, which may have come with it', () => {
    const orphan = { id: 12, description: entryDescription(instance, 'default') };
    const entriesAtGitlab = fresh([atGitlab(someEntry()), orphan]);
    expect(keysFor({}, { entriesAtGitlab, records: [someRecord()] })).toEqual([]);
    const other = someRecord({ pool: 'other', name: 'autogit-runner-other-aaaaaaaa' });
    expect(keysFor({}, { entriesAtGitlab, records: [other] })).toEqual(['remove-entry:12']);
  });

  it('an orphan stays while its pool may have runners that are not in the records yet', () => {
    const orphan = { id: 12, description: entryDescription(instance, 'default') };
    const world = { entriesAtGitlab: fresh([atGitlab(someEntry()), orphan]) };
    expect(keysFor({}, { ...world, view: { containers: [someContainer()] } })).toEqual([]);
    expect(keysFor({}, { ...world, view: { containers: [someContainer({ pool: 'other' })] } })).toEqual([
      'remove-entry:12',
    ]);
    for (const engine of [never, failed, stale(someView())])
      expect(keysFor({}, { ...world, nodes: [someNode(engine)] })).toEqual([]);
  });

  it('one that somebody removed at GitLab is forgotten, unless it is written anew', () => {
    const gone: WorldChange = { entriesAtGitlab: fresh([]) };
    expect(entriesFor({ mode: 'teardown' }, gone)).toMatchObject([
      { kind: 'remove-entry', target: 'entry default', entryId: 11, pool: 'default' },
    ]);
    expect(keysFor({ pools: [] }, gone)).toEqual(['remove-entry:default']);
    expect(keysFor({}, gone)).toEqual(['write-entry:default']);
    const elsewhere = [someEntry({ gitlabUrl: 'http://old.test' })];
    expect(keysFor({ pools: [] }, { ...gone, entries: elsewhere })).toEqual([]);
  });

  it('the description may be followed by white space, and the pool be named by its end alone', () => {
    const orphan = { id: 12, description: 'AutoGit 0a1b2c3d / x / default ' };
    const [removal] = entriesFor({}, { entriesAtGitlab: fresh([atGitlab(someEntry()), orphan]) });
    expect(removal?.target).toBe('entry default');
  });
});

describe('GitLab itself is the judge', () => {
  it.each([
    ['never read', never],
    ['not readable', failed],
    ['an old one', stale([])],
  ] as const)('while its list is %s nothing is written or removed', (_, entriesAtGitlab) => {
    expect(keysFor({}, { entriesAtGitlab })).toEqual([]);
    expect(keysFor({ pools: [] }, { entriesAtGitlab })).toEqual([]);
    expect(keysFor({ mode: 'teardown' }, { entries: [], entriesAtGitlab })).toEqual([]);
  });

  it('nor while its address is not known', () => {
    expect(keysFor({}, { ...bare, address: null })).toEqual([]);
  });
});
