// Doing something again and again while a view is seen.
import { useEffect } from 'react';

/** Calls `deed`, which must stay the same between drawings, every `ms` while the page is seen. */
export function useRepeat(deed: () => void, ms: number): void {
  useEffect(() => {
    const timer = setInterval(() => {
      if (document.visibilityState === 'visible') deed();
    }, ms);
    return () => clearInterval(timer);
  }, [deed, ms]);
}
