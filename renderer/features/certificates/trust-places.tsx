// Where programs of this machine look for the roots they trust, and whether they trust the lab's.
import { ShieldCheck, ShieldOff } from 'lucide-react';
import { placeLooks } from '../../state/access-tones.ts';
import {
  canStopTrusting,
  canTrust,
  leftSentence,
  stopTrustingDeed,
  trustDeed,
  trustSentence,
} from '../../state/certificates.ts';
import type { TrustPlace } from '../../state/certificates.ts';
import { useLab } from '../../state/use-live.ts';
import { Badge } from '../../ui/badge.tsx';
import { Button } from '../../ui/button.tsx';
import { Card } from '../../ui/card.tsx';
import { Command, Copyable } from '../../ui/copyable.tsx';
import { Section } from '../../ui/page.tsx';
import styles from './certificates.module.css';
import { t } from '../../language/strings.ts';

interface PlaceProps {
  readonly place: TrustPlace;
  /** Whether there is a root that it could trust. */
  readonly hasRoot: boolean;
}

function Place({ place, hasRoot }: PlaceProps) {
  const { deeds } = useLab();
  const { label, path, state, why, commands } = place;
  return (
    <li className={styles.place} aria-label={label}>
      <Badge look={placeLooks[state]} />
      <div className={styles.words}>
        <p className={styles.label}>{label}</p>
        <Copyable text={path} what={t('the path')} />
        {why !== null && <p className={styles.quiet}>{why}</p>}
        {commands.length > 0 && (
          <>
            <p className={styles.quiet}>{t('In a terminal, as somebody who may:')}</p>
            {commands.map((line) => (
              <Command key={line} line={line} />
            ))}
          </>
        )}
      </div>
      <div className={styles.buttons}>
        {hasRoot && canTrust(place) && (
          <Button aria-label={t('Trust: {{label}}', { label })} onClick={() => deeds.ask(trustDeed(place))}>
            {t('Trust')}
          </Button>
        )}
        {canStopTrusting(place) && (
          <Button
            aria-label={t('Stop trusting: {{label}}', { label })}
            onClick={() => deeds.ask(stopTrustingDeed(place))}
          >
            {t('Stop trusting')}
          </Button>
        )}
      </div>
    </li>
  );
}

interface TrustPlacesProps {
  readonly places: readonly TrustPlace[];
  /** Without one, what is left is that of a lab that was here before. */
  readonly hasRoot: boolean;
}

export function TrustPlaces({ places, hasRoot }: TrustPlacesProps) {
  const { deeds } = useLab();
  if (places.length === 0) return null;
  return (
    <Section
      title={t('Trusted by this machine')}
      side={
        <div className={styles.buttons}>
          {hasRoot && places.some(canTrust) && (
            <Button icon={ShieldCheck} onClick={() => deeds.ask(trustDeed(null))}>
              {t('Trust everywhere')}
            </Button>
          )}
          {places.some(canStopTrusting) && (
            <Button icon={ShieldOff} onClick={() => deeds.ask(stopTrustingDeed(null))}>
              {t('Stop trusting everywhere')}
            </Button>
          )}
        </div>
      }
    >
      <p className={styles.quiet}>{hasRoot ? trustSentence(places) : leftSentence(places)}</p>
      <Card>
        {places.map((place) => (
          <Place key={place.id} place={place} hasRoot={hasRoot} />
        ))}
      </Card>
    </Section>
  );
}
