import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { openDatabase } from '../../../../main/adapters/store/database.ts';
import { mostKept, openStore } from '../../../../main/adapters/store/open-store.ts';
import { emptyNoticeMemory } from '../../../../main/model/notice-memory.ts';
import type { NoticeMemory } from '../../../../main/model/notice-memory.ts';
import { someNotice } from '../../../fakes/fake-notice-calls.ts';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

function somePath(): string {
  const folder = mkdtempSync(join(tmpdir(), 'autogit-notices-'));
  folders.push(folder);
  return join(folder, 'state.db');
}

const learned: NoticeMemory = {
  ...emptyNoticeMemory,
  nextId: 9,
  baseline: {
    day: new Map([[4, { mean: 30.5, spread: 3 }]]),
    week: new Map([[52, { mean: 40, spread: 0 }]]),
    now: { slot: 52, peak: 46, seenMs: 60_000, lastAt: 1 },
  },
  open: [{ matter: 'job-spike', notice: someNotice(), goneSince: null, toldAt: 5 }],
  mutes: [{ kind: 'gpu', until: 99 }],
};

describe('notices in the store', () => {
  it('are kept with what was learned, and read again by the next core', () => {
    const path = somePath();
    const store = openStore(path, { now: () => 1_000 });
    expect(store.notices(10)).toEqual([]);
    expect(store.noticeMemory()).toBeNull();
    const first = someNotice({ id: 1 });
    const second = someNotice({ id: 2, kind: 'disk', endedAt: 5, readAt: 6, silent: 'muted', actions: [] });
    store.saveNotices([first, second], emptyNoticeMemory);
    store.saveNotices([{ ...first, title: '45 jobs wait' }], learned);
    store.close();
    const again = openStore(path, { now: () => 1_000 });
    expect(again.notices(10)).toEqual([second, { ...first, title: '45 jobs wait' }]);
    expect(again.notices(1)).toEqual([second]);
    expect(again.noticeMemory()).toEqual(learned);
    again.close();
  });

  it('are the newest 500: the oldest go as others come', () => {
    const store = openStore(':memory:', { now: () => 1_000 });
    for (let id = 1; id <= mostKept.notices + 20; id += 1)
      store.saveNotices([someNotice({ id })], emptyNoticeMemory);
    const kept = store.notices(10_000);
    expect(kept).toHaveLength(mostKept.notices);
    expect(kept.at(-1)?.id).toBe(21);
    store.close();
  });

  it('are none, and nothing was learned, where somebody has damaged the rows', () => {
    const path = somePath();
    const store = openStore(path, { now: () => 1_000 });
    store.saveNotices([someNotice({ id: 1 }), someNotice({ id: 2 })], learned);
    store.close();
    const database = openDatabase(path);
    database.exec(
      `UPDATE notices SET actions = 'x' WHERE id = 1; UPDATE notice_memory SET memory = '{"open": 7}'`,
    );
    database.close();
    const again = openStore(path, { now: () => 1_000 });
    expect(again.notices(10).map(({ id }) => id)).toEqual([2]);
    expect(again.noticeMemory()).toBeNull();
    again.close();
  });
});
