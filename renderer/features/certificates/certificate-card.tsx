// One certificate: for which names, until when, by which fingerprint it is known, and who renews it.
import { holdLook } from '../../state/certificates.ts';
import type { Certificate } from '../../state/certificates.ts';
import { useSeenNow } from '../../state/use-live.ts';
import { Badge } from '../../ui/badge.tsx';
import { Copyable } from '../../ui/copyable.tsx';
import { Facts } from '../../ui/page.tsx';
import { Rich } from '../../ui/rich.tsx';
import { Tags } from '../../ui/tags.tsx';
import { Day, Time } from '../../ui/time.tsx';
import styles from './certificates.module.css';
import { t } from '../../language/strings.ts';

interface CertificateCardProps {
  readonly title: string;
  readonly certificate: Certificate;
}

export function CertificateCard({ title, certificate }: CertificateCardProps) {
  const now = useSeenNow();
  const { subject, issuer, names, from, until, fingerprint, key, renewal, failure } = certificate;
  return (
    <li className={styles.card} aria-label={title}>
      <div className={styles.head}>
        <h3>{title}</h3>
        <Badge look={holdLook(certificate, now)} />
      </div>
      <p className={styles.quiet}>{renewal}</p>
      {failure !== undefined && (
        <div className={styles.failure}>
          <p>
            <Rich
              text={
                failure.at === null
                  ? t('<strong>Traefik has not got the next one</strong>: <cause/>')
                  : t('<strong>Traefik has not got the next one</strong>, tried <time/>: <cause/>')
              }
              parts={{
                strong: (text) => <strong>{text}</strong>,
                time: failure.at !== null && <Time at={failure.at} now={now} />,
                cause: failure.message,
              }}
            />
          </p>
          <p>{failure.next}</p>
        </div>
      )}
      <Facts
        rows={[
          [t('Until'), <Day key="until" at={until} now={now} />],
          ...(now < from ? [[t('From'), <Day key="from" at={from} now={now} />] as const] : []),
          ...(names.length === 0
            ? []
            : [[t('Names'), <Tags key="names" tags={names} none={t('none')} />] as const]),
          [t('Subject'), subject],
          [t('Issued by'), issuer === subject ? t('itself') : issuer],
          [t('Key'), key],
          [
            t('Fingerprint'),
            <span key="fingerprint" className={styles.fingerprint}>
              <Copyable text={fingerprint} what={t('the SHA-256 fingerprint')} />
            </span>,
          ],
        ]}
      />
    </li>
  );
}
