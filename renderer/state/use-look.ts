// The look of this page, for views, and put on the page itself.
import { useSyncExternalStore } from 'react';
import { setLocale } from '../language/locale.ts';
import { applyLook, createLooks, lookKey } from './look.ts';
import type { Look } from './look.ts';

const dark = matchMedia('(prefers-color-scheme: dark)');

function show(look: Look): void {
  setLocale(look.locale);
  applyLook(look, document.documentElement, dark.matches);
}

const noStorage = { getItem: () => null, setItem: () => undefined };

/** Browsers may refuse even to name it. */
function storage(): Pick<Storage, 'getItem' | 'setItem'> {
  try {
    return window.localStorage;
  } catch {
    return noStorage;
  }
}

/** The one of this page. */
export const looks = createLooks({
  storage: storage(),
  show,
  onElsewhere: (listener) =>
    window.addEventListener('storage', ({ key }) => {
      if (key === lookKey) listener();
    }),
});

dark.addEventListener('change', () => show(looks.get()));

/** How the page is shown now. */
export function useLook(): Look {
  return useSyncExternalStore(looks.subscribe, looks.get);
}
