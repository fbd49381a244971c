// `certificate.check`: whether a way to certificates would work, told check by check; nothing is changed.
import { keptAuthority, publicNames } from '../../apply/stack/certificates.ts';
import { lookAtOwn } from '../../apply/stack/own-certificate.ts';
import type { OwnTls } from '../../apply/stack/own-certificate.ts';
import type { Output, ParsedInput } from '../../contract/contract.ts';
import { AutoGitError } from '../../errors.ts';
import type { StackAnswers, Tls } from '../../model/stack/answers.ts';
import { judgeAuthority } from '../../model/stack/judge-authority.ts';
import { judgeOwn } from '../../model/stack/judge-own.ts';
import type { OwnCheck, OwnWanted } from '../../model/stack/own-seen.ts';
import { commonNames } from '../../templates/context.ts';
import { parseAnswers } from '../../templates/read-answers.ts';
import type { RequestContext } from '../requests.ts';
import { checkAcme } from './acme-check.ts';
import { certificatesAtDoor, keptServed } from './certificate-list.ts';
import { domainFor, domainOf, renderedOf } from './lab-root.ts';

type Input = ParsedInput<'certificate.check'>;
type Answer = Output<'certificate.check'>;
type Check = Answer['checks'][number];

function toRow({ key, label, state, message, next }: OwnCheck): Check {
  return { key, label, state, message, next };
}

function noStack(): AutoGitError {
  return new AutoGitError({
    key: 'stack.none',
    message: 'This home has no stack whose certificate could be checked.',
    next: 'Say which way to try: the field tls, as the answers of a stack have it.',
  });
}

/** The answers of the stack, where the question is about its own domain. */
function standingFor({ domain }: Input, { stack }: RequestContext): StackAnswers | null {
  const answers = stack.journal.current();
  return answers !== null && (domain === undefined || domain === domainOf(answers)) ? answers : null;
}

/** Names that a certificate has to be for: those of the stack, and of one that is not there yet the least and the usual ones. */
async function wantedOf(input: Input, context: RequestContext): Promise<OwnWanted> {
  const answers = standingFor(input, context);
  const stack = answers === null ? null : await renderedOf(answers, context);
  if (stack !== null)
    return { domain: stack.domain, names: stack.names.map(({ name }) => name), optional: [] };
  const domain = input.domain ?? domainFor(answers);
  const [first, ...others] = commonNames.map((name) => `${name}.${domain}`);
  return { domain, names: first === undefined ? [] : [first], optional: others };
}

async function checkOwn(tls: OwnTls, input: Input, context: RequestContext): Promise<readonly Check[]> {
  const { crypto, readText } = context.stack;
  const { clock } = context;
  const [seen, wanted] = await Promise.all([
    lookAtOwn(tls, { crypto, clock, readText }, input.pasted),
    wantedOf(input, context),
  ]);
  return judgeOwn(seen, wanted, clock.now()).map(toRow);
}

async function checkAuthority(input: Input, context: RequestContext): Promise<readonly Check[]> {
  const { clock, secrets, stack: desk } = context;
  const { crypto } = desk;
  const answers = standingFor(input, context);
  const stack = answers === null ? null : await renderedOf(answers, context);
  const kept = stack === null ? null : keptAuthority({ ...desk, clock, secrets, stack });
  const [root = null] = kept === null ? [] : await crypto.describe(kept.certificate).catch(() => []);
  const keyFits = kept === null ? null : await crypto.matches(kept.certificate, kept.key).catch(() => false);
  const leaf =
    answers === null || answers.tls.mode !== 'local-ca' ? null : await keptServed(answers, context);
  const domain = stack?.domain ?? input.domain ?? (answers === null ? 'the lab' : domainOf(answers));
  const names = stack === null ? [] : publicNames(stack);
  return judgeAuthority({ root, keyFits, leaf, domain, names }, clock.now()).map(toRow);
}

/** Whether Traefik shows what it was told to: only of the stack that is up, and of the way that it goes. */
async function checkServed(input: Input, context: RequestContext): Promise<readonly Check[]> {
  const standing = context.stack.journal.standing();
  if (input.tls !== undefined || input.domain !== undefined || standing?.isUp !== true) return [];
  const row = { key: 'certificate.served', label: 'What is served' };
  const [kept, seen] = await Promise.all([
    keptServed(standing.answers, context),
    certificatesAtDoor(standing.answers, context),
  ]);
  const [first] = seen;
  if (first === undefined)
    return [
      {
        ...row,
        state: 'unknown',
        message: 'Nothing answers at the addresses of the lab.',
        next: 'See why: autogit stack status',
      },
    ];
  const isOther = kept !== null && seen.some(({ fingerprint }) => fingerprint !== kept.fingerprint);
  if (isOther)
    return [
      {
        ...{ ...row, state: 'bad' },
        message: `Traefik serves another certificate than it was told to: ${first.subject}, by ${first.issuer}.`,
        next: 'Its log says why: autogit stack logs traefik',
      },
    ];
  const who = [...new Set(seen.map(({ subject, issuer }) => `${subject}, by ${issuer}`))].join('; ');
  return [{ ...row, state: 'good', message: `Traefik serves ${who}.`, next: null }];
}

function sentenceOf(checks: readonly Check[]): string {
  const wrong = checks.filter(({ state }) => state === 'bad');
  const [first] = wrong;
  if (first !== undefined)
    return wrong.length === 1
      ? first.message
      : `${wrong.length} things stand against it. First: ${first.message}`;
  const warned = checks.find(({ state }) => state === 'warning');
  if (warned !== undefined) return `It works. ${warned.message}`;
  return checks.some(({ state }) => state === 'unknown') ? 'Nothing is known against it.' : 'All is well.';
}

async function checksOf(tls: Tls, input: Input, context: RequestContext): Promise<readonly Check[]> {
  switch (tls.mode) {
    case 'own':
      return checkOwn(tls, input, context);
    case 'local-ca':
      return checkAuthority(input, context);
    case 'acme-dns':
    case 'acme-http':
      return checkAcme({ ...input, tls }, context);
  }
}

/** The way and the domain of answers that are given as a text. Throws the first thing that is wrong with them. */
function withText({ text, ...input }: Input): Input {
  if (text === undefined) return input;
  const read = parseAnswers(text);
  if (read.ok) return { ...input, domain: input.domain ?? domainOf(read.answers), tls: read.answers.tls };
  const [problem] = read.problems;
  if (problem === undefined) throw new Error('the answers are refused, and nobody says why');
  const { key, message, next, field } = problem;
  throw new AutoGitError({ key, message: `${field}: ${message}`, next, fields: { field } });
}

/** `certificate.check`. Rejects with `stack.none`, `stack.certificate-domain`, and what is wrong with a text of answers. */
export async function checkWay(given: Input, context: RequestContext): Promise<Answer> {
  const input = withText(given);
  const tls = input.tls ?? context.stack.journal.current()?.tls;
  if (tls === undefined) throw noStack();
  const [own, served] = await Promise.all([checksOf(tls, input, context), checkServed(input, context)]);
  const checks = [...own, ...served];
  return { good: checks.every(({ state }) => state !== 'bad'), sentence: sentenceOf(checks), checks };
}
