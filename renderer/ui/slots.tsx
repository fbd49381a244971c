// How full a pool is: one cell for every runner it may have.
import type { PoolView } from '../../main/contract/snapshot.ts';
import { listed } from '../state/words.ts';
import styles from './slots.module.css';

/** More cells than this could not be counted by eye: then they join to a bar. */
const mostCells = 24;

const states = ['busy', 'starting', 'idle', 'leaving'] as const;

interface Cell {
  readonly state: (typeof states)[number] | 'free';
  /** How many runners it stands for. */
  readonly weight: number;
}

function cellsOf({ runners, max }: PoolView): readonly Cell[] {
  const alive = states.reduce((sum, state) => sum + runners[state], 0);
  const groups: readonly Cell[] = [
    ...states.map((state) => ({ state, weight: runners[state] })),
    { state: 'free', weight: Math.max(0, max - alive) },
  ];
  if (Math.max(max, alive) > mostCells) return groups.filter(({ weight }) => weight > 0);
  return groups.flatMap(({ state, weight }) => Array.from({ length: weight }, () => ({ state, weight: 1 })));
}

/** `2 busy and 1 idle of 4`. */
export function slotWords({ runners, max }: PoolView): string {
  const parts = states.flatMap((state) => (runners[state] === 0 ? [] : [`${runners[state]} ${state}`]));
  return parts.length === 0 ? `none of ${max}` : `${listed(parts)} of ${max}`;
}

export function Slots({ pool }: { readonly pool: PoolView }) {
  return (
    <div className={styles.slots}>
      <div className={styles.cells} aria-hidden>
        {cellsOf(pool).map(({ state, weight }, at) => (
          <span key={at} data-state={state} style={weight === 1 ? {} : { flexGrow: weight }} />
        ))}
      </div>
      <span className={styles.words}>{slotWords(pool)}</span>
    </div>
  );
}
