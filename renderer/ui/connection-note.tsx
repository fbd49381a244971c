// How this page stands with the core: quiet while all is well, with cause, age and next step when it is not.
import { RefreshCw } from 'lucide-react';
import type { Connection } from '../state/live.ts';
import { useLab, useLive, useNow } from '../state/use-live.ts';
import { elapsed } from '../state/words.ts';
import { Badge } from './badge.tsx';
import { Button } from './button.tsx';
import styles from './connection-note.module.css';
import { clockTime } from './time.tsx';
import { t } from '../language/strings.ts';

/** Milliseconds after which a wait is named. */
const namedMs = 2_000;
/** Milliseconds after which it is said what can be done. */
const helpedMs = 10_000;

interface NoteProps {
  readonly connection: Connection;
  /** Up to when the state that is shown was true; `null` when none is. */
  readonly shownAt: number | null;
}

function Note({ connection, shownAt }: NoteProps) {
  const { live } = useLab();
  const now = useNow();
  const shown =
    shownAt === null ? [] : [t('What is shown is {{span}} old.', { span: elapsed(now - shownAt) })];
  if (connection.state === 'connecting') {
    const waited = now - connection.since;
    if (waited < namedMs) return null;
    return (
      <p className={styles.note} data-tone="waiting">
        <span>
          {[
            t('Waiting for AutoGit to answer, {{span}}.', { span: elapsed(waited) }),
            ...shown,
            ...(waited > helpedMs ? [t('If it does not: autogit status')] : []),
          ].join(' ')}
        </span>
      </p>
    );
  }
  if (connection.state !== 'gone') return null;
  const { error, since, retryAt } = connection;
  const wait = Math.max(0, Math.ceil((retryAt - now) / 1000));
  return (
    <p className={styles.note} data-tone="failed">
      <span>
        <strong>{error.message}</strong>{' '}
        {[t('Gone since {{time}}.', { time: clockTime(since) }), ...shown, error.next].join(' ')}{' '}
        <code className={styles.key}>{error.key}</code>
      </span>
      <Button icon={RefreshCw} onClick={() => live.retry()}>
        {wait === 0 ? t('Trying now') : t('Try now (or in {{seconds}} s)', { seconds: wait })}
      </Button>
    </p>
  );
}

/** Above every page. */
export function ConnectionNote() {
  const connection = useLive((state) => state.connection);
  const shownAt = useLive(({ lostAt }) => lostAt);
  return (
    <div role="status">
      {connection.state !== 'live' && <Note connection={connection} shownAt={shownAt} />}
    </div>
  );
}

/** In the rail: one word. */
export function ConnectionBadge() {
  const state = useLive(({ connection }) => connection.state);
  switch (state) {
    case 'live':
      return <Badge quiet look={{ tone: 'success', sign: 'check', word: t('Live') }} />;
    case 'connecting':
      return <Badge quiet look={{ tone: 'waiting', sign: 'starting', word: t('Connecting') }} />;
    case 'gone':
    case 'signed-out':
      return <Badge quiet look={{ tone: 'failed', sign: 'lost', word: t('Not connected') }} />;
  }
}
