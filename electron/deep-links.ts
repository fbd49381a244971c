// Links that other programs open AutoGit with: `autogit://open/jobs/12`. They show a page, and can do nothing else.
import { pageNames } from '../main/contract/pages.ts';
import { parseUrl } from './page-files.ts';

/** Characters: a link of a person has less. */
const longestLink = 1000;
/** What ids and searches of the page consist of, encoded as in an address. */
const part = /^[A-Za-z0-9._~!$&'()*+,;=:@%-]{1,300}$/;

/** The address in the page, as it stands behind the `#`; `null`: nothing of ours. */
export function routeOfLink(link: string): string | null {
  const url = link.length > longestLink ? null : parseUrl(link);
  if (url?.protocol !== 'autogit:' || url.host !== 'open') return null;
  if (url.username !== '' || url.password !== '' || url.hash !== '') return null;
  const [page = '', id, ...more] = url.pathname.split('/').filter((one) => one !== '');
  const isKnown = pageNames.some((name) => name === page);
  if (!isKnown || more.length > 0 || (id !== undefined && !part.test(id))) return null;
  const search = url.search.slice(1);
  if (search !== '' && !part.test(search)) return null;
  return `/${page}${id === undefined ? '' : `/${id}`}${search === '' ? '' : `?${search}`}`;
}

/** The first link among the words of a command line; `null`: there is none. */
export function routeInWords(words: readonly string[]): string | null {
  return words.map(routeOfLink).find((route) => route !== null) ?? null;
}
