// Pretended certificates of a lab: places come to trust them and stop, they are renewed, shared and checked.
import type { Outcome, Output, ParsedInput } from '../../main/contract/contract.ts';
import { qrRows } from './fake-user-calls.ts';

export type Certificates = Output<'certificate.list'>;
type Place = Certificates['places'][number];
type Check = Output<'certificate.check'>['checks'][number];

const dayMs = 86_400_000;

const rootFingerprint =
  'A4:1F:0C:77:E2:5B:90:3D:6A:C8:14:FE:52:9B:07:D1:38:EE:4C:A0:7B:65:F3:2D:81:19:CB:5E:46:9A:D0:03';

function someCertificates(now: number): Certificates['certificates'] {
  return [
    {
      ...{ role: 'served', subject: 'CN=lab.home.arpa', issuer: 'CN=AutoGit lab authority' },
      names: [
        'lab.home.arpa',
        'gitlab.lab.home.arpa',
        'auth.lab.home.arpa',
        '*.lab.home.arpa',
        '192.168.1.20',
      ],
      ...{ from: now - 20 * dayMs, until: now + 70.5 * dayMs, key: 'EC P-256' },
      fingerprint:
        '0B:6D:93:2C:F1:48:AA:7E:35:D4:60:1B:C9:82:5F:E7:14:3A:DD:08:96:4F:B1:73:2E:C5:68:90:AF:1D:E4:57',
      renewal: 'AutoGit renews it 30 days before it ends, without a restart.',
    },
    {
      ...{ role: 'root', subject: 'CN=AutoGit lab authority', issuer: 'CN=AutoGit lab authority' },
      ...{ names: [], from: now - 20 * dayMs, until: now + 3_630 * dayMs, key: 'EC P-256' },
      fingerprint: rootFingerprint,
      renewal: 'It holds for ten years; devices have to be told again only then.',
    },
  ];
}

function place(change: Partial<Place> & Pick<Place, 'id' | 'kind' | 'label' | 'path'>): Place {
  return { state: 'not-trusted', why: null, commands: [], ...change };
}

/** Of every state one. */
export const somePlaces: readonly Place[] = [
  place({
    ...{ id: 'system', kind: 'system', label: 'Programs of this machine' },
    ...{ path: '/usr/local/share/ca-certificates/autogit-lab.crt', state: 'unavailable' },
    why: 'Only root may write there.',
    commands: [
      'sudo cp /home/ana/autogit/stack/lab/ca.crt /usr/local/share/ca-certificates/autogit-lab.crt',
      'sudo update-ca-certificates',
    ],
  }),
  place({
    ...{ id: 'nss:/home/ana/.pki/nssdb', kind: 'nss', label: 'Chromium and Chrome of ana' },
    ...{ path: '/home/ana/.pki/nssdb', state: 'trusted' },
  }),
  place({
    ...{ id: 'firefox:/home/ana/.mozilla/firefox/a1b2.default', kind: 'firefox', label: 'Firefox of ana' },
    path: '/home/ana/.mozilla/firefox/a1b2.default',
  }),
  place({
    ...{ id: 'engine', kind: 'engine', label: 'Docker, for images of the lab' },
    ...{ path: '/etc/docker/certs.d/registry.lab.home.arpa', state: 'other' },
    why: 'The root of a lab that was here before is in it.',
  }),
  place({
    ...{ id: 'jobs', kind: 'jobs', label: 'Programs in jobs' },
    ...{ path: '/etc/autogit/trust', state: 'unknown', why: 'No job has run since the stack came up.' },
  }),
];

const goodChecks: readonly Check[] = [
  {
    ...{ key: 'certificate.names', label: 'Names', state: 'good', next: null },
    message: 'Every name that is served is in the certificate.',
  },
  {
    ...{ key: 'certificate.key-fits', label: 'Key', state: 'good', next: null },
    message: 'The key fits, EC P-256.',
  },
  {
    ...{ key: 'certificate.dates', label: 'Dates', state: 'warning' },
    ...{ message: 'It ends in 12 days.', next: 'Renew it: autogit certificate renew' },
  },
];

function providerField(name: string, label: string, secret: string | null, placeholder: string | null) {
  return { name, label, secret, required: true, placeholder };
}

export const someProviders: Output<'certificate.providers'>['providers'] = [
  {
    ...{ id: 'cloudflare', title: 'Cloudflare', checked: true },
    help: 'A token with the right Zone: DNS: Edit for the one zone.',
    url: 'https://dash.cloudflare.com/profile/api-tokens',
    fields: [providerField('CF_DNS_API_TOKEN', 'Token', 'cf-dns-api-token', null)],
  },
  {
    ...{ id: 'ovh', title: 'OVHcloud', checked: true },
    help: 'An application key with the rights for /domain/zone/*.',
    url: 'https://api.ovh.com/createToken/',
    fields: [
      providerField('OVH_ENDPOINT', 'Region', null, 'ovh-eu'),
      providerField('OVH_APPLICATION_KEY', 'Application key', 'ovh-application-key', null),
      providerField('OVH_APPLICATION_SECRET', 'Application secret', 'ovh-application-secret', null),
      { ...providerField('OVH_CONSUMER_KEY', 'Consumer key', 'ovh-consumer-key', null), required: false },
    ],
  },
];

export interface FakeCertificates {
  readonly get: () => Certificates;
  set(change: Partial<Certificates>): void;
}

export function createFakeCertificates(start: Partial<Certificates> = {}, now = Date.now): FakeCertificates {
  let state: Certificates = {
    ...{ mode: 'local-ca', sharing: null },
    sentence: 'Everything is served with a certificate of the lab, good for 70 days.',
    certificates: someCertificates(now()),
    places: [...somePlaces],
    ...start,
  };
  return {
    get: () => state,
    set: (change) => {
      state = { ...state, ...change };
    },
  };
}

type CertificateCall =
  | 'certificate.list'
  | 'certificate.check'
  | 'certificate.providers'
  | 'certificate.renew'
  | 'certificate.trust'
  | 'certificate.untrust'
  | 'certificate.root'
  | 'certificate.share';
type Calls = { readonly [N in CertificateCall]: (input: ParsedInput<N>) => Output<N> };

/** Good but for a token that says it is bad. */
function checked({ tls, secrets = {} }: ParsedInput<'certificate.check'>): Output<'certificate.check'> {
  if (tls === undefined)
    return { good: true, sentence: 'The certificate is good; 1 thing to know.', checks: [...goodChecks] };
  const isBad = Object.values(secrets).some((secret) => secret.includes('bad'));
  const scope: Check = isBad
    ? {
        ...{ key: 'acme.token-scope', label: 'Token', state: 'bad' },
        message: 'Cloudflare does not know this token.',
        next: 'Make another one with the right Zone: DNS: Edit, and try again.',
      }
    : {
        ...{ key: 'acme.token-scope', label: 'Token', state: 'good', next: null },
        message: 'It may change the records of example.net.',
      };
  const checks: Check[] = [
    { key: 'certificate.names', label: 'Names', state: 'good', message: 'They are allowed.', next: null },
    ...(tls.mode === 'acme-dns' ? [scope] : []),
  ];
  return isBad
    ? { good: false, sentence: 'This way would not work: 1 thing is wrong.', checks }
    : { good: true, sentence: 'This way would work.', checks };
}

/** Requests about certificates, over the pretended ones. */
export function certificateCalls({ get, set }: FakeCertificates, now: () => number = Date.now): Calls {
  const change = (
    { places: wanted, dryRun }: ParsedInput<'certificate.trust'>,
    state: 'trusted' | 'not-trusted',
  ): Output<'certificate.trust'> => {
    const isMeant = (one: Place): boolean =>
      (wanted?.includes(one.id) ?? true) && ['trusted', 'not-trusted', 'other'].includes(one.state);
    const { places } = get();
    const meant = places.filter((one) => isMeant(one) && one.state !== state);
    const kind = state === 'trusted' ? 'trust' : 'untrust';
    if (!dryRun)
      set({ places: places.map((one) => (meant.includes(one) ? { ...one, state, why: null } : one)) });
    const actions = meant.map(({ label, path }) => ({ kind, target: label, reason: path }));
    const message = state === 'trusted' ? 'The root is trusted.' : 'The root is trusted no longer.';
    return { dryRun, actions: dryRun ? actions : [], message, next: null, places: get().places };
  };
  const outcome = (dryRun: boolean, kind: string, message: string): Outcome => ({
    ...{ dryRun, message, next: null },
    actions: dryRun ? [{ kind, target: 'certificate of the lab', reason: message }] : [],
  });
  return {
    'certificate.list': get,
    'certificate.check': checked,
    'certificate.providers': () => ({ providers: someProviders }),
    'certificate.renew': ({ dryRun }) => {
      if (!dryRun)
        set({
          sentence: 'Everything is served with a certificate of the lab, good for 90 days.',
          certificates: get().certificates.map((one) =>
            one.role === 'served' ? { ...one, from: now(), until: now() + 90.5 * dayMs } : one,
          ),
        });
      return outcome(dryRun, 'renew', 'The certificate is renewed.');
    },
    'certificate.trust': (input) => change(input, 'trusted'),
    'certificate.untrust': (input) => change(input, 'not-trusted'),
    'certificate.root': () => {
      const { mode } = get();
      if (mode !== 'local-ca') return { root: null, fingerprint: null, guides: [] };
      return {
        root: '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n',
        fingerprint: rootFingerprint,
        guides: [
          {
            system: 'iPhone and iPad',
            steps: [
              'Open the page in Safari and tap "Load the root".',
              'In Settings, tap "Profile loaded", then install it.',
              'In Settings, General, About, Certificate Trust Settings: switch it on.',
            ],
          },
          {
            system: 'Android',
            steps: ['Load the root.', 'In Settings, Security: install a CA certificate.'],
          },
        ],
      };
    },
    'certificate.share': ({ minutes, dryRun }) => {
      const url = 'http://192.168.1.20:41999/k3x9';
      const until = now() + minutes * 60_000;
      const qr = qrRows(url);
      if (!dryRun) set({ sharing: minutes === 0 ? null : { url, until, qr } });
      const said = outcome(
        dryRun,
        'show',
        minutes === 0 ? 'It is shown no longer.' : `It is shown at ${url}.`,
      );
      return dryRun || minutes === 0
        ? { ...said, url: null, until: null, qr: [] }
        : { ...said, url, until, qr };
    },
  };
}
