// What has changed, put on top of a followed snapshot: apart from how it is read, for those who only take it.
import type { SnapshotNews } from './news.ts';
import { keepRows } from './same.ts';
import type { Snapshot } from './snapshot.ts';

export interface Row<I> {
  readonly id: I;
}
export interface ListChange<T extends Row<I>, I> {
  readonly put: T[];
  readonly order: I[] | null;
}

function applyList<T extends Row<I>, I>(before: T[], { put, order }: ListChange<T, I>): T[] {
  if (put.length === 0 && order === null) return before;
  const rows = new Map([...before, ...put].map((row) => [row.id, row]));
  return (order ?? before.map((row) => row.id)).flatMap((id) => rows.get(id) ?? []);
}

/** The newer snapshot. Lists and rows that have not changed stay the same objects, so that views can tell. */
export function applyNews(before: Snapshot | null, news: SnapshotNews): Snapshot {
  if (news.kind === 'whole') return news.snapshot;
  if (before === null) throw new TypeError('a change came before the whole');
  const { nodes, pools, tasks, issues } = news.rest ?? before;
  return {
    ...before,
    ...news.rest,
    version: news.version,
    at: news.at,
    nodes: keepRows(before.nodes, nodes, ({ id }) => id),
    pools: keepRows(before.pools, pools, ({ name }) => name),
    tasks: keepRows(before.tasks, tasks, ({ key }) => key),
    issues: keepRows(before.issues, issues, ({ key, subject }) => `${key} ${subject}`),
    jobs: applyList(before.jobs, news.jobs),
    runners: applyList(before.runners, news.runners),
  };
}
