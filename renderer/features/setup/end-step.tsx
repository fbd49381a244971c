// What somebody has now: the first green job, addresses, the first person, where everything is, and a sheet of it.
import { LayoutDashboard, ShieldCheck } from 'lucide-react';
import { formatRoute } from '../../state/route.ts';
import { firstGreen } from '../../state/setup-green.ts';
import { provePoolDeed } from '../../state/row-deeds.ts';
import { backupWords } from '../../state/setup-sheet.ts';
import type { Possessions } from '../../state/setup-sheet.ts';
import { proofLooks } from '../../state/tones.ts';
import { useLab, useSnapshot } from '../../state/use-live.ts';
import { goTo } from '../../state/use-route.ts';
import { Badge } from '../../ui/badge.tsx';
import { Button } from '../../ui/button.tsx';
import { Card } from '../../ui/card.tsx';
import { Copyable } from '../../ui/copyable.tsx';
import { ErrorNote } from '../../ui/notes.tsx';
import { Facts, Section } from '../../ui/page.tsx';
import { DevicesPart } from './devices-part.tsx';
import { FirstPerson } from './first-person.tsx';
import { GreenNote } from './green-note.tsx';
import type { StepProps } from './setup-page.tsx';
import { SetupSheet } from './setup-sheet.tsx';
import styles from './setup.module.css';
import { StepFrame } from './step-frame.tsx';
import { usePossessions } from './use-possessions.ts';
import { t } from '../../language/strings.ts';

/** Pools that have shown nothing yet, while there is no green job. */
function Unproven() {
  const { deeds } = useLab();
  const pools = useSnapshot((snapshot) => snapshot.pools) ?? [];
  if (pools.length === 0)
    return <p className={styles.quiet}>{t('There is no pool yet that could run a job.')}</p>;
  return (
    <Card>
      {pools.map(({ name, proof }) => (
        <li key={name} className={styles.finding}>
          <Badge look={proofLooks[proof?.state ?? 'unproven']} />
          <div className={styles.words}>
            <strong>{name}</strong>
            <span className={styles.quiet}>{proof?.sentence ?? t('No job has run in it yet.')}</span>
          </div>
          <Button
            icon={ShieldCheck}
            aria-label={t('Prove it: {{name}}', { name })}
            onClick={() => deeds.ask(provePoolDeed(name))}
          >
            {t('Prove it')}
          </Button>
        </li>
      ))}
    </Card>
  );
}

function FirstJob() {
  const green = useSnapshot(firstGreen);
  return (
    <Section title={t('The first job')}>
      <GreenNote green={green} />
      {green === null && (
        <>
          <p className={styles.quiet}>
            {t(
              'No job has succeeded yet. A tiny job in each pool shows that everything works, from GitLab to the runner.',
            )}
          </p>
          <Unproven />
        </>
      )}
    </Section>
  );
}

function Addresses({ have: { gitlabUrl, places } }: { readonly have: Possessions }) {
  // The first row has it already, with its port.
  const others = places.filter(({ name }) => gitlabUrl === null || new URL(gitlabUrl).hostname !== name);
  const rows = others.map(
    ({ name, what }) =>
      [what, <Copyable key={name} text={name} what={t('the name of {{what}}', { what })} />] as const,
  );
  return (
    <Section title={t('Addresses')}>
      <div className={styles.box}>
        <Facts
          isRoomy
          rows={[
            [
              'GitLab',
              gitlabUrl === null ? (
                t('none now')
              ) : (
                <span key="url" className={styles.address}>
                  <a href={gitlabUrl} target="_blank" rel="noreferrer">
                    {gitlabUrl}
                  </a>
                  <Copyable text={gitlabUrl} shown="" what={t('the address of GitLab')} />
                </span>
              ),
            ],
            ...rows,
          ]}
        />
      </div>
    </Section>
  );
}

function Whereabouts({ have: { home, status, backups } }: { readonly have: Possessions }) {
  const rows = [
    [t('Data of GitLab'), status?.data ?? null],
    [t('Folder that runs'), status?.folder ?? null],
    [t('Home of AutoGit'), home],
  ] as const;
  return (
    <Section title={t('Where everything is')}>
      <div className={styles.box}>
        <Facts
          isRoomy
          rows={[
            ...rows.flatMap(([name, path]) =>
              path === null
                ? []
                : [
                    [
                      name,
                      <Copyable key={name} text={path} what={t('the path: {{what}}', { what: name })} />,
                    ] as const,
                  ],
            ),
            [
              t('Backups'),
              <span key="backups">
                {backupWords(backups)} <a href={formatRoute({ page: 'backups' })}>{t('Open Backups')}</a>
              </span>,
            ],
          ]}
        />
      </div>
    </Section>
  );
}

export function EndStep({ isArrival, setup, draft: { way } }: StepProps) {
  const { have, error, show, hasSecrets } = usePossessions();
  return (
    <StepFrame
      isArrival={isArrival}
      hasForms
      step="end"
      setup={setup}
      on={{ words: t('Open the overview'), icon: LayoutDashboard }}
      onNext={() => goTo({ page: 'overview' })}
    >
      <FirstJob />
      {error !== null && <ErrorNote problem={error} />}
      {have !== null && (
        <>
          <Addresses have={have} />
          {(have.kind !== 'none' || have.status !== null) && <FirstPerson have={have} show={show} />}
          <Whereabouts have={have} />
          {way !== 'try' && <DevicesPart />}
          <SetupSheet have={have} hasSecrets={hasSecrets} />
        </>
      )}
    </StepFrame>
  );
}
