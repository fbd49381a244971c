// What `setup.show` and `setup.keep` do: one draft of the first set-up in the store, without anything secret in it.
import type { Output, ParsedInput } from '../contract/contract.ts';
import { setupDraftSchema } from '../contract/requests/setup.ts';
import type { SetupDraft } from '../contract/requests/setup.ts';
import type { Clock, Store } from '../ports.ts';
import { acmeProviders } from '../templates/acme-providers.ts';
import { toOutcome } from './outcome.ts';

interface SetupContext {
  readonly store: Pick<Store, 'textOf' | 'setText' | 'noteOf' | 'setNote'>;
  readonly clock: Pick<Clock, 'now'>;
}

const draftName = 'setup-draft';

/** Names of what providers ask for that is no secret. */
const openOptions: ReadonlySet<string> = new Set(
  Object.values(acmeProviders).flatMap(({ fields }) =>
    fields.filter(({ secret }) => secret === null).map(({ name }) => name),
  ),
);

/** An address that has a name or a password in it is not kept. */
function withoutUser(url: string): string {
  return /^[a-z][a-z0-9+.-]*:\/\/[^/?#]*@/i.test(url.trim()) ? '' : url;
}

type Answers = SetupDraft['answers'];

/** Of what a provider of DNS records asks for, only what is no secret. */
function withOpenOptions(answers: Answers): Answers {
  const { tls } = answers;
  if (typeof tls !== 'object' || tls === null || Array.isArray(tls)) return answers;
  const { options, ...rest } = tls;
  if (typeof options !== 'object' || options === null || Array.isArray(options)) return answers;
  const open = Object.entries(options).filter(([name]) => openOptions.has(name));
  return { ...answers, tls: { ...rest, options: Object.fromEntries(open) } };
}

/** The same draft without what somebody could have put in the wrong place. */
function withoutSecrets(draft: SetupDraft): SetupDraft {
  const { connect } = draft;
  return {
    ...draft,
    connect: { ...connect, url: withoutUser(connect.url), runnerUrl: withoutUser(connect.runnerUrl) },
    answers: withOpenOptions(draft.answers),
  };
}

/** `null` for what nobody has kept, or another version of AutoGit has: then it begins anew. */
function readDraft(text: string | null): SetupDraft | null {
  if (text === null) return null;
  try {
    return setupDraftSchema.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}

/** `setup.show`. */
export async function showSetup({ store }: SetupContext): Promise<Output<'setup.show'>> {
  const draft = readDraft(store.textOf(draftName));
  return { draft, keptAt: draft === null ? null : store.noteOf(draftName) };
}

/** `setup.keep`. */
export async function keepSetup(
  { draft, dryRun }: ParsedInput<'setup.keep'>,
  { store, clock }: SetupContext,
): Promise<Output<'setup.keep'>> {
  if (dryRun) return toOutcome([], true, 'The answers would be kept.');
  store.setText(draftName, JSON.stringify(withoutSecrets(draft)));
  store.setNote(draftName, clock.now());
  return toOutcome([], false, 'The answers are kept.', 'Go on in the window, or on the page of this home.');
}

/** `setup.forget`. */
export async function forgetSetup(
  { dryRun }: ParsedInput<'setup.forget'>,
  { store }: SetupContext,
): Promise<Output<'setup.forget'>> {
  if (dryRun) return toOutcome([], true, 'The answers of the set-up would be forgotten.');
  store.setText(draftName, null);
  return toOutcome([], false, 'The answers of the set-up are forgotten.');
}
