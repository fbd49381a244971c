// The form that tries another way to certificates: its texts, what they mean, and the lines that do the same.
import type { Input, Output } from '../../main/contract/contract.ts';
import { tlsSchema } from '../../main/model/stack/answers.ts';
import type { TlsMode } from './certificates.ts';
import { typed } from './row-deeds.ts';
import { t } from '../language/strings.ts';

export type Provider = Output<'certificate.providers'>['providers'][number];

/** Whether an own certificate is read from files of the machine, or pasted. */
export type OwnFrom = 'paths' | 'pasted';

export interface WayTexts {
  readonly mode: TlsMode;
  readonly domain: string;
  readonly ownFrom: OwnFrom;
  readonly certificate: string;
  readonly key: string;
  readonly ca: string;
  readonly certificateText: string;
  readonly keyText: string;
  readonly email: string;
  readonly staging: boolean;
  readonly provider: string;
  /** By the provider's names of them, secrets too. */
  readonly fields: Readonly<Record<string, string>>;
}

export const emptyWay: WayTexts = {
  ...{ mode: 'local-ca', domain: '', ownFrom: 'paths', certificate: '', key: '', ca: '' },
  ...{ certificateText: '', keyText: '', email: '', staging: false, provider: '', fields: {} },
};

function isSecret(provider: Provider | null, name: string): boolean {
  return provider?.fields.some((field) => field.name === name && field.secret !== null) ?? false;
}

/** The same texts without anything that is secret. */
export function withoutSecrets(texts: WayTexts, provider: Provider | null): WayTexts {
  const kept = Object.entries(texts.fields).filter(([name]) => !isSecret(provider, name));
  return { ...texts, keyText: '', fields: Object.fromEntries(kept) };
}

/** Whether anything secret was typed. */
export function hasSecrets(texts: WayTexts, provider: Provider | null): boolean {
  const given = Object.entries(texts.fields).some(([name, text]) => text !== '' && isSecret(provider, name));
  return texts.keyText !== '' || given;
}

function tlsOf(texts: WayTexts, provider: Provider | null): object {
  const { mode, ownFrom, certificate, key, ca, email, staging } = texts;
  switch (mode) {
    case 'local-ca':
      return { mode };
    case 'own': {
      const root = ca.trim() === '' ? {} : { ca: ca.trim() };
      // Contents take the place of the files, which the schema asks for all the same.
      return ownFrom === 'pasted'
        ? { mode, certificate: 'certificate.pem', key: 'key.pem' }
        : { mode, certificate: certificate.trim(), key: key.trim(), ...root };
    }
    case 'acme-http':
      return { mode, email: email.trim(), ...(staging ? { staging } : {}) };
    case 'acme-dns': {
      const options = (provider?.fields ?? [])
        .filter(({ secret, name }) => secret === null && (texts.fields[name] ?? '').trim() !== '')
        .map(({ name }) => [name, (texts.fields[name] ?? '').trim()] as const);
      return {
        ...{ mode, provider: texts.provider, email: email.trim() },
        ...(staging ? { staging } : {}),
        ...(options.length === 0 ? {} : { options: Object.fromEntries(options) }),
      };
    }
  }
}

const domainLabel = /^(?!-)[a-z0-9-]{1,63}(?<!-)$/i;

function domainError(text: string): string | null {
  const labels = text.split('.');
  if (text === '' || (labels.length > 1 && text.length < 254 && labels.every((one) => domainLabel.test(one))))
    return null;
  return t('A domain has at least two parts of letters, digits and hyphens, as lab.example.net.');
}

/** What a field is missing, or has wrong. Of `tls`, the schema's own names. */
const schemaErrors: Readonly<Record<string, string>> = {
  email: t("Let's Encrypt asks for an e-mail address, as you@example.net."),
  provider: t('Choose who keeps the DNS records of the domain.'),
};

function isPath(text: string): boolean {
  return /^(?:\/|~\/|[A-Za-z]:[\\/])/.test(text.trim());
}

function ownErrors(texts: WayTexts): Record<string, string> {
  const isPem = (text: string, what: string): boolean =>
    new RegExp(`-----BEGIN [A-Z ]*${what}-----`).test(text);
  if (texts.ownFrom === 'pasted') {
    return {
      ...(isPem(texts.certificateText, 'CERTIFICATE')
        ? {}
        : { certificateText: t('PEM is wanted: it begins with -----BEGIN CERTIFICATE-----.') }),
      ...(isPem(texts.keyText, 'PRIVATE KEY')
        ? {}
        : { keyText: t('PEM is wanted: it begins with -----BEGIN PRIVATE KEY-----, or the like.') }),
    };
  }
  const whole = t('The whole path of a file on this machine, as /etc/ssl/lab.pem.');
  return {
    ...(isPath(texts.certificate) ? {} : { certificate: whole }),
    ...(isPath(texts.key) ? {} : { key: whole }),
    ...(texts.ca.trim() === '' || isPath(texts.ca) ? {} : { ca: whole }),
  };
}

function acmeErrors(texts: WayTexts, provider: Provider | null): Record<string, string> {
  const issues = tlsSchema.safeParse(tlsOf(texts, provider)).error?.issues ?? [];
  const errors: Record<string, string> = {};
  for (const { path, message } of issues) {
    const [name = '', key] = path.map(String);
    errors[name === 'options' && key !== undefined ? key : name] = schemaErrors[name] ?? message;
  }
  if (texts.mode !== 'acme-dns') return errors;
  if (provider === null) errors['provider'] = schemaErrors['provider'] ?? '';
  for (const { name, label, required } of provider?.fields ?? [])
    if (required && (texts.fields[name] ?? '').trim() === '')
      errors[name] = t('{{label}} is needed.', { label });
  return errors;
}

/** In the fields' order, so that the first is the one to lead to. */
function errorsOf(texts: WayTexts, provider: Provider | null): Readonly<Record<string, string>> {
  const wrongDomain = domainError(texts.domain.trim());
  const domain: Record<string, string> = wrongDomain === null ? {} : { domain: wrongDomain };
  switch (texts.mode) {
    case 'local-ca':
      return domain;
    case 'own':
      return { ...domain, ...ownErrors(texts) };
    case 'acme-dns':
    case 'acme-http':
      return { ...domain, ...acmeErrors(texts, provider) };
  }
}

/** A value in YAML, in the one form that is right for every text. */
function yamlValue(value: unknown): string {
  return JSON.stringify(value);
}

/** `tls` as a file of answers has it. */
export function answersText(tls: object): string {
  const lines = Object.entries(tls).flatMap(([name, value]: [string, unknown]) =>
    typeof value === 'object' && value !== null
      ? [`  ${name}:`, ...Object.entries(value).map(([key, one]) => `    ${key}: ${yamlValue(one)}`)]
      : [`  ${name}: ${yamlValue(value)}`],
  );
  return ['tls:', ...lines].join('\n');
}

export interface ReadWay {
  /** `null` while something is wrong. */
  readonly input: Input<'certificate.check'> | null;
  /** By field. */
  readonly errors: Readonly<Record<string, string>>;
  /** The line that checks the same once a file has these answers, and those that give the stack its secrets. None of them has a secret in it. */
  readonly check: string;
  readonly secrets: readonly string[];
  /** What a file of answers says then. */
  readonly answers: string;
  /** The same as data, without secrets; `null` while something is wrong. */
  readonly given: object | null;
}

/** Reads the form. */
export function readWay(texts: WayTexts, provider: Provider | null): ReadWay {
  const errors = errorsOf(texts, provider);
  const tls = tlsSchema.safeParse(tlsOf(texts, provider));
  const domain = texts.domain.trim() === '' ? {} : { domain: texts.domain.trim() };
  const given = (provider?.fields ?? []).flatMap(({ name, secret }) => {
    const text = (texts.fields[name] ?? '').trim();
    return secret === null || text === '' ? [] : [[secret, text] as const];
  });
  const isPasted = texts.mode === 'own' && texts.ownFrom === 'pasted';
  const short = tlsOf(texts, provider);
  const option = 'domain' in domain ? ` --domain ${typed(domain.domain)}` : '';
  return {
    errors,
    input:
      !tls.success || Object.keys(errors).length > 0
        ? null
        : {
            ...{ tls: tls.data, ...domain },
            ...(texts.mode === 'acme-dns' && given.length > 0 ? { secrets: Object.fromEntries(given) } : {}),
            ...(isPasted ? { pasted: { certificate: texts.certificateText, key: texts.keyText } } : {}),
          },
    check: `autogit certificate check --answers lab.yaml${option}`,
    secrets:
      texts.mode === 'acme-dns'
        ? (provider?.fields ?? []).flatMap(({ secret }) =>
            secret === null ? [] : [`autogit stack set-secret ${secret}`],
          )
        : [],
    answers: answersText(short),
    given: Object.keys(errors).length > 0 ? null : { tls: short, ...domain },
  };
}
