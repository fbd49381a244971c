// Certificates and where they are trusted, in words, and what can be done about them.
import type { Output } from '../../main/contract/contract.ts';
import type { Deed } from './deeds.ts';
import { deedOf, typed } from './row-deeds.ts';
import type { StateLook } from './tones.ts';
import { count } from './words.ts';

export type Certificates = Output<'certificate.list'>;
export type Certificate = Certificates['certificates'][number];
export type TrustPlace = Certificates['places'][number];
export type TlsMode = NonNullable<Certificates['mode']>;

export const modeWords: Readonly<Record<TlsMode, { readonly word: string; readonly about: string }>> = {
  'local-ca': {
    word: 'Local authority',
    about:
      'An authority of this lab alone. Nothing on the internet is needed; each device is told once to trust it.',
  },
  own: {
    word: 'Own certificate',
    about: 'A certificate that you have, with its key. You bring the next one; AutoGit watches the files.',
  },
  'acme-dns': {
    word: "Let's Encrypt by DNS",
    about:
      'Every device trusts it by itself. Proven by a record at your DNS provider; nothing has to be reachable from outside.',
  },
  'acme-http': {
    word: "Let's Encrypt by HTTP",
    about: 'Every device trusts it by itself. Port 80 of this machine has to be reachable from the internet.',
  },
};

const dayMs = 86_400_000;
/** From here on it says that it ends soon. A renewal is due far before. */
const soonMs = 14 * dayMs;

/** Whether it holds now. */
export function holdLook({ from, until }: Pick<Certificate, 'from' | 'until'>, now: number): StateLook {
  if (now >= until) return { tone: 'failed', sign: 'cross', word: 'Expired' };
  if (now < from) return { tone: 'failed', sign: 'clock', word: 'Not valid yet' };
  if (until - now < soonMs) return { tone: 'waiting', sign: 'warning', word: 'Ends soon' };
  return { tone: 'success', sign: 'check', word: 'Holds' };
}

export const roleWords: Readonly<Record<Certificate['role'], string>> = {
  served: 'What browsers are shown',
  root: 'The root that devices trust',
};

/** Whether AutoGit can put the root there. */
export function canTrust({ state }: Pick<TrustPlace, 'state'>): boolean {
  return state === 'not-trusted' || state === 'other';
}

/** Whether AutoGit can take the root out of there. */
export function canStopTrusting({ state }: Pick<TrustPlace, 'state'>): boolean {
  return state === 'trusted' || state === 'other';
}

/** `5 of 7 places trust it`. */
export function trustSentence(places: readonly Pick<TrustPlace, 'state'>[]): string {
  const trusted = places.filter(({ state }) => state === 'trusted').length;
  const verb = trusted === 1 ? 'trusts' : 'trust';
  return `${trusted} of ${count(places.length, 'place')} on this machine ${verb} the lab's root.`;
}

/** Where there is no root any more that programs could need. */
export function leftSentence(places: readonly Pick<TrustPlace, 'state'>[]): string {
  const left = places.filter(canStopTrusting).length;
  return `A root of this home is still trusted in ${count(left, 'place')}, and nothing needs it any more.`;
}

/** `place`: only there; `null`: wherever it can. */
export function trustDeed(place: TrustPlace | null): Deed {
  const given = place === null ? {} : { places: [place.id] };
  return deedOf(
    {
      title:
        place === null ? "Trust the lab's root on this machine" : `Let ${place.label} trust the lab's root`,
      effect: place === null ? 'Trust it on this machine' : 'Trust it there',
      note: "Programs then accept what this lab's authority has signed, for the lab's own names and no others.",
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
          ? "Stop trusting the lab's root on this machine"
          : `Let ${place.label} no longer trust the lab's root`,
      effect: place === null ? 'Stop trusting it on this machine' : 'Stop trusting it there',
      note: 'Only what AutoGit has put there is taken out. Programs then warn of the lab, or refuse it.',
    },
    place === null ? 'certificate untrust' : `certificate untrust ${typed(place.id)}`,
    (client, dryRun) => client.call('certificate.untrust', { ...given, dryRun }),
  );
}

export const renewDeed: Deed = deedOf(
  { title: 'Renew the certificate now', note: 'Nothing restarts, and no connection ends.' },
  'certificate renew',
  (client, dryRun) => client.call('certificate.renew', { dryRun }),
);

export function shareDeed(minutes: number): Deed {
  return {
    ...deedOf(
      {
        title: 'Show a page for other devices',
        effect: `Show it for ${count(minutes, 'minute')}`,
        note: 'Devices in your network can open it by its address or a QR code. It has the root and instructions, and nothing secret.',
      },
      `certificate share --minutes ${minutes}`,
      (client, dryRun) => client.call('certificate.share', { minutes, dryRun }),
    ),
    amount: { label: 'Minutes', value: minutes, min: 1, max: 240, change: shareDeed },
  };
}

export const stopSharingDeed: Deed = deedOf(
  { title: 'Show the page no longer', note: 'Devices that have the root keep it.' },
  'certificate share --minutes 0',
  (client, dryRun) => client.call('certificate.share', { minutes: 0, dryRun }),
);
