// One graphics card: what it is, what it does, who uses it, how it is, and which jobs may have it.
import { memo } from 'react';
import type { GpuView } from '../../../main/contract/snapshot.ts';
import { keeperOf, nobodyWords, slownessOf, usersOf } from '../../state/gpu-cards.ts';
import type { GpuCard as Card, GpuUser } from '../../state/gpu-cards.ts';
import { vendorWords } from '../../state/gpu-need.ts';
import { formatRoute } from '../../state/route.ts';
import { gpuLooks } from '../../state/tones.ts';
import { useSeenNow } from '../../state/use-live.ts';
import { gigabytes } from '../../state/words.ts';
import { Badge } from '../../ui/badge.tsx';
import { IssueLines } from '../../ui/issue-lines.tsx';
import { SignIcon } from '../../ui/sign-icon.tsx';
import { Time } from '../../ui/time.tsx';
import { FiguresAhead, GpuFigures } from './gpu-figures.tsx';
import { GpuSwitch } from './gpu-switch.tsx';
import styles from './hardware.module.css';
import { Rich } from '../../ui/rich.tsx';
import { t } from '../../language/strings.ts';

function UserLine({ user }: { readonly user: GpuUser }) {
  const now = useSeenNow();
  const { words, job, since, memoryMiB, isForeign } = user;
  return (
    <li>
      {job === null ? words : <a href={formatRoute({ page: 'jobs', id: String(job) })}>{words}</a>}
      <span className={styles.quiet}>
        {isForeign && <>, {t('not one of the jobs')}</>}
        {since !== null && (
          <>
            , <Rich text={t('since <when/>')} parts={{ when: <Time at={since} now={now} /> }} />
          </>
        )}
        {memoryMiB !== null && `, ${gigabytes(memoryMiB)}`}
      </span>
    </li>
  );
}

export function Users({ card }: { readonly card: Card }) {
  const users = usersOf(card);
  if (users.length === 0) return <p className={styles.quiet}>{nobodyWords(card)}</p>;
  return (
    <ul className={styles.users} aria-label={t('Who uses it')}>
      {users.map((user) => (
        <UserLine key={user.key} user={user} />
      ))}
    </ul>
  );
}

/** Why nobody gets it, where nothing else on the card says so. */
function whyShown({ view, issues }: Card): string | null {
  if (view.holders.length > 0 || issues.length > 0) return null;
  return view.state === 'free' || view.state === 'divided' ? null : view.why;
}

export function Health({ card }: { readonly card: Card }) {
  const { issues, metrics } = card;
  const why = whyShown(card);
  const slow = metrics.flatMap((one) => slownessOf(one) ?? []);
  const problems = metrics.flatMap(({ problem, model }) => (problem === null ? [] : [{ problem, model }]));
  const isSeen = metrics.length > 0 && problems.length === 0;
  const isQuiet = issues.length === 0 && why === null && slow.every(({ isTrouble }) => !isTrouble);
  return (
    <div className={styles.health}>
      <IssueLines issues={issues} />
      {issues.length === 0 &&
        problems.map(({ problem, model }) => (
          <IssueLines key={model} issues={[{ ...problem, severity: 'warning' }]} />
        ))}
      {why !== null && <p>{why}</p>}
      {slow.map(({ words, isTrouble }) => (
        <p key={words} className={styles.slow} data-trouble={isTrouble || undefined}>
          <SignIcon sign={isTrouble ? 'warning' : 'later'} />
          {words}
        </p>
      ))}
      {isQuiet && isSeen && (
        <p className={styles.well}>
          <SignIcon sign="check" />
          {t('No trouble is seen.')}
        </p>
      )}
      {isQuiet && !isSeen && problems.length === 0 && (
        <p className={styles.quiet}>
          <SignIcon sign="question" /> {t('Its health was not looked at yet.')}
        </p>
      )}
    </div>
  );
}

function Slice({ slice }: { readonly slice: GpuView }) {
  const { id, model, memoryMiB, state, holders, why } = slice;
  return (
    <li>
      <a href={formatRoute({ page: 'hardware', id })} title={id}>
        {model}
      </a>
      <span className={styles.quiet}>{memoryMiB !== null && gigabytes(memoryMiB)}</span>
      <Badge look={gpuLooks[state]} quiet />
      {state !== 'free' && (
        <span className={styles.sliceDetail} title={why ?? undefined}>
          {holders.length > 0 ? holders.map(({ by }) => by).join(', ') : why}
        </span>
      )}
    </li>
  );
}

function idOf({ view, metrics }: Card): string {
  return metrics.length > 1
    ? t('{{number}} cards that come and go together', { number: metrics.length })
    : view.id;
}

interface GpuCardProps {
  readonly card: Card;
  readonly visits: number;
  readonly isOpen: boolean;
  /** Named where there are several. */
  readonly hasNode: boolean;
}

export const GpuCard = memo(function GpuCard({ card, visits, isOpen, hasNode }: GpuCardProps) {
  const { view, metrics, slices } = card;
  return (
    <li className={styles.gpu} aria-label={`${view.model}, ${view.id}`} data-open={isOpen || undefined}>
      <div className={styles.gpuHead}>
        <div>
          <h3>
            <a href={formatRoute({ page: 'hardware', id: view.id })}>{view.model}</a>
          </h3>
          <p className={styles.id} title={view.id}>
            {vendorWords(view.vendor)} · {hasNode && `${view.node} · `}
            {idOf(card)}
          </p>
        </div>
        <Badge look={gpuLooks[view.state]} />
      </div>
      {metrics.length === 0 && view.parent === null && <FiguresAhead />}
      {metrics.map((one) => (
        <div key={one.id} className={styles.member}>
          {metrics.length > 1 && <p className={styles.memberName}>{one.model}</p>}
          <GpuFigures metrics={one} totalMiB={view.memoryMiB} visits={visits} />
        </div>
      ))}
      {slices.length > 0 && (
        <ul className={styles.slices} aria-label={t('Slices of {{model}}', { model: view.model })}>
          {slices.map((slice) => (
            <Slice key={slice.id} slice={slice} />
          ))}
        </ul>
      )}
      <Users card={card} />
      <Health card={card} />
      <div className={styles.gpuFoot}>
        <span className={styles.label}>{t('Available to jobs')}</span>
        <GpuSwitch gpu={view} keeper={keeperOf(card)} />
      </div>
    </li>
  );
});
