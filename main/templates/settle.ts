// Answers with every default filled in, and all that is wrong with them on this machine.
import { checkAcmeAnswers } from './check-acme.ts';
import { checkDirectory, directoryWarnings } from './check-directory.ts';
import { checkNetwork } from './check-network.ts';
import { checkOidc } from './check-oidc.ts';
import { isMdnsDomain, judgeDomain, judgeLab } from './names.ts';
import { isTemporary, judgeData, judgePath, tidyPath } from './paths.ts';
import { gibibytes, sizesOf, suitablePreset } from './presets.ts';
import type { PresetSizes } from './presets.ts';
import { shown } from './problem.ts';
import type { Issue } from '../model/issue.ts';
import type { StackAnswers } from '../model/stack/answers.ts';
import type { AnswerProblem, StackFacts } from '../model/stack/stack.ts';

/** Answers of which nothing is open, and what follows from them. */
export interface Settled {
  /** Every default filled in but those of templates. */
  readonly answers: StackAnswers;
  readonly domain: string;
  readonly address: string;
  readonly address6: string | null;
  readonly sizes: PresetSizes;
  readonly email: string;
  readonly upstream: readonly string[];
  readonly warnings: readonly Issue[];
}

export type Settling =
  | { readonly ok: true; readonly settled: Settled }
  | { readonly ok: false; readonly problems: readonly AnswerProblem[] };

/** The domain that a lab has when its person names none. https://www.rfc-editor.org/rfc/rfc8375 */
export function defaultDomain(lab: string): string {
  return `${lab}.home.arpa`;
}

/** Judges the answers against each other and the machine. */
export function settle(given: StackAnswers, facts: StackFacts): Settling {
  const domain = given.domain ?? defaultDomain(given.lab);
  const network = checkNetwork(given, facts);
  const problems = [
    ...checkText(given, []),
    ...at('lab', judgeLab(given.lab)),
    ...(given.domain === null ? [] : at('domain', judgeDomain(domain))),
    ...at('data', judgeData(given.data)),
    ...checkTls(given, domain),
    ...checkDns(given, domain),
    ...checkDirectory(given, facts),
    ...checkOidc(given, facts),
    ...at('policy.defaultBranch', judgeBranch(given.policy.defaultBranch)),
    ...network.problems,
  ];
  const { address } = network;
  if (problems.length > 0 || address === null) return { ok: false, problems: unique(problems) };
  const preset = given.preset ?? suitablePreset(facts);
  const sizes = sizesOf(preset, facts);
  const email = given.admin.email ?? `${given.admin.username}@${domain}`;
  const data = tidyPath(given.data);
  const { upstream, address6 } = network;
  return {
    ok: true,
    settled: {
      ...{ domain, address, address6, sizes, email, upstream },
      answers: {
        ...{ ...given, domain, data, address, address6, preset, admin: { ...given.admin, email } },
        dns: given.dns.mode === 'coredns' ? { ...given.dns, upstream: [...upstream] } : given.dns,
      },
      warnings: [...network.warnings, ...warningsOf(given, domain, data, sizes, facts)],
    },
  };
}

function at(field: string, found: Omit<AnswerProblem, 'field'> | null): readonly AnswerProblem[] {
  return found === null ? [] : [{ field, ...found }];
}

/** The first problem of each field: the others mostly follow from it. */
function unique(problems: readonly AnswerProblem[]): readonly AnswerProblem[] {
  return problems.filter(
    (problem, index) => problems.findIndex(({ field }) => field === problem.field) === index,
  );
}

/** No answer at all holds a control character or half a letter. */
function checkText(value: unknown, path: readonly string[]): readonly AnswerProblem[] {
  if (typeof value === 'string') {
    if (!/[\p{Cc}\p{Zl}\p{Zp}\p{Cs}]/u.test(value)) return [];
    // Names and paths say it in words of their own.
    if (['lab', 'domain', 'data'].includes(path.join('.'))) return [];
    return [
      {
        field: path.join('.'),
        key: 'stack.answer-control',
        message: `The answer ${shown(value)} has a line break or another character that can not be seen.`,
        next: 'Write it in one line.',
      },
    ];
  }
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, item]) => checkText(item, [...path, key]));
}

function checkTls({ tls }: StackAnswers, domain: string): readonly AnswerProblem[] {
  switch (tls.mode) {
    case 'local-ca':
      return [];
    case 'own':
      return [
        ...at('tls.certificate', judgePath(tls.certificate)),
        ...at('tls.key', judgePath(tls.key)),
        ...(tls.ca === null ? [] : at('tls.ca', judgePath(tls.ca))),
      ];
    case 'acme-dns':
    case 'acme-http':
      return checkAcmeAnswers(tls, domain);
  }
}

function checkDns({ dns }: StackAnswers, domain: string): readonly AnswerProblem[] {
  if (dns.mode !== 'provider') return [];
  const wrong = judgeDomain(dns.zone);
  if (wrong !== null) return at('dns.zone', wrong);
  if (domain === dns.zone || domain.endsWith(`.${dns.zone}`)) return [];
  return at('dns.zone', {
    key: 'stack.dns-zone',
    message: `The domain ${shown(domain)} does not lie in the zone ${shown(dns.zone)}.`,
    next: 'Name the zone in which the domain lies, as the provider lists it.',
  });
}

/** https://git-scm.com/docs/git-check-ref-format */
function judgeBranch(name: string): Omit<AnswerProblem, 'field'> | null {
  const parts = name.split('/');
  const isFine =
    !name.includes('..') &&
    !name.startsWith('-') &&
    !name.endsWith('.') &&
    parts.every((part) => part !== '' && !part.startsWith('.') && !part.endsWith('.lock'));
  if (isFine) return null;
  return {
    key: 'stack.branch-name',
    message: `Git does not accept ${shown(name)} as the name of a branch.`,
    next: 'Choose a name like main.',
  };
}

function warningsOf(
  answers: StackAnswers,
  domain: string,
  data: string,
  sizes: PresetSizes,
  facts: StackFacts,
): readonly Issue[] {
  const memory = gibibytes(facts.memoryBytes);
  const warnings: Issue[] = [...directoryWarnings(answers)];
  const warn = (issue: Omit<Issue, 'severity'>): void => {
    warnings.push({ severity: 'warning', ...issue });
  };
  if (isMdnsDomain(domain))
    warn({
      ...{ key: 'stack.name-local', subject: domain },
      message: `Names below .local belong to devices that call each other without DNS, so many will not find ${domain}.`,
      next: `Use ${defaultDomain(answers.lab)}, or a domain of your own.`,
    });
  if (isTemporary(data))
    warn({
      ...{ key: 'stack.data-temporary', subject: data },
      message: `The system empties ${data} when it starts; all repositories would be gone.`,
      next: 'Choose a folder that stays, like /srv/lab, for anything but a try.',
    });
  if (memory !== null && sizes.usualMiB / 1_024 > memory * 0.9)
    warn({
      ...{ key: 'stack.preset-big', subject: sizes.name },
      message: `GitLab takes about ${(sizes.usualMiB / 1_024).toFixed(1)} GB with the preset ${sizes.name}, and this machine has ${memory.toFixed(1)}.`,
      next: sizes.name === 'minimal' ? 'Add memory or swap.' : `Choose the preset ${suitablePreset(facts)}.`,
    });
  if (answers.tls.mode === 'acme-http' && answers.ports.http !== 80)
    warn({
      ...{ key: 'stack.acme-port', subject: 'ports.http' },
      message: `Let's Encrypt asks on port 80, and this machine will listen on ${answers.ports.http}.`,
      next: `Let the router forward port 80 to ${answers.ports.http} of this machine, or set ports.http to 80.`,
    });
  return warnings;
}
