// One pool beside the list: whom it serves, how full it is, who waits for it, and every setting.
import { CirclePause, CirclePlay, Pencil, RotateCcw, Trash2 } from 'lucide-react';
import { useMemo } from 'react';
import type { ReactNode } from 'react';
import type { Output } from '../../../main/contract/contract.ts';
import type { PoolView, Snapshot } from '../../../main/contract/snapshot.ts';
import type { CoreClient } from '../../client.ts';
import { poolLook, poolStateWords, servesWords, settingsWords } from '../../state/pools.ts';
import type { Problem } from '../../state/problem.ts';
import { formatRoute } from '../../state/route.ts';
import { pausePoolDeed, recoverPoolDeed, removePoolDeed, resumePoolDeed } from '../../state/row-deeds.ts';
import { useAnswer } from '../../state/use-answer.ts';
import { useRepeat } from '../../state/use-repeat.ts';
import { useLab, useSnapshot } from '../../state/use-live.ts';
import { count, t } from '../../language/strings.ts';
import { Badge } from '../../ui/badge.tsx';
import { Button } from '../../ui/button.tsx';
import { Command } from '../../ui/copyable.tsx';
import { IssueList } from '../../ui/issue-list.tsx';
import { ErrorNote } from '../../ui/notes.tsx';
import { Facts, Panel, PanelBody, PanelFoot, Section } from '../../ui/page.tsx';
import { Slots } from '../../ui/slots.tsx';
import { PoolAdvice } from './pool-advice.tsx';
import { PoolProof } from './pool-proof.tsx';
import { PoolWhatIf } from './pool-what-if.tsx';
import styles from './pools.module.css';
import { numeral } from '../../language/locale.ts';

/** How often the settings are read anew, which somebody may change elsewhere. Milliseconds. */
const readMs = 5_000;

/** More than this are counted, not named. */
const mostJobs = 5;

interface PoolButtonsProps {
  readonly pool: PoolView;
  onEdit(): void;
}

function PoolButtons({ pool, onEdit }: PoolButtonsProps) {
  const { deeds } = useLab();
  const { name, paused, waiting } = pool;
  const business = { busy: pool.runners.busy, waiting };
  return (
    <PanelFoot>
      <Button icon={Pencil} onClick={onEdit}>
        {t('Edit')}
      </Button>
      {paused ? (
        <Button look="primary" icon={CirclePlay} onClick={() => deeds.ask(resumePoolDeed(name))}>
          {t('Resume')}
        </Button>
      ) : (
        <Button icon={CirclePause} onClick={() => deeds.ask(pausePoolDeed(name, business))}>
          {t('Pause')}
        </Button>
      )}
      <Button icon={Trash2} onClick={() => deeds.ask(removePoolDeed(name, business))}>
        {t('Remove')}
      </Button>
    </PanelFoot>
  );
}

const noIssues: Snapshot['issues'] = [];

/** What is wrong with it, and what mends that. */
function PoolIssues({ name }: { readonly name: string }) {
  const { deeds } = useLab();
  const issues = useSnapshot((snapshot) => snapshot.issues) ?? noIssues;
  const own = issues.filter(({ subject }) => subject === `pool ${name}`);
  if (own.length === 0) return null;
  return (
    <>
      <IssueList issues={own} />
      {own.some(({ next }) => next.includes('autogit pool recover')) && (
        <PanelFoot>
          <Button icon={RotateCcw} onClick={() => deeds.ask(recoverPoolDeed(name))}>
            {t('Try anew')}
          </Button>
        </PanelFoot>
      )}
    </>
  );
}

function Settings({ settings }: { readonly settings: Output<'pool.show'>['settings'] }) {
  return (
    <Section title={t('Settings')}>
      {settingsWords(settings).map((group) => (
        <div key={group.title} className={styles.group}>
          <h3>{group.title}</h3>
          <Facts
            isRoomy
            rows={group.settings.map(({ words, value, isUsual }) => [
              words,
              isUsual ? (
                <span key={words} className={styles.quiet}>
                  {value}
                </span>
              ) : (
                value
              ),
            ])}
          />
        </div>
      ))}
      <p className={styles.quiet}>{t('Grey: as they come, nobody has set them.')}</p>
    </Section>
  );
}

function Waiting({ pool, jobs }: { readonly pool: PoolView; readonly jobs: Output<'pool.show'>['jobs'] }) {
  if (jobs.length === 0) return null;
  const rest = jobs.length - mostJobs;
  return (
    <Section
      title={count(jobs.length, '{{n}} job that it could take', '{{n}} jobs that it could take')}
      side={<a href={formatRoute({ page: 'jobs', query: { status: 'waiting' } })}>{t('All that wait')}</a>}
    >
      <ul className={styles.jobs}>
        {jobs.slice(0, mostJobs).map((job) => (
          <li key={job.id}>
            <a href={formatRoute({ page: 'jobs', id: String(job.id) })}>{job.name}</a>{' '}
            <span className={styles.quiet}>{job.project}</span>
          </li>
        ))}
        {rest > 0 && <li className={styles.quiet}>{t('and {{rest}} more', { rest: numeral(rest) })}</li>}
      </ul>
      {pool.paused && <p className={styles.quiet}>{t('They wait while it is paused.')}</p>}
    </Section>
  );
}

/** What an answer of the core adds to the snapshot. */
function Details({ pool }: { readonly pool: PoolView }) {
  const { name } = pool;
  const ask = useMemo(() => (client: CoreClient) => client.call('pool.show', { name }), [name]);
  const { value, error, again } = useAnswer(ask);
  useRepeat(again, readMs);
  if (value === null)
    return error === null ? <p role="status">{t('Reading its settings…')}</p> : <ErrorNote problem={error} />;
  return (
    <>
      {error !== null && <ErrorNote problem={error} />}
      <Waiting pool={pool} jobs={value.jobs} />
      {pool.proof !== undefined && <PoolProof name={name} proof={pool.proof} />}
      <PoolAdvice name={name} />
      <PoolWhatIf settings={value.settings} />
      <Settings settings={value.settings} />
    </>
  );
}

function unknown(name: string): Problem {
  return {
    key: 'pool.unknown',
    message: t('There is no pool "{{name}}".', { name }),
    next: t('It may have been removed. Choose one from the list.'),
  };
}

interface PoolPanelProps {
  readonly name: string;
  onEdit(): void;
  onClose(): void;
}

export function PoolPanel({ name, onEdit, onClose }: PoolPanelProps) {
  const pool = useSnapshot(({ pools }) => pools.find((one) => one.name === name) ?? null);
  const isKnown = useSnapshot(() => true) ?? false;
  const label = t('Pool {{name}}', { name });
  const title: ReactNode =
    pool === null ? (
      label
    ) : (
      <>
        {name} <Badge look={poolLook(pool)} />
      </>
    );
  return (
    <Panel title={title} label={label} onClose={onClose}>
      <PanelBody isAll>
        {pool === null ? (
          isKnown && <ErrorNote problem={unknown(name)} />
        ) : (
          <>
            <p>{servesWords(pool)}</p>
            {poolStateWords(pool) !== null && <p className={styles.quiet}>{poolStateWords(pool)}</p>}
            <div className={styles.full}>
              <Slots pool={pool} />
              <a href={formatRoute({ page: 'runners', query: { text: name } })}>{t('Its runners')}</a>
            </div>
            <PoolButtons pool={pool} onEdit={onEdit} />
            <PoolIssues name={name} />
            <Details pool={pool} />
            <Command line={`autogit pool show ${name}`} />
          </>
        )}
      </PanelBody>
    </Panel>
  );
}
