// States of checks, of sign-ins that were tried, and of what is trusted where.
import type { Output } from '../../main/contract/contract.ts';
import type { StateLook } from './tones.ts';
import { t } from '../language/strings.ts';

type Check = Output<'certificate.check'>['checks'][number];
type Step = Output<'sso.test'>['tests'][number]['steps'][number];
type Place = Output<'certificate.list'>['places'][number];

/** Of checks of certificates and steps of a sign-in alike. */
export const checkLooks: Readonly<Record<Check['state'] | Step['state'], StateLook>> = {
  good: { tone: 'success', sign: 'check', word: t('Good') },
  warning: { tone: 'waiting', sign: 'warning', word: t('Warning') },
  bad: { tone: 'failed', sign: 'cross', word: t('Wrong') },
  unknown: { tone: 'unknown', sign: 'question', word: t('Unknown') },
  skipped: { tone: 'idle', sign: 'skip', word: t('Skipped') },
};

export const placeLooks: Readonly<Record<Place['state'], StateLook>> = {
  trusted: { tone: 'success', sign: 'check', word: t('Trusted') },
  'not-trusted': { tone: 'idle', sign: 'skip', word: t('Not trusted') },
  other: { tone: 'waiting', sign: 'warning', word: t('Another root') },
  unavailable: { tone: 'idle', sign: 'ban', word: t('Not by AutoGit') },
  unknown: { tone: 'unknown', sign: 'question', word: t('Unknown') },
};

type SignInTest = Output<'sso.test'>['tests'][number];

/** Of a client's last test; `null`: it was never tried. */
export function testLook(last: Pick<SignInTest, 'good'> | null): StateLook {
  if (last === null) return { tone: 'unknown', sign: 'question', word: t('Not tried yet') };
  return last.good
    ? { tone: 'success', sign: 'check', word: t('Works') }
    : { tone: 'failed', sign: 'cross', word: t('Does not work') };
}
