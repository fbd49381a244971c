// Certificates, sign-in and people of the fake core: one pretended lab, which commands change.
import type { CallName, Output, ParsedInput } from '../../main/contract/contract.ts';
import { certificateCalls, createFakeCertificates } from './fake-certificate-calls.ts';
import type { Certificates, FakeCertificates } from './fake-certificate-calls.ts';
import { createFakePeople, peopleCalls } from './fake-user-calls.ts';
import type { FakePeople, People } from './fake-user-calls.ts';
import { createFakeSignIn, signInCalls } from './fake-sign-in-calls.ts';
import type { FakeSignIn, SignIn } from './fake-sign-in-calls.ts';

type AccessCall = Extract<
  CallName,
  `certificate.${string}` | `sso.${string}` | `user.${string}` | 'directory.test'
>;

type Calls = { readonly [N in AccessCall]: (input: ParsedInput<N>) => Output<N> };

export interface AccessOptions {
  readonly people?: Partial<People>;
  readonly certificates?: Partial<Certificates>;
  readonly signIn?: Partial<SignIn>;
  readonly now?: () => number;
}

export interface FakeAccess {
  readonly people: FakePeople;
  readonly certificates: FakeCertificates;
  readonly signIn: FakeSignIn;
  /** Answers of a fake core. */
  readonly calls: Calls;
}

/** What there is where nobody has brought up a stack. */
export const noStack: AccessOptions = {
  people: { source: 'none', sentence: 'There is no stack.', users: [] },
  certificates: { mode: null, sentence: 'There is no stack.', certificates: [], places: [] },
  signIn: { kind: 'none', sentence: 'There is no stack.', issuer: null, clients: [] },
};

/** A lab with a local authority, five people and three programs, but for what is said. */
export function createFakeAccess(options: AccessOptions = {}): FakeAccess {
  const { now = Date.now } = options;
  const people = createFakePeople(options.people);
  const certificates = createFakeCertificates(options.certificates, now);
  const signIn = createFakeSignIn(options.signIn, now);
  const calls = {
    ...certificateCalls(certificates, now),
    ...signInCalls(signIn, now),
    ...peopleCalls(people),
  };
  return { people, certificates, signIn, calls };
}
