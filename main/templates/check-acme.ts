// What is wrong with answers about certificates that Traefik asks for by itself.
import { acmeProvider, acmeProviders, wrongOptions } from './acme-providers.ts';
import type { AcmeProvider, WrongOption } from './acme-providers.ts';
import { isPublicDomain } from './names.ts';
import { judgePath } from './paths.ts';
import { shown } from './problem.ts';
import type { AcmeTls } from '../model/stack/acme.ts';
import type { AnswerProblem } from '../model/stack/stack.ts';

export function checkAcmeAnswers(tls: AcmeTls, domain: string): readonly AnswerProblem[] {
  const wrongPath = tls.ca === null ? null : judgePath(tls.ca);
  return [
    // An authority of one's own signs what it likes.
    ...(tls.server === null ? checkPublic(domain) : []),
    ...(tls.server === null && tls.ca !== null ? [rootUnasked] : []),
    ...(tls.server !== null && tls.staging ? [stagingUnknown] : []),
    ...(wrongPath === null ? [] : [{ field: 'tls.ca', ...wrongPath }]),
    ...(tls.mode === 'acme-dns' ? checkProvider(tls.provider, tls.options) : []),
  ];
}

const rootUnasked: AnswerProblem = {
  field: 'tls.ca',
  key: 'stack.tls-root-unasked',
  message: "Let's Encrypt's certificates lead to roots that all programs know; tls.ca names another one.",
  next: 'Leave tls.ca out, or name the authority that it belongs to as tls.server.',
};

const stagingUnknown: AnswerProblem = {
  field: 'tls.staging',
  key: 'stack.tls-staging',
  message: "tls.staging is Let's Encrypt's place for trying out, and tls.server names another authority.",
  next: 'Leave one of them out.',
};

function checkPublic(domain: string): readonly AnswerProblem[] {
  if (isPublicDomain(domain)) return [];
  return [
    {
      field: 'tls.mode',
      key: 'stack.tls-not-public',
      message: `Let's Encrypt gives certificates for public domains only, and ${shown(domain)} is none.`,
      next: 'Choose tls: { mode: local-ca }, or a domain that you own.',
    },
  ];
}

function checkProvider(id: string, options: Readonly<Record<string, string>>): readonly AnswerProblem[] {
  const provider = acmeProvider(id);
  if (provider !== null)
    return wrongOptions(provider, options).map((wrong) => wrongOption(wrong, provider, options));
  return [
    {
      field: 'tls.provider',
      key: 'stack.tls-provider',
      message: `AutoGit does not know how ${shown(id)} lets Let's Encrypt's records be made.`,
      next: `Choose one of ${Object.keys(acmeProviders).join(', ')}, or bring a certificate with tls: { mode: own }.`,
    },
  ];
}

function wrongOption(
  { name, why, field }: WrongOption,
  { title, fields }: AcmeProvider,
  options: Readonly<Record<string, string>>,
): AnswerProblem {
  const at = { field: `tls.options.${name}`, key: 'stack.tls-option' };
  const like = field?.placeholder === null || field === null ? 'a whole number' : field.placeholder;
  switch (why) {
    case 'missing':
      return {
        ...at,
        message: `${title} needs one thing more: ${field?.label ?? name}.`,
        next: `Give it as tls.options.${name}, like ${like}.`,
      };
    case 'form':
      return {
        ...at,
        message: `${shown(options[name] ?? '')} can not be right for ${field?.label ?? name}.`,
        next: `Write it like ${like}.`,
      };
    case 'unknown': {
      const isSecret = fields.some((one) => one.name === name && one.secret !== null);
      const known = fields.flatMap((one) => (one.secret === null ? one.name : []));
      return {
        ...at,
        message: isSecret
          ? `${name} is a secret, and options are written down for all to read.`
          : `${title} asks for no option ${shown(name)}.`,
        next: isSecret
          ? `Take it out, and give it from standard input: autogit stack set-secret ${fields.find((one) => one.name === name)?.secret ?? ''}`
          : known.length === 0
            ? 'Take it out.'
            : `Leave it out, or use ${known.join(', ')}.`,
      };
    }
  }
}
