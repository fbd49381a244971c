// What is wrong with the answers about another provider of OpenID Connect, before GitLab would fail with it.
import { judgePath } from './paths.ts';
import { shown } from './problem.ts';
import { oidcProviders } from '../model/oidc-providers.ts';
import type { Oidc, StackAnswers } from '../model/stack/answers.ts';
import type { AnswerProblem, StackFacts } from '../model/stack/stack.ts';

type Found = Omit<AnswerProblem, 'field'>;

function at(field: string, found: Found | null): readonly AnswerProblem[] {
  return found === null ? [] : [{ field, ...found }];
}

/** Everything but what the file of its root says. Pure; the same for a stack and for a test of the provider alone. */
export function judgeOidc({ provider, issuer, ca }: Oidc): readonly AnswerProblem[] {
  return [
    ...at('oidc.provider', judgeProvider(provider)),
    ...at('oidc.issuer', judgeIssuer(issuer, provider)),
    ...(ca === null ? [] : at('oidc.ca', judgePath(ca))),
  ];
}

export function checkOidc({ sso, oidc }: StackAnswers, { oidcRoot }: StackFacts): readonly AnswerProblem[] {
  if (sso !== 'oidc') return [];
  if (oidc === null)
    return at('oidc', {
      key: 'stack.oidc-missing',
      message: 'The answers say that another provider signs people in, and not which one.',
      next: 'Give its issuer and the id of GitLab there as oidc, or choose sso: authelia. What each provider needs: autogit sso providers',
    });
  const isRead = oidc.ca === null || oidcRoot?.certificates !== undefined;
  return [...judgeOidc(oidc), ...(isRead ? [] : at('oidc.ca', oidcRoot?.problem ?? notRead(oidc.ca ?? '')))];
}

function notRead(path: string): Found {
  return {
    key: 'stack.oidc-ca',
    message: `The file ${path}, which the answers name as root of the provider, was not read.`,
    next: 'Give a path of a PEM file that AutoGit may read.',
  };
}

function judgeProvider(provider: string): Found | null {
  if (Object.hasOwn(oidcProviders, provider)) return null;
  return {
    key: 'stack.oidc-provider',
    message: `AutoGit does not know the provider ${shown(provider)}.`,
    next: `Choose one of ${Object.keys(oidcProviders).join(', ')}; other is any that speaks OpenID Connect.`,
  };
}

/** https://openid.net/specs/openid-connect-core-1_0.html#IssuerIdentifier */
function judgeIssuer(issuer: string, provider: string): Found | null {
  const wrong = whyNoIssuer(issuer);
  if (wrong !== null)
    return {
      key: 'stack.oidc-issuer',
      message: `The issuer ${shown(issuer)} ${wrong}.`,
      next: 'Copy it as the provider shows it: https, a name, and often a path; nothing behind that.',
    };
  const known = Object.hasOwn(oidcProviders, provider) ? oidcProviders[provider] : undefined;
  if (provider !== 'google' || known === undefined || issuer === known.issuer) return null;
  return {
    key: 'stack.oidc-issuer',
    message: `Google calls itself ${known.issuer}, and the answers say ${shown(issuer)}.`,
    next: `Write ${known.issuer}.`,
  };
}

function whyNoIssuer(issuer: string): string | null {
  const parts = /^([a-z]+):\/\/([^/?#]*@)?[a-z0-9.[\]:-]+(\/[^?#\s]*)?([?#].*)?$/i.exec(issuer);
  if (parts === null) return 'is no address';
  const [, scheme, person, path = '', rest] = parts;
  if (scheme !== 'https')
    return 'does not begin with https, without which anybody on the way could sign in as anybody';
  if (person !== undefined) return 'has a name or password in it';
  if (rest !== undefined) return 'has something behind its path';
  if (path.includes('/.well-known/')) return 'is the address of its description';
  return null;
}
