// What a person is asked about another provider of sign-in.
import { oidcProviders } from '../model/oidc-providers.ts';
import type { Asked } from '../model/stack/questions.ts';

const onlyIf: Asked['onlyIf'] = { field: 'sso', values: ['oidc'] };

function text(field: string, label: string, help: string): Asked {
  return { ...{ field, label, help, onlyIf, type: 'text', choices: [], suggested: null } };
}

export function oidcQuestions(): readonly Asked[] {
  return [
    {
      ...{ field: 'oidc.provider', label: 'Provider', help: 'What to enter there: autogit sso providers' },
      ...{ type: 'choice', suggested: null, onlyIf },
      choices: Object.entries(oidcProviders).map(([value, { title, issuer }]) => ({
        ...{ value, label: title, help: `Its issuer is like ${issuer}.` },
      })),
    },
    text(
      'oidc.issuer',
      'Issuer',
      'Its address, exactly as it calls itself, like https://id.example.net/realms/main.',
    ),
    text('oidc.clientId', 'Client ID', 'What GitLab is called there. Its secret is asked for later.'),
    text(
      'oidc.label',
      'Name of the button',
      "On GitLab's sign-in page. Without an answer: the provider's name.",
    ),
    text(
      'oidc.ca',
      'Root of the provider',
      'Path of a PEM file with the root that its certificate leads to. Without an answer: a public one.',
    ),
  ];
}
