// Words that are looked for in a log while it grows, and the place that is gone to.
import { useEffect, useMemo, useRef, useState } from 'react';
import { needleOf, nothingFound, searchOn } from './log-search.ts';
import type { Found } from './log-search.ts';
import { nextTask } from './next-task.ts';
import type { FollowedLog } from './use-log.ts';

/** Lines that are looked at in one task. */
const slice = 1_000;

export interface LogSearch {
  readonly needle: RegExp | null;
  readonly found: Found;
  /** Not all of what is there has been looked at. */
  readonly isLooking: boolean;
}

interface Looked {
  readonly needle: RegExp | null;
  readonly book: FollowedLog['book'] | null;
  readonly found: Found;
}

export function useLogSearch({ book, state }: FollowedLog, words: string): LogSearch {
  const needle = useMemo(() => needleOf(words), [words]);
  const [looked, setLooked] = useState<Looked>({ needle: null, book: null, found: nothingFound });
  const newest = useRef(looked);
  // The last line may go on as long as the log does.
  const end = state === 'following' ? Math.max(0, book.count - 1) : book.count;
  useEffect(() => {
    if (needle === null) return;
    let isOver = false;
    const { found: before, ...of } = newest.current;
    let found = of.needle === needle && of.book === book ? before : nothingFound;
    const look = async (): Promise<void> => {
      while (!isOver && !found.isCut && found.looked < end) {
        found = searchOn(found, book, needle, end, slice);
        newest.current = { needle, book, found };
        setLooked(newest.current);
        await nextTask();
      }
    };
    void look();
    return () => {
      isOver = true;
    };
  }, [needle, book, end]);
  const isSame = looked.needle === needle && looked.book === book;
  const found = isSame && needle !== null ? looked.found : nothingFound;
  return { needle, found, isLooking: needle !== null && !found.isCut && found.looked < end };
}
