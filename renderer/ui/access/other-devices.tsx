// Telephones, laptops and televisions: a page for them with the root, and how each kind is told.
import { Share2, Square } from 'lucide-react';
import { useState } from 'react';
import type { Output } from '../../../main/contract/contract.ts';
import type { CoreClient } from '../../client.ts';
import { shareDeed, stopSharingDeed } from '../../state/certificates.ts';
import type { Certificates } from '../../state/certificates.ts';
import { useAnswer } from '../../state/use-answer.ts';
import { useLab, useSeenNow } from '../../state/use-live.ts';
import { elapsed } from '../../state/words.ts';
import { Button } from '../button.tsx';
import { Copyable } from '../copyable.tsx';
import { SelectField } from '../field.tsx';
import { ErrorNote, Skeleton } from '../notes.tsx';
import { Facts, Section } from '../page.tsx';
import { QrCode } from '../qr-code.tsx';
import { Steps } from '../steps.tsx';
import styles from './other-devices.module.css';
import { t } from '../../language/strings.ts';

type Root = Output<'certificate.root'>;
type Sharing = Certificates['sharing'];

function askRoot(client: CoreClient): Promise<Root> {
  return client.call('certificate.root', {});
}

/** Minutes that are proposed first. */
const usualMinutes = 30;

function Shared({ sharing }: { readonly sharing: NonNullable<Sharing> }) {
  const { deeds } = useLab();
  const now = useSeenNow();
  const { url, until, qr = [] } = sharing;
  const left = until - now;
  return (
    <div className={styles.shared}>
      {qr.length > 0 && <QrCode rows={qr} label={t('QR code of {{url}}', { url })} />}
      <div className={styles.words}>
        <p className={styles.label}>{t('Open this on the other device')}</p>
        <Copyable text={url} what={t('the address')} look="command" />
        <p role="timer">
          {left > 0 ? t('Shown for {{span}} more.', { span: elapsed(left) }) : t('It is shown no longer.')}
        </p>
        <div className={styles.buttons}>
          <Button icon={Square} onClick={() => deeds.ask(stopSharingDeed)}>
            {t('Stop showing it')}
          </Button>
          <Button icon={Share2} onClick={() => deeds.ask(shareDeed(usualMinutes))}>
            {t('Show it longer')}
          </Button>
        </div>
      </div>
    </div>
  );
}

function Guides({ guides }: Pick<Root, 'guides'>) {
  const [chosen, setChosen] = useState('');
  const guide = guides.find(({ system }) => system === chosen) ?? guides[0];
  if (guide === undefined) return null;
  return (
    <div className={styles.guide}>
      <SelectField
        name="system"
        label={t('How it is done on')}
        value={guide.system}
        options={guides.map(({ system }) => [system, system] as const)}
        onChange={setChosen}
      />
      <Steps label={t('Steps on {{system}}', { system: guide.system })} steps={guide.steps} />
    </div>
  );
}

export function OtherDevices({ sharing }: { readonly sharing: Sharing }) {
  const { deeds } = useLab();
  const { value, error } = useAnswer(askRoot);
  if (error !== null) return <ErrorNote problem={error} />;
  if (value === null) return <Skeleton what={t('the root')} rows={3} />;
  if (value.root === null) {
    return (
      <Section title={t('Other devices')}>
        <p className={styles.quiet}>{t('They trust it by themselves: nobody needs to be told anything.')}</p>
      </Section>
    );
  }
  return (
    <Section
      title={t('Other devices')}
      side={
        sharing === null && (
          <Button icon={Share2} onClick={() => deeds.ask(shareDeed(usualMinutes))}>
            {t('Show a page for them')}
          </Button>
        )
      }
    >
      <div className={styles.devices}>
        {sharing === null ? (
          <p className={styles.quiet}>
            {t(
              'Telephones and other computers have to be told once to trust the lab. A page for them has the root and what to do; it is shown for some minutes, to devices in your network.',
            )}
          </p>
        ) : (
          <Shared sharing={sharing} />
        )}
        {value.fingerprint !== null && (
          <Facts
            rows={[
              [
                t('Compare'),
                <span key="fingerprint" className={styles.fingerprint}>
                  <Copyable text={value.fingerprint} what={t('the fingerprint of the root')} />
                </span>,
              ],
            ]}
          />
        )}
        <p className={styles.quiet}>
          {t(
            'The device shows the same fingerprint before it trusts the root. If it differs, it is another root: do not go on.',
          )}
        </p>
        <Guides guides={value.guides} />
      </div>
    </Section>
  );
}
