// Whether a pool gives its jobs what it promises: seen by a tiny job from inside, with its date, and the fix of what failed.
import { ShieldCheck } from 'lucide-react';
import type { PoolView } from '../../../main/contract/snapshot.ts';
import { claimLooks, proofLooks } from '../../state/tones.ts';
import { claimWords } from '../../state/pools.ts';
import { provePoolDeed } from '../../state/row-deeds.ts';
import { useLab, useSeenNow } from '../../state/use-live.ts';
import { Badge } from '../../ui/badge.tsx';
import { Button } from '../../ui/button.tsx';
import { NextStep } from '../../ui/next-step.tsx';
import { Section } from '../../ui/page.tsx';
import { Time } from '../../ui/time.tsx';
import styles from './pools.module.css';
import { t } from '../../language/strings.ts';

type Proof = NonNullable<PoolView['proof']>;

function Claim({ claim }: { readonly claim: Proof['claims'][number] }) {
  return (
    <li>
      <Badge quiet look={{ ...claimLooks[claim.state], word: claimWords(claim.name) }} />
      <div>
        <p className={claim.state === 'failed' ? undefined : styles.quiet}>{claim.sentence}</p>
        {claim.fix !== null && <NextStep text={claim.fix} />}
      </div>
    </li>
  );
}

interface PoolProofProps {
  readonly name: string;
  readonly proof: Proof;
}

export function PoolProof({ name, proof }: PoolProofProps) {
  const { deeds } = useLab();
  const now = useSeenNow();
  const { state, at, sentence, fix, claims } = proof;
  return (
    <Section
      title={t('Proof')}
      side={
        <Button
          icon={ShieldCheck}
          blockedBy={state === 'running' ? t('It is being proven already') : null}
          onClick={() => deeds.ask(provePoolDeed(name))}
        >
          {t('Prove it now')}
        </Button>
      }
    >
      <p>
        <Badge look={proofLooks[state]} />{' '}
        {at !== null && (
          <span className={styles.quiet}>
            <Time at={at} now={now} />
          </span>
        )}
      </p>
      <p>{sentence}</p>
      {fix !== null && claims.every((claim) => claim.fix !== fix) && <NextStep text={fix} />}
      {claims.length > 0 && (
        <ul className={styles.claims}>
          {claims.map((claim) => (
            <Claim key={claim.name} claim={claim} />
          ))}
        </ul>
      )}
    </Section>
  );
}
