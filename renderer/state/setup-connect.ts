// The form for a GitLab that is there: what is typed, what is wrong with it, and what was found.
import type { Input, Output } from '../../main/contract/contract.ts';
import { typed } from './row-deeds.ts';
import { t } from '../language/strings.ts';

export type Found = Output<'gitlab.connect'>;

export interface ConnectTexts {
  readonly url: string;
  readonly runnerUrl: string;
  readonly ca: string;
}

function urlError(text: string): string | null {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !['http:', 'https:'].includes(url.protocol))
    return t('The whole address, as https://gitlab.example.org.');
  if (url.username !== '' || url.password !== '')
    return t('Without a name or password in it: the token has a field of its own.');
  return url.search !== '' || url.hash !== '' ? t('Without anything behind ? or #.') : null;
}

function isPath(text: string): boolean {
  return /^(?:\/|~\/|[A-Za-z]:[\\/])/.test(text);
}

/** What is wrong with each field that was touched; with all of them, once somebody has asked. */
export function shownErrors(
  texts: ConnectTexts & { readonly token: string },
  wasAsked: boolean,
): Readonly<Record<string, string>> {
  const isTouched: Readonly<Record<string, boolean>> = {
    ...{ url: texts.url !== '', token: texts.token !== '' },
    ...{ runnerUrl: texts.runnerUrl !== '', ca: texts.ca !== '' },
  };
  const errors = Object.entries(connectErrors(texts, texts.token));
  return Object.fromEntries(errors.filter(([name]) => wasAsked || isTouched[name] === true));
}

/** By field. */
export function connectErrors(texts: ConnectTexts, token: string): Readonly<Record<string, string>> {
  const [url, runnerUrl, ca] = [texts.url, texts.runnerUrl, texts.ca].map((text) => text.trim());
  const wrongUrl = urlError(url ?? '');
  const wrongRunner = runnerUrl === '' ? null : urlError(runnerUrl ?? '');
  return {
    ...(wrongUrl === null ? {} : { url: wrongUrl }),
    ...(/^[\x21-\x7e]{8,1024}$/.test(token.trim())
      ? {}
      : { token: t('One word of at least 8 characters, as GitLab has shown it: glpat-…') }),
    ...(wrongRunner === null ? {} : { runnerUrl: wrongRunner }),
    ...(ca === '' || isPath(ca ?? '')
      ? {}
      : { ca: t('The whole path of a file on this machine, as /etc/ssl/root.pem.') }),
  };
}

/** What is asked of the core; the token is in it and nowhere else. */
export function connectInput(texts: ConnectTexts, token: string, replace: boolean): Input<'gitlab.connect'> {
  const [runnerUrl, ca] = [texts.runnerUrl.trim(), texts.ca.trim()];
  return {
    ...{ url: texts.url.trim(), token: token.trim(), replace },
    ...(runnerUrl === '' ? {} : { runnerUrl }),
    ...(ca === '' ? {} : { ca }),
  };
}

/** The same on the command line, which asks for the token. */
export function connectLine(texts: ConnectTexts, replace: boolean): string {
  const [url, runnerUrl, ca] = [texts.url.trim(), texts.runnerUrl.trim(), texts.ca.trim()];
  return [
    `autogit gitlab connect --url ${url === '' ? 'https://gitlab.example.org' : typed(url)}`,
    ...(runnerUrl === '' ? [] : [`--runner-url ${typed(runnerUrl)}`]),
    ...(ca === '' ? [] : [`--ca ${typed(ca)}`]),
    ...(replace ? ['--replace'] : []),
  ].join(' ');
}

/** Where its administrator makes a token, as soon as the address is one. */
export function tokenPage({ url }: ConnectTexts): string | null {
  const text = url.trim();
  if (urlError(text) !== null) return null;
  const { origin, pathname } = new URL(text);
  return `${origin}${pathname.replace(/\/+$/, '')}/-/user_settings/personal_access_tokens?name=AutoGit&scopes=api,admin_mode`;
}
