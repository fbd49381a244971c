// Answers of a person, checked: as data, and as the YAML or JSON of a file.
import type { z } from 'zod';
import { judgeLab } from './names.ts';
import { readPlainYaml } from './plain-yaml.ts';
import { shown } from './problem.ts';
import { nearest } from '../model/nearest.ts';
import { stackAnswersSchema } from '../model/stack/answers.ts';
import type { StackAnswers } from '../model/stack/answers.ts';
import type { AnswerProblem } from '../model/stack/stack.ts';

export type ReadAnswers =
  | { readonly ok: true; readonly answers: StackAnswers }
  | { readonly ok: false; readonly problems: readonly AnswerProblem[] };

/** UTF-16 units of a file of answers: many times what every answer together takes. */
const mostText = 128 * 1_024;

/** Reads answers as YAML or JSON. Only plain data: no tags, no anchors, no doubled keys; `${…}` means itself. */
export function parseAnswers(text: string): ReadAnswers {
  const read = readPlainYaml(text, mostText);
  if (read.ok) return readAnswers(read.value);
  return {
    ok: false,
    problems: [
      {
        field: '',
        key: 'stack.answers-unreadable',
        message: `The answers can not be read: ${read.why}.`,
        next: 'Write plain YAML or JSON: lab, data and tls are enough. See: autogit stack questions',
      },
    ],
  };
}

/** Reads answers from data, and fills in the defaults that do not depend on the machine. */
export function readAnswers(raw: unknown): ReadAnswers {
  const parsed = stackAnswersSchema.safeParse(raw);
  if (parsed.success) return { ok: true, answers: parsed.data };
  const problems = parsed.error.issues.flatMap((issue) => problemsOf(issue, raw));
  return { ok: false, problems };
}

type Issue = z.core.$ZodIssue;

/** What was given at a path; `undefined`: nothing. */
function givenAt(raw: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((value, key) => {
    if (typeof value !== 'object' || value === null) return undefined;
    return new Map<PropertyKey, unknown>(Object.entries(value)).get(String(key));
  }, raw);
}

/** Fields that an object of the answers may have, where a word was mistyped. */
const known: Readonly<Record<string, readonly string[]>> = {
  '': Object.keys(stackAnswersSchema.shape),
  tls: ['mode', 'certificate', 'key', 'email', 'provider', 'staging'],
  dns: ['mode', 'upstream', 'provider', 'zone'],
  ports: ['http', 'https', 'ssh', 'dns'],
  admin: ['username', 'email'],
  policy: ['signUp', 'passwordLength', 'sessionDays', 'defaultBranch'],
};

function problemsOf(issue: Issue, raw: unknown): readonly AnswerProblem[] {
  const field = issue.path.join('.');
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownField(field, key));
  const given = givenAt(raw, issue.path);
  if (field === '' && (raw === null || raw === undefined || raw === ''))
    return [
      {
        ...{ field, key: 'stack.answers-missing' },
        message: 'There are no answers: nothing is written there.',
        next: 'Write at least lab, data and tls: { mode: local-ca }. See: autogit stack questions',
      },
    ];
  if (field === '')
    return [
      {
        ...{ field, key: 'stack.answers-unreadable' },
        message: `The answers are ${Array.isArray(raw) ? 'a list' : `only ${shown(String(raw))}`}, and not names with their values.`,
        next: 'Write one answer on each line, as lab: lab. See: autogit stack questions',
      },
    ];
  if (given === undefined)
    return [
      {
        ...{ field, key: 'stack.answer-missing' },
        message: `The answer ${field} is missing.`,
        next: hints[field] ?? 'Give it. See: autogit stack questions',
      },
    ];
  return [{ field, ...judgeValue(issue, field, given) }];
}

function unknownField(parent: string, key: string): AnswerProblem {
  const field = parent === '' ? key : `${parent}.${key}`;
  const meant = nearest(key, known[parent] ?? []);
  return {
    ...{ field, key: 'stack.answer-unknown' },
    message: `Nothing asks for ${shown(field)}.`,
    next: meant === null ? 'Leave it out. See: autogit stack questions' : `Did you mean ${meant}?`,
  };
}

const hints: Readonly<Record<string, string>> = {
  lab: 'Choose a short name of small letters, like lab: the domain becomes lab.home.arpa.',
  data: 'Name a folder on the disk with room: /srv/lab.',
  tls: 'Start with tls: { mode: local-ca }.',
  'tls.mode': 'Choose local-ca, own, acme-dns or acme-http.',
  'dns.mode': 'Choose coredns, own or provider.',
  domain: 'Leave it out for <lab>.home.arpa, or name a domain of your own.',
  address: 'Give an IPv4 address like 192.168.1.10, or leave it out.',
  address6: 'Give an IPv6 address like fd00::10, or leave it out.',
  bind: 'Give an address of this machine like 192.168.1.10, or leave it out.',
  preset: 'Choose minimal, homelab, team or beast, or leave it out.',
};

/** What is wrong with a value that is there. */
function judgeValue(issue: Issue, field: string, given: unknown): Omit<AnswerProblem, 'field'> {
  if (field === 'lab' && typeof given === 'string')
    return (
      judgeLab(given) ?? {
        key: 'stack.lab-name',
        message: `The lab's name ${shown(given)} can not be used.`,
        next: hints['lab'] ?? '',
      }
    );
  if (field === 'domain' && typeof given === 'string')
    return {
      key: 'stack.name-too-long',
      message: `The domain has ${given.length} characters, more than DNS allows.`,
      next: 'Choose a shorter one.',
    };
  if (field.startsWith('ports.'))
    return {
      key: 'stack.port-range',
      message: `${shown(String(given))} is no port.`,
      next: 'Choose a whole number from 1 to 65535.',
    };
  if (field === 'admin.email' || field === 'tls.email')
    return {
      key: 'stack.email',
      message: `${shown(String(given))} is no e-mail address.`,
      next: 'Give one like me@example.org.',
    };
  return {
    key: 'stack.answer-invalid',
    message: `The answer ${field === '' ? '' : `${field} `}is not right: ${issue.message}.`,
    next: hints[field] ?? 'See: autogit stack questions',
  };
}
