// The root that a lab's certificate leads to, and where this machine is in its network, for whoever asks about them.
import { rootOf } from '../../apply/stack/certificates.ts';
import { AutoGitError } from '../../errors.ts';
import type { StackAnswers } from '../../model/stack/answers.ts';
import type { CertificateFacts } from '../../model/stack/certificate-facts.ts';
import { readPem } from '../../model/stack/pem.ts';
import type { RenderedStack } from '../../model/stack/stack.ts';
import { defaultDomain } from '../../templates/settle.ts';
import type { RequestContext } from '../requests.ts';
import type { RenderedNow } from './stack-desk.ts';

export type CertificateRequestContext = Pick<
  RequestContext,
  'stack' | 'secrets' | 'clock' | 'store' | 'door'
>;

/** Makes a stack of answers, as it would be now. */
export interface RendersAnswers {
  render(answers: StackAnswers): Promise<Pick<RenderedNow, 'rendering'>>;
}

/** A root with what it says. */
export interface LabRoot {
  readonly pem: string;
  readonly facts: CertificateFacts;
}

export function domainOf({ lab, domain }: Pick<StackAnswers, 'lab' | 'domain'>): string {
  return domain ?? defaultDomain(lab);
}

/** Throws `stack.certificate-domain` where there is no stack that says it. */
export function domainFor(answers: StackAnswers | null): string {
  if (answers !== null) return domainOf(answers);
  throw new AutoGitError({
    key: 'stack.certificate-domain',
    message: 'Nobody has said for which domain the certificate has to be.',
    next: 'Give it: autogit certificate check --domain lab.example.org',
  });
}

/** PEM of all that has to be trusted besides the public roots; `null`: nothing, or it cannot be read. */
async function trustedText(
  answers: StackAnswers,
  { stack: { readText }, secrets }: CertificateRequestContext,
): Promise<string | null> {
  const { lab, tls } = answers;
  const kept = rootOf({ lab, domain: domainOf(answers), answers }, secrets);
  if (kept !== null || tls.mode === 'local-ca' || tls.ca === null) return kept;
  return readText(tls.ca).catch(() => null);
}

/** `null`: there is none that devices have to be told of. Never rejects. */
export async function rootOfLab(
  answers: StackAnswers,
  context: CertificateRequestContext,
): Promise<LabRoot | null> {
  const text = await trustedText(answers, context);
  const all = readPem(text ?? '').certificates;
  const facts = all.length === 0 ? [] : await context.stack.crypto.describe(all.join('')).catch(() => []);
  // Of several the one that has signed itself: those below it come with the server's own.
  const at = Math.max(
    0,
    facts.findIndex(({ signer }, index) => signer === index),
  );
  const [pem, root] = [all[at], facts[at]];
  return pem === undefined || root === undefined ? null : { pem, facts: root };
}

/** The stack as its answers make it now; `null`: they are no longer accepted. Never rejects. */
export async function renderedOf(
  answers: StackAnswers,
  { stack }: { readonly stack: RendersAnswers },
): Promise<RenderedStack | null> {
  const rendering = await stack.render(answers).then(
    (now) => now.rendering,
    () => null,
  );
  return rendering?.ok === true ? rendering.stack : null;
}
