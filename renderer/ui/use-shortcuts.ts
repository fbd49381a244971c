// The keys that lead to pages and open the palette, from everywhere.
import { useCallback, useEffect, useRef } from 'react';
import { goTo } from '../state/use-route.ts';
import { pageOfKey } from './page-looks.ts';
import { useKeys } from './use-keys.ts';

/** A `g` counts for the next key, but not for ever. Milliseconds. */
const afterG = 1_500;

interface Shortcuts {
  /** Pass functions that stay the same. */
  onPalette(): void;
  onKeys(): void;
}

export function useShortcuts({ onPalette, onKeys }: Shortcuts): void {
  /** When `g` was pressed; 0: it was not. */
  const pressedG = useRef(0);
  const press = useCallback(
    (key: string): boolean => {
      const isAfterG = performance.now() - pressedG.current < afterG && pressedG.current > 0;
      pressedG.current = key === 'g' ? performance.now() : 0;
      const page = pageOfKey(key, isAfterG);
      if (page !== null) goTo({ page });
      else if (key === '?') onKeys();
      else return false;
      return true;
    },
    [onKeys],
  );
  useKeys(press);
  useEffect(() => {
    const open = (event: KeyboardEvent): void => {
      const isAsked = event.key.toLowerCase() === 'k' && (event.ctrlKey || event.metaKey);
      if (!isAsked || event.altKey || event.shiftKey) return;
      // Browsers have a use of their own for it.
      event.preventDefault();
      if (document.querySelector('dialog[open]') === null) onPalette();
    };
    document.addEventListener('keydown', open);
    return () => document.removeEventListener('keydown', open);
  }, [onPalette]);
}
