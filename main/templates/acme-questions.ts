// What a person is asked for a provider of DNS records: which one, and what it needs besides secrets.
import { acmeProviders } from './acme-providers.ts';
import type { Asked } from '../model/stack/questions.ts';

/** Each with its secrets in words. */
export function providerChoices(): readonly (readonly [value: string, label: string, help: string])[] {
  return Object.entries(acmeProviders).map(([name, { title, fields }]) => [
    name,
    title,
    fields.flatMap(({ label, required }) => (required ? label : [])).join(', '),
  ]);
}

/** Every provider's answers that are no secrets, asked where it is chosen: those it cannot do without, or the others. */
export function providerOptions(isRequired: boolean): readonly Asked[] {
  return Object.entries(acmeProviders).flatMap(([provider, { fields }]) =>
    fields
      .filter(({ secret, required }) => secret === null && required === isRequired)
      .map(({ name, label, placeholder }) => ({
        ...{ field: `tls.options.${name}`, label: isRequired ? label : `${label} (if there is one)` },
        help: `Like ${placeholder ?? 'the provider says'}.`,
        ...{ type: 'text' as const, choices: [], suggested: null },
        onlyIf: { field: 'tls.provider', values: [provider] },
      })),
  );
}

/** Whose certificates they are. */
export function authorityQuestion(): Asked {
  return {
    ...{ field: 'tls.server', label: 'Authority', type: 'text', choices: [], suggested: null },
    help: "Directory of another authority that speaks ACME, such as step-ca in your network. Without an answer: Let's Encrypt.",
    onlyIf: { field: 'tls.mode', values: ['acme-dns', 'acme-http'] },
  };
}
