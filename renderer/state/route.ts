// Addresses of the page: everything that can be looked at has one, the same in the window and over HTTP.
import { pageNames } from '../../main/contract/pages.ts';
import type { PageName } from '../../main/contract/pages.ts';

export { pageNames };
export type { PageName };

export interface Route {
  readonly page: PageName;
  /** What is open beside the list. */
  readonly id: string | null;
  readonly query: Readonly<Record<string, string>>;
}

function isPage(word: string): word is PageName {
  return pageNames.some((name) => name === word);
}

/** A part of an address as it was meant; `null` when it is none. */
function decoded(part: string): string | null {
  try {
    return decodeURIComponent(part);
  } catch {
    return null;
  }
}

/** Reads what stands behind the `#`; `null` for an address that does not exist. */
export function parseRoute(fragment: string): Route | null {
  const [path = '', search = ''] = fragment.replace(/^#/, '').split(/\?(.*)/s);
  const [word = '', id, ...more] = path.split('/').filter((part) => part !== '');
  const page = word === '' ? 'overview' : word;
  const given = id === undefined ? null : decoded(id);
  if (!isPage(page) || more.length > 0 || (id !== undefined && given === null)) return null;
  return { page, id: given, query: Object.fromEntries(new URLSearchParams(search)) };
}

/** The address of a route. Empty values of the query are left out. */
export function formatRoute({ page, id = null, query = {} }: Partial<Route> & Pick<Route, 'page'>): string {
  const word = page === 'overview' ? '' : page;
  const path = id === null ? `#/${word}` : `#/${word}/${encodeURIComponent(id)}`;
  const search = new URLSearchParams(Object.entries(query).filter(([, value]) => value !== '')).toString();
  return search === '' ? path : `${path}?${search}`;
}

/** A token that a link carries behind the `#`: `#token=…`. */
export function tokenIn(fragment: string): string | null {
  if (!fragment.startsWith('#token=')) return null;
  return new URLSearchParams(fragment.slice(1)).get('token');
}
