// The lines of a log in sight, all of one height: follows the end until somebody scrolls up, and again from the end on.
import { useEffect, useLayoutEffect, useRef, useState } from 'react';
import type { UIEvent } from 'react';
import type { LogBook } from '../state/log-book.ts';
import type { Folds, LineRange, Rows } from '../state/log-rows.ts';
import { isFolded } from '../state/log-rows.ts';
import type { Goal } from '../state/use-log-reading.ts';
import type { LineEvents } from './log-line.tsx';
import { Line } from './log-line.tsx';
import styles from './log-view.module.css';

const lineHeight = 20;
/** So near to the end counts as there. CSS pixels. */
const nearEnd = 24;
/** Rows that are drawn beyond those in sight, on either side. */
const beyond = 20;
/** Above and below the lines. CSS pixels. */
const padding = 8;

interface LinesProps {
  /** Whose log it is, for those who do not see it. */
  readonly label: string;
  readonly book: LogBook;
  readonly rows: Rows;
  readonly folds: Folds;
  readonly goal: Goal | null;
  readonly marked: LineRange | null;
  readonly needle: RegExp | null;
  /** The place that was gone to. */
  readonly present: { readonly line: number; readonly ordinal: number } | null;
  readonly showsTimes: boolean;
  readonly isFollowing: boolean;
  readonly events: LineEvents;
  hrefOf(line: number): string;
  onFollow(isFollowing: boolean): void;
  /** The first line in sight. */
  onTop(line: number): void;
}

interface Window {
  readonly first: number;
  readonly count: number;
}

/** Which rows are in sight, told only when they are others. */
function useSight(scroller: HTMLElement | null): { readonly sight: Window; look(): void } {
  const [sight, setSight] = useState<Window>({ first: 0, count: 40 });
  const look = (): void => {
    if (scroller === null) return;
    const first = Math.max(0, Math.floor((scroller.scrollTop - padding) / lineHeight));
    const count = Math.ceil(scroller.clientHeight / lineHeight) + 1;
    setSight((before) => (before.first === first && before.count === count ? before : { first, count }));
  };
  const newest = useRef(look);
  useEffect(() => {
    newest.current = look;
  });
  useLayoutEffect(() => {
    if (scroller === null) return;
    const observer = new ResizeObserver(() => newest.current());
    observer.observe(scroller);
    return () => observer.disconnect();
  }, [scroller]);
  return { sight, look };
}

/** Stays at the end while it is followed, and goes to a goal when there is one. */
function useScrolling(
  scroller: HTMLElement | null,
  { book, rows, goal, isFollowing, onFollow }: LinesProps,
): (event: UIEvent<HTMLElement>) => void {
  const top = useRef(0);
  const reached = useRef<Goal | null>(null);
  useLayoutEffect(() => {
    if (scroller === null) return;
    const row = goal === null || goal.line >= book.count ? null : rows.rowOf(goal.line);
    // One that is folded away comes into sight in the next moment.
    if (row !== null && goal !== reached.current && rows.lineAt(row) === goal?.line) {
      reached.current = goal;
      onFollow(false);
      scroller.scrollTo({ top: Math.max(0, row * lineHeight - scroller.clientHeight / 2) });
    } else if (isFollowing) scroller.scrollTo({ top: scroller.scrollHeight });
    top.current = scroller.scrollTop;
  }, [scroller, goal, book, rows, isFollowing, onFollow]);
  return ({ currentTarget: { scrollTop, scrollHeight, clientHeight } }) => {
    const isNear = scrollHeight - scrollTop - clientHeight < nearEnd;
    const isUp = scrollTop < top.current - 1;
    top.current = scrollTop;
    // Lines that come do not move the view by themselves: who is above the end has gone up.
    if (isNear) onFollow(true);
    else if (isUp) onFollow(false);
  };
}

function depthOf(book: LogBook, line: number): number {
  const section = book.sectionOf(line);
  return section === null ? 0 : (book.sections[section]?.depth ?? 0) + 1;
}

export function LogLines(props: LinesProps) {
  const { label, book, rows, folds, marked, needle, present, showsTimes, events, hrefOf, onTop } = props;
  const [scroller, setScroller] = useState<HTMLDivElement | null>(null);
  const { sight, look } = useSight(scroller);
  const follow = useScrolling(scroller, props);
  const from = Math.max(0, Math.min(sight.first, rows.count) - beyond);
  const to = Math.min(rows.count, sight.first + sight.count + beyond);
  const lines = Array.from({ length: Math.max(0, to - from) }, (_, at) => rows.lineAt(from + at));
  return (
    <div
      ref={setScroller}
      className={styles.lines}
      tabIndex={0}
      role="log"
      aria-live="off"
      aria-label={label}
      onScroll={(event) => {
        follow(event);
        look();
        onTop(rows.lineAt(Math.max(0, Math.floor((event.currentTarget.scrollTop - padding) / lineHeight))));
      }}
    >
      <div className={styles.sheet} style={{ height: rows.count * lineHeight }}>
        {lines.map((line, at) => {
          const section = book.sectionAt(line);
          const begun = section === null ? undefined : book.sections[section];
          return (
            <Line
              key={line}
              {...{ section, needle, events }}
              line={book.line(line)}
              index={line}
              top={(from + at) * lineHeight}
              depth={depthOf(book, line)}
              time={showsTimes ? book.time(line) : null}
              isFolded={section !== null && isFolded(folds, section, begun)}
              seconds={begun?.seconds ?? null}
              isMarked={marked !== null && line >= marked.from && line <= marked.to}
              place={present?.line === line ? present.ordinal : null}
              href={hrefOf(line)}
            />
          );
        })}
      </div>
    </div>
  );
}
