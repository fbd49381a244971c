// Providers of DNS records for people: what each asks for, and where that is had.
import type { Output } from '../../contract/contract.ts';

type Provider = Output<'certificate.providers'>['providers'][number];

function renderField({ name, label, secret, required, placeholder }: Provider['fields'][number]): string {
  const how = secret === null ? `answer tls.options.${name}` : `autogit stack set-secret ${secret}`;
  const like = placeholder === null || placeholder.includes('\n') ? '' : `, like ${placeholder}`;
  return `    ${label}${required ? '' : ' (if needed)'}${like}: ${how}`;
}

function renderProvider({ id, title, help, url, checked, fields }: Provider): string {
  return [
    `${title}: tls.provider: ${id}${checked ? '' : '   (the token is not tried before it is used)'}`,
    `  ${help}`,
    `  ${url}`,
    ...fields.map(renderField),
  ].join('\n');
}

export function renderAcmeProviders({ providers }: Output<'certificate.providers'>): string {
  return providers.map(renderProvider).join('\n\n');
}
