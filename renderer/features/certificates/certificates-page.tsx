// Certificates: what is served and until when, who trusts it, how other devices learn to, and other ways to try.
import { ClipboardCheck, RefreshCw, ShieldCheck } from 'lucide-react';
import type { Output } from '../../../main/contract/contract.ts';
import type { CoreClient } from '../../client.ts';
import { modeWords, renewDeed, roleWords } from '../../state/certificates.ts';
import type { Certificates } from '../../state/certificates.ts';
import { formatRoute } from '../../state/route.ts';
import type { Route } from '../../state/route.ts';
import { useAnswer } from '../../state/use-answer.ts';
import { useAfterDeeds } from '../../state/use-deed.ts';
import { useLab } from '../../state/use-live.ts';
import { useRepeat } from '../../state/use-repeat.ts';
import { useTry } from '../../state/use-try.ts';
import type { Tried } from '../../state/use-try.ts';
import { OtherDevices } from '../../ui/access/other-devices.tsx';
import { Button } from '../../ui/button.tsx';
import { CheckList } from '../../ui/check-list.tsx';
import { Command } from '../../ui/copyable.tsx';
import { EmptyState, ErrorNote, Skeleton } from '../../ui/notes.tsx';
import { Page, Section } from '../../ui/page.tsx';
import { Tabs } from '../../ui/tabs.tsx';
import { CertificateCard } from './certificate-card.tsx';
import styles from './certificates.module.css';
import { OtherWay } from './other-way.tsx';
import { TrustPlaces } from './trust-places.tsx';
import { t } from '../../language/strings.ts';

/** Programs of the machine are looked at for it. Milliseconds. */
const readMs = 30_000;

type Check = Output<'certificate.check'>;

function askCertificates(client: CoreClient): Promise<Certificates> {
  return client.call('certificate.list', {});
}

interface ActionsProps {
  readonly state: Certificates;
  readonly check: Tried<Check>;
}

function Actions({ state, check }: ActionsProps) {
  const { deeds } = useLab();
  if (state.mode === null) return null;
  const start = (): void => void check.tryIt((client) => client.call('certificate.check', {}));
  return (
    <>
      <Button icon={RefreshCw} onClick={() => deeds.ask(renewDeed)}>
        {t('Renew now')}
      </Button>
      <Button
        look="primary"
        icon={ClipboardCheck}
        blockedBy={check.isTrying ? t('It is being checked') : null}
        onClick={start}
      >
        {check.isTrying ? t('Checking…') : t('Check')}
      </Button>
    </>
  );
}

/** What the check has found; the heading says how it stands as a whole. */
function Checked({ check }: { readonly check: Tried<Check> }) {
  const { value, error, isTrying } = check;
  return (
    <div role="status" className={styles.checked}>
      {isTrying && <p className={styles.quiet}>{t('Looking at names, dates, keys and the way there…')}</p>}
      {error !== null && <ErrorNote problem={error} />}
      {value !== null && (
        <Section title={value.sentence} side={<Button onClick={check.forget}>{t('Close')}</Button>}>
          {value.checks.length > 0 && <CheckList label={t('What was checked')} checks={value.checks} />}
          <Command line="autogit certificate check" />
        </Section>
      )}
    </div>
  );
}

function Now({ state, check }: ActionsProps) {
  const { mode, certificates, places } = state;
  const trust = <TrustPlaces places={places} hasRoot={certificates.some(({ role }) => role === 'root')} />;
  if (mode === null) {
    return (
      <>
        <EmptyState
          icon={ShieldCheck}
          title={t('No stack, so no certificates yet')}
          command="autogit stack up"
          action={
            <a href={formatRoute({ page: 'certificates', query: { tab: 'other' } })}>
              {t('Try a way before')}
            </a>
          }
        >
          {t(
            'The stack serves everything by https. Its certificates stand here, with who trusts them and until when they hold.',
          )}
        </EmptyState>
        {trust}
      </>
    );
  }
  const { word, about } = modeWords[mode];
  return (
    <>
      <Checked check={check} />
      <Section title={word} side={<Command line="autogit certificate list" />}>
        <p className={styles.quiet}>{about}</p>
        {certificates.length === 0 ? (
          <div className={styles.box}>
            <EmptyState
              icon={ShieldCheck}
              title={t('No certificate yet')}
              command="autogit certificate check"
            >
              {t('It is there as soon as the stack is up. A check says what stands in its way.')}
            </EmptyState>
          </div>
        ) : (
          <ul className={styles.cards} aria-label={t('Certificates')}>
            {certificates.map((certificate) => (
              <CertificateCard
                key={`${certificate.role} ${certificate.fingerprint}`}
                title={roleWords[certificate.role]}
                certificate={certificate}
              />
            ))}
          </ul>
        )}
      </Section>
      {trust}
      <OtherDevices sharing={state.sharing} />
    </>
  );
}

const tabs = [
  { name: 'now', words: t('In use'), href: formatRoute({ page: 'certificates' }) },
  {
    name: 'other',
    words: t('Try another way'),
    href: formatRoute({ page: 'certificates', query: { tab: 'other' } }),
  },
] as const;

export function CertificatesPage({ route }: { readonly route: Route }) {
  const { value: state, error, again } = useAnswer(askCertificates);
  useRepeat(again, readMs);
  useAfterDeeds(again);
  const check = useTry<Check>();
  const tab = route.query.tab === 'other' ? 'other' : 'now';
  const failed = state === null && error !== null ? t('What is served cannot be told.') : null;
  return (
    <Page
      name={t('Certificates')}
      sentence={state?.sentence ?? failed}
      actions={state !== null && tab === 'now' && <Actions state={state} check={check} />}
    >
      <Tabs label={t('Parts of this page')} tabs={tabs} current={tab} />
      {error !== null && (
        <ErrorNote problem={error} action={<Button onClick={again}>{t('Ask again')}</Button>} />
      )}
      {tab === 'other' ? (
        <OtherWay mode={state?.mode ?? null} />
      ) : state === null ? (
        error === null && <Skeleton what={t('certificates')} rows={8} />
      ) : (
        <Now state={state} check={check} />
      )}
    </Page>
  );
}
