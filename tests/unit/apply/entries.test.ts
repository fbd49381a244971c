import { beforeEach, describe, expect, it } from 'vitest';
import { secretName } from '../../../main/apply/context.ts';
import { removeEntry, writeEntry } from '../../../main/apply/entries.ts';
import { entryPrefix, entryTerms } from '../../../main/model/pool.ts';
import type { Pool } from '../../../main/model/pool.ts';
import type { Action } from '../../../main/model/world.ts';
import { planEntries } from '../../../main/plan/plan-entries.ts';
import { applyBench, memorySecrets } from '../../fakes/fake-context.ts';
import type { Bench } from '../../fakes/fake-context.ts';
import { FakeEngine } from '../../fakes/fake-engine.ts';
import { FakeGitlab, gitlabFailure } from '../../fakes/fake-gitlab.ts';
import { address, fresh, someDesired, someEntry, someObserved, somePool } from '../../fakes/world.ts';

let gitlab: FakeGitlab;
let bench: Bench;
beforeEach(() => {
  gitlab = new FakeGitlab();
  bench = applyBench({ engine: new FakeEngine(), gitlab, secrets: memorySecrets() });
});

const common = { key: 'k', target: 'entry default', reason: 'r' } as const;
const write = (pool: Pool = somePool()): Promise<void> =>
  writeEntry.apply({ ...common, kind: 'write-entry', pool }, bench);
const remove = (entryId: number, pool: string | null): Promise<void> =>
  removeEntry.apply({ ...common, kind: 'remove-entry', entryId, pool }, bench);
const token = (): string | null => bench.secrets.get(secretName.entryToken('default'));

/** What the next plan says of the entries, with GitLab's list as it is now. */
async function nextActions(): Promise<readonly Action[]> {
  const prefix = entryPrefix(bench.instance);
  const entriesAtGitlab = fresh(await gitlab.listEntries(prefix));
  const observed = someObserved({ entries: bench.store.entries(), entriesAtGitlab });
  return planEntries(someDesired({ instance: bench.instance }), observed);
}

/** Plans and applies until nothing is left to do; the actions in order. */
async function converge(): Promise<readonly string[]> {
  const done: string[] = [];
  for (let pass = 0; pass < 9; pass += 1) {
    const [action] = await nextActions();
    if (action === undefined) return done;
    done.push(action.kind);
    if (action.kind === 'write-entry') await writeEntry.apply(action, bench);
    if (action.kind === 'remove-entry') await removeEntry.apply(action, bench);
  }
  throw new Error(`does not converge: ${done.join()}`);
}

describe('writing a runner entry', () => {
  it('makes one at GitLab, keeps its token secret, and remembers it', async () => {
    await write();
    const [made] = gitlab.entries();
    expect(made).toMatchObject({
      description: `${entryPrefix(bench.instance)}default`,
      tags: somePool().tags,
      runUntagged: true,
    });
    expect(token()).toBe(made?.token);
    expect(bench.store.entries()).toEqual([someEntry({ entryId: made?.id ?? 0 })]);
    expect(JSON.stringify(bench.store.entries())).not.toContain('glrt-');
    expect(await nextActions()).toEqual([]);
  });

  it('changes in place whether it is paused and whom it serves by branch', async () => {
    await write();
    const before = token();
    await write(somePool({ paused: true, protectedOnly: true }));
    expect(gitlab.entries()).toMatchObject([{ paused: true, protectedOnly: true }]);
    expect(bench.store.entries()).toMatchObject([{ paused: true, protectedOnly: true }]);
    expect(token()).toBe(before);
  });

  it('makes another one for another scope, and the old one goes', async () => {
    await write();
    const [old] = gitlab.entries();
    const project = await gitlab.createProject('own');
    const pool = somePool({ scope: { kind: 'project', path: project.path } });
    await write(pool);
    expect(gitlab.entries()).toHaveLength(2);
    expect(token()).not.toBe(old?.token);
    const entriesAtGitlab = fresh(await gitlab.listEntries(entryPrefix(bench.instance)));
    const observed = someObserved({ entries: bench.store.entries(), entriesAtGitlab });
    const planned = planEntries(someDesired({ instance: bench.instance, pools: [pool] }), observed);
    expect(planned).toMatchObject([{ kind: 'remove-entry', entryId: old?.id }]);
  });

  it('fails with a key where the path of the scope is not there', async () => {
    const scope = { kind: 'group', path: 'no/where' } as const;
    await expect(write(somePool({ scope }))).rejects.toMatchObject({ key: 'gitlab.no-such-path' });
    expect(bench.store.entries()).toEqual([]);
  });

  it('changes the one that is there, with its token kept', async () => {
    await write();
    const before = token();
    await write(somePool({ tags: ['new'], runUntagged: false }));
    expect(gitlab.entries()).toMatchObject([{ tags: ['new'], runUntagged: false }]);
    expect(bench.store.entries()).toMatchObject([{ tags: ['new'], runUntagged: false }]);
    expect(token()).toBe(before);
  });

  it.each<[string, () => Promise<void> | void]>([
    ['it is gone at GitLab', () => gitlab.removeEntry(gitlab.entries()[0]?.id ?? 0)],
    ['its token is lost', () => bench.secrets.remove(secretName.entryToken('default'))],
    ['it is of another GitLab', () => bench.store.saveEntry(someEntry({ gitlabUrl: 'http://old.test' }))],
  ])('makes a new one when %s', async (_, spoil) => {
    await write();
    const [old] = gitlab.entries();
    await spoil();
    await write();
    const made = gitlab.entries().at(-1);
    expect(made?.id).not.toBe(old?.id);
    expect(token()).toBe(made?.token);
    expect(bench.store.entries()).toMatchObject([{ entryId: made?.id, gitlabUrl: address.runnerUrl }]);
  });

  it('says what went wrong, and remembers nothing', async () => {
    gitlab.fail(gitlabFailure('gitlab.unavailable'), 'createEntry');
    await expect(write()).rejects.toMatchObject({ key: 'gitlab.unavailable' });
    expect([token(), bench.store.entries()]).toEqual([null, []]);
  });
});

describe('an entry that was half made', () => {
  it.each<[string, Partial<Bench>]>([
    [
      'before its token was kept',
      { secrets: { ...memorySecrets(), set: () => Promise.reject(new Error('killed')) } },
    ],
    ['before it was remembered', {}],
  ])('%s: the next plans make one and remove the orphan', async (_, change) => {
    const saveEntry = (): never => {
      throw new Error('killed');
    };
    const store = 'secrets' in change ? bench.store : { ...bench.store, saveEntry };
    const action = { ...common, kind: 'write-entry', pool: somePool() } as const;
    await expect(writeEntry.apply(action, { ...bench, ...change, store })).rejects.toThrow('killed');
    expect(gitlab.entries()).toHaveLength(1);
    expect(await converge()).toEqual(['write-entry', 'remove-entry']);
    expect(gitlab.entries()).toHaveLength(1);
    expect(token()).toBe(gitlab.entries()[0]?.token);
  });
});

describe('removing a runner entry', () => {
  it('removes it at GitLab, its token and our memory of it', async () => {
    await write();
    await remove(gitlab.entries()[0]?.id ?? 0, 'default');
    expect([gitlab.entries(), bench.store.entries(), token()]).toEqual([[], [], null]);
  });

  it('an orphan leaves what its pool has', async () => {
    await write();
    const before = token();
    const orphan = await gitlab.createEntry({ ...entryTerms(somePool()), description: 'x' });
    await remove(orphan.id, null);
    expect(gitlab.entries()).toHaveLength(1);
    expect(bench.store.entries()).toHaveLength(1);
    expect(token()).toBe(before);
  });

  it('keeps our memory of it when GitLab refuses', async () => {
    await write();
    gitlab.fail(gitlabFailure('gitlab.forbidden'));
    await expect(remove(1, 'default')).rejects.toMatchObject({ key: 'gitlab.forbidden' });
    expect(bench.store.entries()).toHaveLength(1);
  });
});
