// Relay connections over lists that are ordered already, newest first.
import { GraphQLError } from 'graphql';
import { parseCursor, renderCursor } from '../paging.ts';
import { MAX_PAGE } from './limits.ts';

export interface PageArguments {
  readonly first?: number | null;
  readonly last?: number | null;
  readonly after?: string | null;
  readonly before?: string | null;
}

/** One page; `count` follows GitLab's limited count: at most `limit + 1`. */
export function connect<T extends { readonly id: number }, Node>(
  all: readonly T[],
  page: PageArguments,
  toNode: (item: T) => Node,
) {
  const start = indexAfter(all, page.after ?? null);
  const end = page.before === undefined || page.before === null ? all.length : indexOf(all, page.before);
  const within = all.slice(start, Math.max(start, end));
  const size = Math.min(MAX_PAGE, page.first ?? page.last ?? MAX_PAGE);
  if (size < 0) throw new GraphQLError('`first` and `last` must not be negative');
  const fromEnd = (page.first ?? null) === null && (page.last ?? null) !== null;
  const items = fromEnd ? within.slice(Math.max(0, within.length - size)) : within.slice(0, size);
  const first = items[0];
  const last = items.at(-1);
  return {
    nodes: () => items.map(toNode),
    edges: () => items.map((item) => ({ cursor: renderCursor(item.id), node: toNode(item) })),
    pageInfo: {
      hasNextPage: fromEnd ? end < all.length : within.length > items.length,
      hasPreviousPage: fromEnd ? within.length > items.length : start > 0,
      startCursor: first === undefined ? null : renderCursor(first.id),
      endCursor: last === undefined ? null : renderCursor(last.id),
    },
    count: ({ limit }: { readonly limit?: number | null }) =>
      Math.min(all.length, (limit ?? Number.MAX_SAFE_INTEGER - 1) + 1),
  };
}

function positionOf(cursor: string): number {
  const id = parseCursor(cursor);
  if (id === undefined) throw new GraphQLError('Please provide a valid cursor');
  return id;
}

/** Lists are ordered by falling id, so an item that is gone meanwhile still has a place. */
function indexAfter(all: readonly { readonly id: number }[], cursor: string | null): number {
  if (cursor === null) return 0;
  const id = positionOf(cursor);
  const index = all.findIndex((item) => item.id < id);
  return index < 0 ? all.length : index;
}

function indexOf(all: readonly { readonly id: number }[], cursor: string): number {
  const id = positionOf(cursor);
  const index = all.findIndex((item) => item.id <= id);
  return index < 0 ? all.length : index;
}
