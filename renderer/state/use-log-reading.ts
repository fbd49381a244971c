// How somebody reads a log: what is folded, whether its end is followed, which line is gone to, what is looked for.
import { useCallback, useMemo, useRef, useState } from 'react';
import { noFolds, revealed, rowsOf, withFold } from './log-rows.ts';
import type { Folds, LineRange, Rows } from './log-rows.ts';
import { ordinalOf, placeFrom } from './log-search.ts';
import { useLogSearch } from './use-log-search.ts';
import type { LogSearch } from './use-log-search.ts';
import type { FollowedLog } from './use-log.ts';

/** A line to go to; a new object goes there once more. */
export interface Goal {
  readonly line: number;
}

export interface Reading {
  readonly followed: FollowedLog;
  readonly folds: Folds;
  readonly rows: Rows;
  fold(section: number, folded: boolean): void;
  foldAll(folded: boolean): void;
  readonly isFollowing: boolean;
  setFollowing(isFollowing: boolean): void;
  readonly goal: Goal | null;
  /** Opens the sections that the line is in, and shows it. */
  goTo(line: number): void;
}

/** `chosen`: lines of the address, which are shown first instead of the end. */
export function useReading(followed: FollowedLog, chosen: LineRange | null): Reading {
  const { book } = followed;
  const { count, sections } = book;
  const [folds, setFolds] = useState(noFolds);
  const [isFollowing, setFollowing] = useState(chosen === null);
  const [goal, setGoal] = useState<Goal | null>(chosen === null ? null : { line: chosen.from });
  // The line of the address may come later than the log begins.
  const isThere = goal !== null && goal.line < count;
  const [opened, setOpened] = useState<Goal | null>(null);
  if (isThere && opened !== goal) {
    setOpened(goal);
    setFolds(revealed(folds, book, goal.line));
  }
  return {
    ...{ followed, folds, isFollowing, setFollowing, goal },
    rows: useMemo(() => rowsOf(count, sections, folds), [count, sections, folds]),
    fold: useCallback((section, folded) => setFolds((before) => withFold(before, section, folded)), []),
    foldAll: (folded) => setFolds({ all: folded ? 'folded' : 'open', own: new Map() }),
    goTo: useCallback((line) => setGoal({ line }), []),
  };
}

export interface Finding {
  readonly words: string;
  readonly search: LogSearch;
  /** The place that was gone to, from 0; `null`: none yet. */
  readonly place: number | null;
  /** Where that is. */
  readonly present: { readonly line: number; readonly ordinal: number } | null;
  onWords(words: string): void;
  /** By so many places, and around the end. */
  onStep(by: number): void;
  /** The first line in sight, from which on is looked. */
  onTop(line: number): void;
}

/** Goes to the first place from the line in sight on, then from one to the next. */
export function useFinding(followed: FollowedLog, goTo: (line: number) => void): Finding {
  const top = useRef(0);
  const [{ words, from, place }, setState] = useState<{
    readonly words: string;
    readonly from: number;
    readonly place: number | null;
  }>({ words: '', from: 0, place: null });
  const search = useLogSearch(followed, words.startsWith(':') ? '' : words);
  const { found, isLooking } = search;
  const { lines } = found;
  const show = (next: number): void => {
    setState((before) => ({ ...before, place: next }));
    goTo(lines[next] ?? 0);
  };
  const isFirst = place === null && lines.length > 0 && (!isLooking || (lines.at(-1) ?? 0) >= from);
  if (isFirst) show(placeFrom(found, from));
  return {
    ...{ words, search, place },
    present: place === null ? null : { line: lines[place] ?? -1, ordinal: ordinalOf(found, place) },
    onWords: (next) => setState({ words: next, from: top.current, place: null }),
    onStep: (by) => {
      if (lines.length > 0) show(((place ?? 0) + by + lines.length) % lines.length);
    },
    onTop: (line) => {
      top.current = line;
    },
  };
}
