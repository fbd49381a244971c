// Pretended sign-in of a lab: its programs are tested, and other providers and directories are tried.
import type { Output, ParsedInput } from '../../main/contract/contract.ts';

export type SignIn = Output<'sso.show'>;
type Client = SignIn['clients'][number];
type Step = Output<'sso.test'>['tests'][number]['steps'][number];

function step(key: string, label: string, message: string, change: Partial<Step> = {}): Step {
  return { key, label, state: 'good', message, next: null, ...change };
}

const goodSteps: readonly Step[] = [
  step('sso.discovery', 'Discovery', 'https://auth.lab.home.arpa answers with its settings.'),
  step('sso.keys', 'Keys', 'Its signing key is there, RS256.'),
  step('sso.redirect', 'Redirect', 'GitLab sends browsers there and is answered.'),
  step('sso.person', 'A person', 'Only a person can type a password.', { state: 'skipped' }),
];

/** `at`: when it was tried last. */
const someSignIn = (at: number): SignIn => ({
  kind: 'authelia',
  sentence: 'Authelia signs people in to 3 programs; GitLab was tried last and works.',
  issuer: 'https://auth.lab.home.arpa',
  clients: [
    {
      ...{ id: 'gitlab', title: 'GitLab', how: 'oidc', url: 'https://gitlab.lab.home.arpa' },
      redirect: 'https://gitlab.lab.home.arpa/users/auth/openid_connect/callback',
      last: { client: 'gitlab', at, good: true, steps: [...goodSteps] },
    },
    {
      ...{ id: 'grafana', title: 'Grafana', how: 'forward', url: 'https://grafana.lab.home.arpa' },
      redirect: null,
      last: {
        ...{ client: 'grafana', at, good: false },
        steps: [
          step('sso.forward', 'Before Grafana', 'Traefik lets everybody through without asking.', {
            state: 'bad',
            next: 'Bring the stack up again: autogit stack up',
          }),
        ],
      },
    },
    {
      ...{ id: 'traefik', title: 'Traefik', how: 'forward', url: 'https://traefik.lab.home.arpa' },
      ...{ redirect: null, last: null },
    },
  ],
});

export interface FakeSignIn {
  readonly get: () => SignIn;
  set(change: Partial<SignIn>): void;
}

export function createFakeSignIn(start: Partial<SignIn> = {}, now: () => number = Date.now): FakeSignIn {
  let state: SignIn = { ...someSignIn(now() - 7_260_000), ...start };
  return {
    get: () => state,
    set: (change) => {
      state = { ...state, ...change };
    },
  };
}

type SignInCall = 'sso.show' | 'sso.test' | 'sso.providers' | 'sso.check' | 'directory.test';
type Calls = { readonly [N in SignInCall]: (input: ParsedInput<N>) => Output<N> };

function directoryTest(input: ParsedInput<'directory.test'>): Output<'directory.test'> {
  const { password = '', search } = input;
  const connect = step('directory.connect', 'Connection', 'ldap.example.net answers, TLS 1.3.');
  if (password === 'wrong') {
    const refused = step('directory.bind', 'Bind', 'The directory refuses name or password.', {
      state: 'bad',
      next: 'Look at who searches, and give the password again.',
    });
    return { good: false, steps: [connect, refused], people: [] };
  }
  const people = [
    {
      ...{ name: 'ana', displayName: 'Ana Núñez', email: 'ana@example.net' },
      groups: ['admins', 'developers'],
    },
    { name: 'ben', displayName: 'Ben Okafor', email: 'ben@example.net', groups: [] },
  ].filter(({ name }) => search === undefined || name.includes(search));
  return {
    good: true,
    steps: [
      connect,
      step('directory.bind', 'Bind', 'It lets the reader in.'),
      step('directory.people', 'People', `${people.length} found.`),
    ],
    people,
  };
}

/** Requests about signing in. A test makes every client work, as of now. */
export function signInCalls({ get, set }: FakeSignIn, now: () => number = Date.now): Calls {
  return {
    'sso.show': get,
    'sso.test': ({ client }) => {
      const isMeant = ({ id }: Client): boolean => client === undefined || client === id;
      const clients = get().clients.map((one) =>
        isMeant(one)
          ? { ...one, last: { client: one.id, at: now(), good: true, steps: [...goodSteps] } }
          : one,
      );
      set({ clients });
      return {
        good: true,
        tests: clients.filter(isMeant).flatMap(({ last }) => (last === null ? [] : [last])),
      };
    },
    'sso.providers': () => ({
      redirect: 'https://gitlab.lab.home.arpa/users/auth/openid_connect/callback',
      logout: 'https://gitlab.lab.home.arpa',
      providers: [
        {
          ...{ id: 'keycloak', title: 'Keycloak', issuer: 'https://keycloak.example.net/realms/main' },
          steps: [
            'In the realm, create a client of type OpenID Connect with client authentication on.',
            'Enter the redirect address below as a valid redirect URI.',
            'Copy the secret from the tab Credentials.',
          ],
          groups: 'Add a mapper "Group Membership" named groups to its scope.',
        },
        {
          ...{ id: 'google', title: 'Google', issuer: 'https://accounts.google.com', groups: null },
          steps: ['Create an OAuth client of type Web application.', 'Enter the redirect address below.'],
        },
      ],
    }),
    'sso.check': ({ oidc }) => ({
      good: true,
      steps: [
        step('sso.discovery', 'Discovery', `${oidc?.issuer ?? 'The provider'} answers with its settings.`),
      ],
    }),
    'directory.test': directoryTest,
  };
}
