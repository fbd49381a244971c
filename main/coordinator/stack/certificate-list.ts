// `certificate.list`: what is served now, the root that it leads to, until when they hold and who renews them.
import { renewsAt } from '../../apply/stack/certificates.ts';
import { servedAmong } from '../../apply/stack/serve-pair.ts';
import type { Output } from '../../contract/contract.ts';
import { ownAddress } from '../../model/stack/answers.ts';
import type { StackAnswers } from '../../model/stack/answers.ts';
import { dayOf, isEndingSoon, keyText } from '../../model/stack/certificate-facts.ts';
import type { CertificateFacts } from '../../model/stack/certificate-facts.ts';
import type { ServedCertificate } from '../../model/stack/surroundings.ts';
import { failureOf, failuresOf } from './acme-failures.ts';
import { renderedOf, rootOfLab } from './lab-root.ts';
import type { CertificateRequestContext, RendersAnswers } from './lab-root.ts';
import type { StackLookParts } from './look-parts.ts';

type List = Output<'certificate.list'>;
type Row = List['certificates'][number];
type Ending = Pick<CertificateFacts, 'from' | 'to'>;

function renewalOf({ tls }: StackAnswers, ending: Ending): string {
  switch (tls.mode) {
    case 'local-ca':
      return `AutoGit renews it by itself from ${dayOf(renewsAt(ending))} on, without a restart.`;
    case 'own':
      return `You renew it: AutoGit looks at ${tls.certificate} every minute, and serves new files without a restart.`;
    case 'acme-dns':
    case 'acme-http':
      return 'Traefik renews it by itself, long before it ends.';
  }
}

function rootRenewal({ tls }: StackAnswers, { to }: Ending): string {
  return tls.mode === 'local-ca'
    ? `Nobody renews it by itself, since every device has to be told of the next one: the first "autogit stack up" after ${dayOf(to - 30 * 86_400_000)} makes it.`
    : 'Its authority renews it; every device has to be told of the next one.';
}

function rowOf(role: Row['role'], facts: CertificateFacts, renewal: string): Row {
  const { subject, issuer, names, from, to, fingerprint, key } = facts;
  return {
    role,
    subject,
    issuer,
    names: [...names],
    from,
    until: to,
    fingerprint,
    key: keyText(key),
    renewal,
  };
}

function seenRow(answers: StackAnswers, seen: ServedCertificate): Row {
  const { subject, issuer, names, from, to, fingerprint = '', key = '' } = seen;
  const renewal = renewalOf(answers, seen);
  return { role: 'served', subject, issuer, names: [...names], from, until: to, fingerprint, key, renewal };
}

/** What Traefik shows for each name of the lab, each certificate once. Never rejects. */
export async function certificatesAtDoor(
  answers: StackAnswers,
  context: { readonly stack: RendersAnswers & { readonly stackLook: Pick<StackLookParts, 'lookAtDoor'> } },
): Promise<readonly ServedCertificate[]> {
  const stack = await renderedOf(answers, context);
  if (stack === null) return [];
  const { ports } = stack.answers;
  const reach = { host: ownAddress(stack.answers) ?? '127.0.0.1', port: ports.https };
  const answered = await Promise.all(
    stack.names.map(({ name }) =>
      context.stack.stackLook.lookAtDoor(
        `https://${name}${ports.https === 443 ? '' : `:${ports.https}`}/`,
        reach,
      ),
    ),
  );
  const seen = answered.flatMap(({ certificate }) => certificate ?? []);
  const markOf = ({ fingerprint, subject, to }: ServedCertificate): string =>
    fingerprint ?? `${subject} ${to}`;
  return seen.filter((one, index) => seen.findIndex((other) => markOf(other) === markOf(one)) === index);
}

/** The kept pair, as far as Traefik is told to serve one. Never rejects. */
export async function keptServed(
  { lab }: StackAnswers,
  { stack: { folder, crypto } }: CertificateRequestContext,
): Promise<CertificateFacts | null> {
  const files = await folder.read(lab).catch(() => null);
  const { certificate } = servedAmong(files ?? []);
  if (certificate === null) return null;
  const [own] = await crypto.describe(certificate).catch(() => []);
  return own ?? null;
}

async function servedRows(
  answers: StackAnswers,
  context: CertificateRequestContext,
): Promise<readonly Row[]> {
  switch (answers.tls.mode) {
    case 'local-ca':
    case 'own': {
      const kept = await keptServed(answers, context);
      return kept === null ? [] : [rowOf('served', kept, renewalOf(answers, kept))];
    }
    case 'acme-dns':
    case 'acme-http': {
      const [seen, failures, stack] = await Promise.all([
        certificatesAtDoor(answers, context),
        failuresOf(answers, context.stack.stackLook),
        renderedOf(answers, context),
      ]);
      const about = { tls: answers.tls, all: stack?.names.map(({ name }) => name) ?? [] };
      return seen.map((one): Row => {
        const failure = failureOf(one, failures, about);
        return { ...seenRow(answers, one), ...(failure === null ? {} : { failure }) };
      });
    }
  }
}

const sources = {
  'local-ca': "of the lab's own authority",
  own: 'of your own',
  'acme-dns': 'got by a DNS record',
  'acme-http': 'got by a request from outside',
} as const;

function sentenceOf(
  { lab, tls }: StackAnswers,
  served: readonly Row[],
  { stack, clock }: CertificateRequestContext,
): string {
  const issue = stack.renewals.issues().find(({ key }) => key === 'stack.certificate-not-renewed');
  const [first] = [...served].sort((one, other) => one.until - other.until);
  const isUp = stack.journal.standing()?.isUp === true;
  if (first === undefined)
    return isUp
      ? `Nobody can say which certificate the lab "${lab}" serves now.`
      : `The lab "${lab}" is not up, and no certificate is served.`;
  const now = clock.now();
  const until = dayOf(first.until);
  const what = `a certificate ${sources[tls.mode]}`;
  const ending = { from: first.from, to: first.until };
  const said =
    now > first.until
      ? `The lab "${lab}" serves ${what} that ended on ${until}: browsers, git and runners refuse it.`
      : `The lab "${lab}" serves ${what} until ${until}${isEndingSoon(ending, now) ? ', which is soon' : ''}.`;
  return issue === undefined ? said : `${said} ${issue.message}`;
}

/** Without where this machine trusts the root. Never rejects. */
export async function servedList(context: CertificateRequestContext): Promise<Omit<List, 'places'>> {
  const { stack } = context;
  const answers = stack.journal.current();
  const shared = stack.share.now();
  const sharing = shared === null ? null : { ...shared, qr: [...stack.renderQr(shared.url)] };
  if (answers === null)
    return { mode: null, sentence: 'There is no stack, and no certificate.', certificates: [], sharing };
  const [served, root] = await Promise.all([servedRows(answers, context), rootOfLab(answers, context)]);
  const rootRows = root === null ? [] : [rowOf('root', root.facts, rootRenewal(answers, root.facts))];
  return {
    mode: answers.tls.mode,
    sentence: sentenceOf(answers, served, context),
    certificates: [...served, ...rootRows],
    sharing,
  };
}
