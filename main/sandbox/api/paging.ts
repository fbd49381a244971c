// GitLab's two ways of paging: by number with totals, and keyset with a link to the next page only.
import type { Context } from 'hono';
import { z } from 'zod';
import { intParam, parseParams } from './params.ts';
import type { RawParams } from './params.ts';

const pagingSchema = z.object({
  page: intParam.default(1),
  per_page: intParam.default(20),
  pagination: z.string().optional(),
  order_by: z.string().optional(),
  sort: z.string().optional(),
  cursor: z.string().optional(),
  id_after: intParam.optional(),
  id_before: intParam.optional(),
});

/** `uncounted`: GitLab spares itself the count of large lists, and the totals with it. */
export type Counting = 'counted' | 'uncounted';

/** Answers one page of `items`, which are sorted already and have no filter left to apply but the page. */
export function answerPage<T extends { readonly id: number }>(
  c: Context,
  raw: RawParams,
  items: readonly T[],
  render: (item: T) => unknown,
  counting: Counting = 'counted',
): Response {
  const paging = parseParams(pagingSchema, raw);
  if (paging.pagination === 'keyset') return answerKeyset(c, paging, items, render);
  return answerNumbered(c, paging, items, render, counting);
}

/** As `answerPage`, for things without ids. */
export function answerNumberedPage<T>(
  c: Context,
  raw: RawParams,
  items: readonly T[],
  render: (item: T) => unknown,
): Response {
  return answerNumbered(c, parseParams(pagingSchema, raw), items, render, 'counted');
}

type Paging = z.infer<typeof pagingSchema>;

function answerNumbered<T>(
  c: Context,
  paging: Paging,
  items: readonly T[],
  render: (item: T) => unknown,
  counting: Counting,
): Response {
  const page = Math.max(1, paging.page);
  const perPage = Math.min(100, Math.max(1, paging.per_page));
  const pages = Math.max(1, Math.ceil(items.length / perPage));
  const link = (number: number, rel: string): string => linkTo(c, { page: String(number) }, rel, perPage);
  const links = [
    ...(page > 1 ? [link(page - 1, 'prev')] : []),
    ...(page < pages ? [link(page + 1, 'next')] : []),
    link(1, 'first'),
    ...(counting === 'counted' ? [link(pages, 'last')] : []),
  ];
  c.header('X-Page', String(page));
  c.header('X-Per-Page', String(perPage));
  c.header('X-Prev-Page', page > 1 ? String(page - 1) : '');
  c.header('X-Next-Page', page < pages ? String(page + 1) : '');
  if (counting === 'counted') {
    c.header('X-Total', String(items.length));
    c.header('X-Total-Pages', String(pages));
  }
  c.header('Link', links.join(', '));
  return c.json(items.slice((page - 1) * perPage, page * perPage).map(render));
}

function answerKeyset<T extends { readonly id: number }>(
  c: Context,
  paging: Paging,
  items: readonly T[],
  render: (item: T) => unknown,
): Response {
  const perPage = Math.min(100, Math.max(1, paging.per_page));
  const ascending = paging.sort === 'asc';
  const start = paging.cursor === undefined ? undefined : parseCursor(paging.cursor);
  const after = start ?? (ascending ? paging.id_after : paging.id_before);
  const sorted = [...items].sort((a, b) => (ascending ? a.id - b.id : b.id - a.id));
  const rest =
    after === undefined ? sorted : sorted.filter((item) => (ascending ? item.id > after : item.id < after));
  const page = rest.slice(0, perPage);
  const last = page.at(-1);
  if (last !== undefined && rest.length > page.length) {
    const key: Readonly<Record<string, string>> = c.req.path.endsWith('/projects')
      ? { [ascending ? 'id_after' : 'id_before']: String(last.id) }
      : { cursor: renderCursor(last.id) };
    c.header('Link', linkTo(c, key, 'next', perPage));
  }
  return c.json(page.map(render));
}

function linkTo(c: Context, changes: Readonly<Record<string, string>>, rel: string, perPage: number): string {
  const url = new URL(c.req.url);
  const host = c.req.header('host');
  if (host !== undefined) url.host = host;
  url.searchParams.set('per_page', String(perPage));
  for (const [key, value] of Object.entries(changes)) url.searchParams.set(key, value);
  return `<${url.href}>; rel="${rel}"`;
}

/** An opaque position in a list ordered by id, as GitLab's keyset and GraphQL cursors are: base64 of `{"id": …}`. */
export function renderCursor(id: number): string {
  return Buffer.from(JSON.stringify({ id: String(id) })).toString('base64url');
}

/** The id behind a cursor; `undefined` for anything else. */
export function parseCursor(cursor: string): number | undefined {
  try {
    const text = Buffer.from(cursor, 'base64url').toString('utf8');
    const parsed = z.object({ id: z.coerce.number().int() }).safeParse(JSON.parse(text));
    return parsed.success ? parsed.data.id : undefined;
  } catch {
    return undefined;
  }
}
