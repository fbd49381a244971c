// Where the page is, as its address says, and going elsewhere.
import { useSyncExternalStore } from 'react';
import { formatRoute, parseRoute } from './route.ts';
import type { Route } from './route.ts';

const listeners = new Set<() => void>();

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  window.addEventListener('hashchange', listener);
  return () => {
    listeners.delete(listener);
    window.removeEventListener('hashchange', listener);
  };
}

let read: { readonly fragment: string; readonly route: Route | null } | null = null;

function present(): Route | null {
  const fragment = window.location.hash;
  if (read?.fragment !== fragment) read = { fragment, route: parseRoute(fragment) };
  return read.route;
}

/** The present route; `null` for an address that does not exist. */
export function useRoute(): Route | null {
  return useSyncExternalStore(subscribe, present);
}

/** Goes to another page; the way back leads here. */
export function goTo(route: Partial<Route> & Pick<Route, 'page'>): void {
  window.location.hash = formatRoute(route);
}

/** Opens something beside the present list, whose filter stays; `null` closes it. Lines of a log are of its job alone. */
export function openBeside(id: string | null): void {
  const route = present();
  if (route !== null) goTo({ ...route, id, query: { ...route.query, line: '' } });
}

/** Changes the address without a way back, as for every letter of a filter. */
export function replaceRoute(route: Partial<Route> & Pick<Route, 'page'>): void {
  window.history.replaceState(null, '', `/${formatRoute(route)}`);
  for (const listener of listeners) listener();
}

/** An address with a path, as `/jobs/41`, as one behind the `#`. */
export function foldPath(): void {
  const { pathname, search, hash } = window.location;
  if (pathname === '/' || pathname === '/index.html') return;
  const route = parseRoute(`#${pathname}${search}`);
  if (route !== null && hash === '') window.history.replaceState(null, '', `/${formatRoute(route)}`);
}

/** Takes what stands behind the `#` out of the address and of the history. */
export function forgetFragment(): void {
  window.history.replaceState(null, '', '/');
}
