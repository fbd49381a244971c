// The pools in one line each.
import { formatRoute } from '../../state/route.ts';
import { useSnapshot } from '../../state/use-live.ts';
import { count } from '../../state/words.ts';
import { Badge } from '../../ui/badge.tsx';
import { Card } from '../../ui/card.tsx';
import { Slots } from '../../ui/slots.tsx';
import styles from './overview.module.css';

export function PoolGlance() {
  const pools = useSnapshot((snapshot) => snapshot.pools) ?? [];
  if (pools.length === 0)
    return (
      <p className={styles.quiet}>
        There is no pool, so no job can run. <a href={formatRoute({ page: 'pools' })}>Add one</a>
      </p>
    );
  return (
    <Card>
      {pools.map((pool) => (
        <li key={pool.name} className={styles.pool}>
          <a href={formatRoute({ page: 'pools', id: pool.name })}>{pool.name}</a>
          <Slots pool={pool} />
          {pool.waiting > 0 ? (
            <Badge
              quiet
              look={{ tone: 'waiting', sign: 'clock', word: `${count(pool.waiting, 'job')} waiting` }}
            />
          ) : (
            <span className={styles.quiet}>no job waits</span>
          )}
        </li>
      ))}
    </Card>
  );
}
