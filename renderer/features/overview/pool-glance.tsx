// The pools in one line each.
import { formatRoute } from '../../state/route.ts';
import { useSnapshot } from '../../state/use-live.ts';
import { count, t } from '../../language/strings.ts';
import { Badge } from '../../ui/badge.tsx';
import { Card } from '../../ui/card.tsx';
import { Slots } from '../../ui/slots.tsx';
import styles from './overview.module.css';

export function PoolGlance() {
  const pools = useSnapshot((snapshot) => snapshot.pools) ?? [];
  if (pools.length === 0)
    return (
      <p className={styles.quiet}>
        {t('There is no pool, so no job can run.')}{' '}
        <a href={formatRoute({ page: 'pools' })}>{t('Add one')}</a>
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
              look={{
                tone: 'waiting',
                sign: 'clock',
                word: count(pool.waiting, '{{n}} job waiting', '{{n}} jobs waiting'),
              }}
            />
          ) : (
            <span className={styles.quiet}>{t('no job waits')}</span>
          )}
        </li>
      ))}
    </Card>
  );
}
