// Doing something again and again while a view is seen.
import { useEffect } from 'react';
import { useLab } from './use-live.ts';

/** Calls `deed`, which must stay the same between drawings, every `ms` while the page is seen and the core is there. */
export function useRepeat(deed: () => void, ms: number): void {
  const { live } = useLab();
  useEffect(() => {
    const timer = setInterval(() => {
      if (document.visibilityState === 'visible' && live.get().connection.state === 'live') deed();
    }, ms);
    return () => clearInterval(timer);
  }, [live, deed, ms]);
}
