// How full a pool is: one cell for every runner it may have.
import type { PoolView } from '../../main/contract/snapshot.ts';
import { listed } from '../state/words.ts';
import styles from './slots.module.css';
import { count, t } from '../language/strings.ts';

/** More cells than this could not be counted by eye, or have no room in a row: then they join to a bar. */
const mostCells = { full: 24, short: 8 };

const states = ['busy', 'starting', 'idle', 'leaving'] as const;

interface Cell {
  readonly state: (typeof states)[number] | 'free';
  /** How many runners it stands for. */
  readonly weight: number;
}

function cellsOf({ runners, max }: PoolView, most: number): readonly Cell[] {
  const alive = states.reduce((sum, state) => sum + runners[state], 0);
  const groups: readonly Cell[] = [
    ...states.map((state) => ({ state, weight: runners[state] })),
    { state: 'free', weight: Math.max(0, max - alive) },
  ];
  if (Math.max(max, alive) > most) return groups.filter(({ weight }) => weight > 0);
  return groups.flatMap(({ state, weight }) => Array.from({ length: weight }, () => ({ state, weight: 1 })));
}

/** So many runners in a state: `2 busy`. */
function stateWords(state: (typeof states)[number], runners: number): string {
  switch (state) {
    case 'busy':
      return count(runners, '{{n}} busy', '{{n}} busy');
    case 'starting':
      return count(runners, '{{n}} starting', '{{n}} starting');
    case 'idle':
      return count(runners, '{{n}} idle', '{{n}} idle');
    case 'leaving':
      return count(runners, '{{n}} leaving', '{{n}} leaving');
  }
}

/** `2 busy and 1 idle of 4`. */
export function slotWords({ runners, max }: PoolView): string {
  const parts = states.flatMap((state) => (runners[state] === 0 ? [] : [stateWords(state, runners[state])]));
  return parts.length === 0
    ? t('none of {{max}}', { max })
    : t('{{runners}} of {{max}}', { runners: listed(parts), max });
}

/** `12 of 16`. */
function shortWords({ runners, max }: PoolView): string {
  return t('{{alive}} of {{max}}', { alive: states.reduce((sum, state) => sum + runners[state], 0), max });
}

interface SlotsProps {
  readonly pool: PoolView;
  /** In one line, for a row of a list. */
  readonly isShort?: boolean;
}

export function Slots({ pool, isShort = false }: SlotsProps) {
  const cells = cellsOf(pool, isShort ? mostCells.short : mostCells.full);
  const isBar = cells.some(({ weight }) => weight !== 1);
  return (
    <div className={styles.slots} data-short={isShort || undefined} title={slotWords(pool)}>
      <div className={styles.cells} data-bar={isBar || undefined} aria-hidden>
        {cells.map(({ state, weight }, at) => (
          <span key={at} data-state={state} style={weight === 1 ? {} : { flexGrow: weight }} />
        ))}
      </div>
      <span className={styles.words}>{isShort ? shortWords(pool) : slotWords(pool)}</span>
    </div>
  );
}
