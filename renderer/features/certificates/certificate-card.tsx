// One certificate: for which names, until when, by which fingerprint it is known, and who renews it.
import { holdLook } from '../../state/certificates.ts';
import type { Certificate } from '../../state/certificates.ts';
import { useSeenNow } from '../../state/use-live.ts';
import { Badge } from '../../ui/badge.tsx';
import { Copyable } from '../../ui/copyable.tsx';
import { Facts } from '../../ui/page.tsx';
import { Tags } from '../../ui/tags.tsx';
import { Day, Time } from '../../ui/time.tsx';
import styles from './certificates.module.css';
import { t } from '../../state/strings.ts';

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
            <strong>{t('Traefik has not got the next one')}</strong>
            {failure.at !== null && (
              <>
                {t(', tried')} <Time at={failure.at} now={now} />
              </>
            )}
            : {failure.message}
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
            : [[t('Names'), <Tags key="names" tags={names} none="none" />] as const]),
          [t('Subject'), subject],
          [t('Issued by'), issuer === subject ? 'itself' : issuer],
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
