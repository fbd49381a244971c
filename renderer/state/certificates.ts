// Certificates and where they are trusted, in words, and what can be done about them.
import type { Output } from '../../main/contract/contract.ts';
import type { Deed } from './deeds.ts';
import { deedOf, typed } from './row-deeds.ts';
import type { StateLook } from './tones.ts';
import { count, t } from '../language/strings.ts';

export type Certificates = Output<'certificate.list'>;
export type Certificate = Certificates['certificates'][number];
export type TrustPlace = Certificates['places'][number];
export type TlsMode = NonNullable<Certificates['mode']>;

export const modeWords: Readonly<Record<TlsMode, { readonly word: string; readonly about: string }>> = {
  'local-ca': {
    word: t('Local authority'),
    about: t(
      'An authority of this lab alone. Nothing on the internet is needed; each device is told once to trust it.',
    ),
  },
  own: {
    word: t('Own certificate'),
    about: t('A certificate that you have, with its key. You bring the next one; AutoGit watches the files.'),
  },
  'acme-dns': {
    word: t("Let's Encrypt by DNS"),
    about: t(
      'Every device trusts it by itself. Proven by a record at your DNS provider; nothing has to be reachable from outside.',
    ),
  },
  'acme-http': {
    word: t("Let's Encrypt by HTTP"),
    about: t(
      'Every device trusts it by itself. Port 80 of this machine has to be reachable from the internet.',
    ),
  },
};

const dayMs = 86_400_000;
/** From here on it says that it ends soon. A renewal is due far before. */
const soonMs = 14 * dayMs;

/** Whether it holds now. */
export function holdLook({ from, until }: Pick<Certificate, 'from' | 'until'>, now: number): StateLook {
  if (now >= until) return { tone: 'failed', sign: 'cross', word: t('Expired') };
  if (now < from) return { tone: 'failed', sign: 'clock', word: t('Not valid yet') };
  if (until - now < soonMs) return { tone: 'waiting', sign: 'warning', word: t('Ends soon') };
  return { tone: 'success', sign: 'check', word: t('Holds') };
}

export const roleWords: Readonly<Record<Certificate['role'], string>> = {
  served: t('What browsers are shown'),
  root: t('The root that devices trust'),
};

/** Whether AutoGit can put the root there. */
export function canTrust({ state }: Pick<TrustPlace, 'state'>): boolean {
  return state === 'not-trusted' || state === 'other';
}

/** Whether AutoGit can take the root out of there. */
export function canStopTrusting({ state }: Pick<TrustPlace, 'state'>): boolean {
  return state === 'trusted' || state === 'other';
}

/** `5 of 7 places on this machine trust the lab's root.` */
export function trustSentence(places: readonly Pick<TrustPlace, 'state'>[]): string {
  const trusted = places.filter(({ state }) => state === 'trusted').length;
  const all = count(places.length, '{{n}} place', '{{n}} places');
  return trusted === 1
    ? t("1 of {{places}} on this machine trusts the lab's root.", { places: all })
    : t("{{trusted}} of {{places}} on this machine trust the lab's root.", { trusted, places: all });
}

/** Where there is no root any more that programs could need. */
export function leftSentence(places: readonly Pick<TrustPlace, 'state'>[]): string {
  const left = places.filter(canStopTrusting).length;
  return count(
    left,
    'A root of this home is still trusted in {{n}} place, and nothing needs it any more.',
    'A root of this home is still trusted in {{n}} places, and nothing needs it any more.',
  );
}

/** `place`: only there; `null`: wherever it can. */
export function trustDeed(place: TrustPlace | null): Deed {
  const given = place === null ? {} : { places: [place.id] };
  return deedOf(
    {
      title:
        place === null
          ? t("Trust the lab's root on this machine")
          : t("Let {{place}} trust the lab's root", { place: place.label }),
      effect: place === null ? t('Trust it on this machine') : t('Trust it there'),
      note: t(
        "Programs then accept what this lab's authority has signed, for the lab's own names and no others.",
      ),
    },
    place === null ? 'certificate trust' : `certificate trust ${typed(place.id)}`,
    (client, dryRun) => client.call('certificate.trust', { ...given, dryRun }),
  );
}

export function stopTrustingDeed(place: TrustPlace | null): Deed {
  const given = place === null ? {} : { places: [place.id] };
  return deedOf(
    {
      title:
        place === null
          ? t("Stop trusting the lab's root on this machine")
          : t("Let {{place}} no longer trust the lab's root", { place: place.label }),
      effect: place === null ? t('Stop trusting it on this machine') : t('Stop trusting it there'),
      note: t('Only what AutoGit has put there is taken out. Programs then warn of the lab, or refuse it.'),
    },
    place === null ? 'certificate untrust' : `certificate untrust ${typed(place.id)}`,
    (client, dryRun) => client.call('certificate.untrust', { ...given, dryRun }),
  );
}

export const renewDeed: Deed = deedOf(
  { title: t('Renew the certificate now'), note: t('Nothing restarts, and no connection ends.') },
  'certificate renew',
  (client, dryRun) => client.call('certificate.renew', { dryRun }),
);

export function shareDeed(minutes: number): Deed {
  return {
    ...deedOf(
      {
        title: t('Show a page for other devices'),
        effect: count(minutes, 'Show it for {{n}} minute', 'Show it for {{n}} minutes'),
        note: t(
          'Devices in your network can open it by its address or a QR code. It has the root and instructions, and nothing secret.',
        ),
      },
      `certificate share --minutes ${minutes}`,
      (client, dryRun) => client.call('certificate.share', { minutes, dryRun }),
    ),
    amount: { label: t('Minutes'), value: minutes, min: 1, max: 240, change: shareDeed },
  };
}

export const stopSharingDeed: Deed = deedOf(
  { title: t('Show the page no longer'), note: t('Devices that have the root keep it.') },
  'certificate share --minutes 0',
  (client, dryRun) => client.call('certificate.share', { minutes: 0, dryRun }),
);
