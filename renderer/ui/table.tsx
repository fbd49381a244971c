// A list of rows as a grid: only the rows in sight are drawn, and all of it works by keyboard.
import { useVirtualizer } from '@tanstack/react-virtual';
import type { Virtualizer } from '@tanstack/react-virtual';
import { ArrowUp } from 'lucide-react';
import { useEffect, useId, useLayoutEffect, useMemo, useRef, useState } from 'react';
import type { KeyboardEvent, ReactNode } from 'react';
import { useSeenNow } from '../state/use-live.ts';
import styles from './table.module.css';
import { useHeldRows } from './use-held-rows.ts';
import { stepOf } from './walk.ts';

export interface Column<T> {
  readonly title: string;
  /** A track of a CSS grid: `96px`, `minmax(120px, 2fr)`. */
  readonly track: string;
  readonly align?: 'end';
  cell(row: T, now: number): ReactNode;
}

export interface TableRow {
  readonly id: string | number;
}

interface TableProps<T extends TableRow> {
  readonly label: string;
  /** So many new rows that the held list has not: `2 new jobs`. */
  fresh(number: number): string;
  /** Names what is listed; under another name the list starts at its top. */
  readonly list: string;
  readonly rows: readonly T[];
  /** Where the newest values of rows are found that the list has lost while it was held. */
  readonly all: readonly T[];
  readonly columns: readonly Column<T>[];
  /** The columns where there is no room for all of them. */
  readonly narrow: readonly Column<T>[];
  /** The row that is open beside the list. */
  readonly openId?: T['id'] | null;
  onOpen?(row: T): void;
  /** Shown instead of rows. */
  readonly empty: ReactNode;
}

const rowHeight = 36;
const narrowRowHeight = 52;
/** Below this width the narrow columns are shown. CSS pixels. */
const narrowWidth = 820;

interface RowProps<T extends TableRow> {
  readonly row: T;
  readonly domId: string;
  readonly index: number;
  readonly top: number;
  readonly height: number;
  readonly columns: readonly Column<T>[];
  readonly tracks: string;
  readonly now: number;
  readonly isActive: boolean;
  readonly isOpen: boolean;
}

function Row<T extends TableRow>(props: RowProps<T>) {
  const { row, domId, index, top, height, columns, tracks, now, isActive, isOpen } = props;
  const cells = useMemo(
    () =>
      columns.map((column, at) => (
        <div
          key={at}
          role="gridcell"
          aria-colindex={at + 1}
          className={styles.cell}
          data-align={column.align}
        >
          {column.cell(row, now)}
        </div>
      )),
    [row, columns, now],
  );
  return (
    <div
      role="row"
      id={domId}
      aria-rowindex={index + 2}
      aria-selected={isOpen}
      data-active={isActive || undefined}
      className={styles.row}
      style={{ transform: `translateY(${top}px)`, height, gridTemplateColumns: tracks }}
    >
      {cells}
    </div>
  );
}

/** Whether an element is too narrow for all columns; known before it is seen for the first time. */
function useNarrow(element: HTMLElement | null): boolean {
  const [isNarrow, setNarrow] = useState(false);
  useLayoutEffect(() => {
    if (element === null) return;
    const measure = (): void => setNarrow(element.clientWidth < narrowWidth);
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, [element]);
  return isNarrow;
}

/** The list is at its top again when it lists something else. */
function useTopOf(list: string, scroller: HTMLElement | null): void {
  const shown = useRef(list);
  useEffect(() => {
    if (shown.current === list) return;
    shown.current = list;
    scroller?.scrollTo({ top: 0 });
  }, [list, scroller]);
}

/** Which rows are in sight. */
function useWindow(
  rows: readonly TableRow[],
  scroller: HTMLDivElement | null,
  height: number,
): Virtualizer<HTMLDivElement, Element> {
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller,
    estimateSize: () => height,
    getItemKey: (index) => rows[index]?.id ?? index,
    overscan: 6,
    useFlushSync: false,
  });
  useEffect(() => virtual.measure(), [virtual, height]);
  return virtual;
}

interface WalkEvents<T> {
  readonly onOpen: ((row: T) => void) | undefined;
  onStep(index: number): void;
}

/** Going through the rows by keyboard, as long as the list itself has the focus. */
function useWalk<T extends TableRow>(
  rows: readonly T[],
  visible: number,
  { onOpen, onStep }: WalkEvents<T>,
): { readonly activeIndex: number; walk(event: KeyboardEvent): void } {
  const [active, setActive] = useState<T['id'] | null>(null);
  const activeIndex = active === null ? -1 : rows.findIndex((row) => row.id === active);
  const walk = (event: KeyboardEvent): void => {
    if (event.target !== event.currentTarget) return;
    const row = rows[activeIndex];
    if (event.key === 'Enter' && row !== undefined) onOpen?.(row);
    const next = stepOf(event, activeIndex, rows.length, Math.max(1, visible - 2));
    if (next === null) return;
    event.preventDefault();
    setActive(rows[next]?.id ?? null);
    onStep(next);
  };
  return { activeIndex, walk };
}

/** New rows wait above the list until somebody asks for them. */
function Fresh({ words, onShow }: { readonly words: string | null; onShow(): void }) {
  return (
    <div className={styles.fresh} role="status">
      {words !== null && (
        <button type="button" onClick={onShow}>
          <ArrowUp size={14} aria-hidden />
          {words}
        </button>
      )}
    </div>
  );
}

function Titles<T>({ columns, tracks }: { readonly columns: readonly Column<T>[]; readonly tracks: string }) {
  return (
    <div role="rowgroup" className={styles.head}>
      <div role="row" aria-rowindex={1} className={styles.titles} style={{ gridTemplateColumns: tracks }}>
        {columns.map(({ title, align }, at) => (
          <div key={at} role="columnheader" aria-colindex={at + 1} data-align={align}>
            {title}
          </div>
        ))}
      </div>
    </div>
  );
}

interface BodyProps<T extends TableRow> {
  readonly rows: readonly T[];
  readonly columns: readonly Column<T>[];
  readonly tracks: string;
  readonly virtual: Virtualizer<HTMLDivElement, Element>;
  readonly activeIndex: number;
  readonly openId: T['id'] | null;
  domIdOf(index: number): string;
}

function Body<T extends TableRow>({
  rows,
  columns,
  tracks,
  virtual,
  activeIndex,
  openId,
  domIdOf,
}: BodyProps<T>) {
  const now = useSeenNow();
  return (
    <div role="rowgroup" className={styles.body} style={{ height: virtual.getTotalSize() }}>
      {virtual.getVirtualItems().map(({ index, start, size }) => {
        const row = rows[index];
        return row === undefined ? null : (
          <Row
            key={row.id}
            row={row}
            domId={domIdOf(index)}
            index={index}
            top={start}
            height={size}
            columns={columns}
            tracks={tracks}
            now={now}
            isActive={index === activeIndex}
            isOpen={row.id === openId}
          />
        );
      })}
    </div>
  );
}

export function Table<T extends TableRow>(props: TableProps<T>) {
  const { label, fresh, list, openId = null, onOpen } = props;
  const [scroller, setScroller] = useState<HTMLDivElement | null>(null);
  const isNarrow = useNarrow(scroller);
  const domId = useId();
  const held = useHeldRows(list, props.rows, props.all);
  useTopOf(list, scroller);
  const { rows } = held;
  const columns = isNarrow ? props.narrow : props.columns;
  const tracks = columns.map(({ track }) => track).join(' ');
  const height = isNarrow ? narrowRowHeight : rowHeight;
  const virtual = useWindow(rows, scroller, height);
  const visible = Math.floor((scroller?.clientHeight ?? 0) / height);
  const { activeIndex, walk } = useWalk(rows, visible, {
    onOpen,
    onStep: (index) => {
      held.hold('keyboard', true);
      virtual.scrollToIndex(index, { align: 'auto' });
    },
  });
  const domIdOf = (index: number): string => `${domId}-${rows[index]?.id ?? ''}`;
  const isActiveDrawn = virtual.getVirtualItems().some(({ index }) => index === activeIndex);
  const showFresh = (): void => {
    held.renew();
    scroller?.scrollTo({ top: 0 });
  };

  return (
    <div
      className={styles.frame}
      onPointerEnter={() => held.hold('pointer', true)}
      onPointerLeave={() => held.hold('pointer', false)}
    >
      <Fresh words={held.fresh === 0 ? null : fresh(held.fresh)} onShow={showFresh} />
      <div
        ref={setScroller}
        role="grid"
        aria-label={label}
        aria-rowcount={rows.length + 1}
        aria-colcount={columns.length}
        aria-activedescendant={isActiveDrawn ? domIdOf(activeIndex) : undefined}
        tabIndex={0}
        className={styles.scroller}
        data-empty={rows.length === 0 || undefined}
        onKeyDown={walk}
        onBlur={() => held.hold('keyboard', false)}
        onScroll={(event) => held.hold('scroll', event.currentTarget.scrollTop > 0)}
      >
        <Titles columns={columns} tracks={tracks} />
        {rows.length > 0 && <Body {...{ rows, columns, tracks, virtual, activeIndex, openId, domIdOf }} />}
      </div>
      {rows.length === 0 && <div className={styles.empty}>{props.empty}</div>}
    </div>
  );
}
