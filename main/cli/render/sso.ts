// Sign-in for people: who is asked for which program, what was tried of it, and other providers.
import type { Output } from '../../contract/contract.ts';
import { linesBeside, renderStep } from './steps.ts';
import { ago, clean, paint } from './text.ts';
import type { View } from './text.ts';

/** `autogit sso show`. */
export function renderSso({ sentence, issuer, clients }: Output<'sso.show'>, view: View): string {
  const shown = clients.map(({ id, title, how, url, redirect, last }) => {
    const way = how === 'oidc' ? 'asks by itself' : 'Traefik asks before it';
    const tried =
      last === null
        ? paint('not tried yet', 'quiet', view)
        : paint(
            `${last.good ? 'works' : 'does not work'}, tried ${ago(last.at, view.now)}`,
            last.good ? 'good' : 'bad',
            view,
          );
    const wrong = last?.steps.filter(({ state }) => state === 'bad') ?? [];
    return [
      `\n${paint(clean(title), 'strong', view)} (${clean(id)}): ${tried}\n`,
      `  ${clean(url)}, ${way}\n`,
      ...(redirect === null ? [] : [`  comes back to ${clean(redirect)}\n`]),
      ...wrong.map((step) => renderStep(step, view)),
    ].join('');
  });
  return [`${clean(sentence)}\n`, ...(issuer === null ? [] : [`Issuer: ${clean(issuer)}\n`]), ...shown].join(
    '',
  );
}

/** `autogit sso test`. */
export function renderSsoTest({ good, tests }: Output<'sso.test'>, view: View): string {
  const each = tests.map(
    ({ client, steps }) =>
      `${paint(clean(client), 'strong', view)}\n${steps.map((step) => renderStep(step, view)).join('')}\n`,
  );
  const verdict = good
    ? 'As far as it goes without a person, signing in works.'
    : 'Signing in does not work.';
  return `${each.join('')}${paint(verdict, good ? 'good' : 'bad', view)}\n`;
}

/** `autogit sso providers`. */
export function renderSsoProviders({ redirect, providers }: Output<'sso.providers'>, view: View): string {
  const head = redirect === null ? '' : `GitLab comes back to: ${clean(redirect)}\n\n`;
  const each = providers.map(({ id, title, issuer, steps, groups }) => {
    const todo = steps.map((step, index) =>
      linesBeside(`${index + 1}. ${step}`, 2, view)
        .map((line) => `  ${line}\n`)
        .join(''),
    );
    const more =
      groups === null ? [] : linesBeside(`Groups: ${groups}`, 2, view).map((line) => `  ${line}\n`);
    return `${paint(clean(title), 'strong', view)} (${clean(id)}), issuer like ${clean(issuer)}\n${todo.join('')}${more.join('')}`;
  });
  return `${head}${each.join('\n')}`;
}

/** `autogit sso check`. */
export function renderSsoCheck({ good, steps }: Output<'sso.check'>, view: View): string {
  const verdict = good
    ? 'GitLab gets along with this provider.'
    : 'GitLab would not get along with this provider.';
  return `${steps.map((step) => renderStep(step, view)).join('')}\n${paint(verdict, good ? 'good' : 'bad', view)}\n`;
}
