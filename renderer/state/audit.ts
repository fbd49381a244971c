// The audit log in words: who asked what, what it was about, and what became of it.
import { contract, requestNames } from '../../main/contract/contract.ts';
import type { Output } from '../../main/contract/contract.ts';
import { numeral } from '../language/locale.ts';
import type { PageName } from './route.ts';
import type { StateLook } from './tones.ts';
import { count, t } from '../language/strings.ts';

export type AuditRecord = Output<'audit.list'>[number];

export interface AuditRow {
  /** Its place from the oldest on: stays when newer ones come. */
  readonly id: string;
  readonly record: AuditRecord;
}

/** Newest first, as the core tells them. Two of the same instant are told apart. */
export function rowsOf(records: readonly AuditRecord[]): readonly AuditRow[] {
  const seen = new Map<string, number>();
  return records
    .toReversed()
    .map((record) => {
      const base = `${String(record.at)}-${record.request}`;
      const turn = seen.get(base) ?? 0;
      seen.set(base, turn + 1);
      return { id: turn === 0 ? base : `${base}-${String(turn)}`, record };
    })
    .toReversed();
}

export const auditGroups = ['all', 'done', 'failed', 'dry'] as const;
export type AuditGroup = (typeof auditGroups)[number];

export const auditGroupWords = {
  all: t('All'),
  done: t('Done'),
  failed: t('Refused or failed'),
  dry: t('Only asked'),
} as const;

export function groupOf({ outcome, dryRun }: AuditRecord): Exclude<AuditGroup, 'all'> {
  if (outcome !== 'done') return 'failed';
  return dryRun === true ? 'dry' : 'done';
}

export interface AuditFilter {
  readonly group: AuditGroup;
  readonly text: string;
}

/** What the address says; anything unknown is all. */
export function auditFilterOf(query: Readonly<Record<string, string>>): AuditFilter {
  return { group: auditGroups.find((group) => group === query['show']) ?? 'all', text: query['text'] ?? '' };
}

export const doorWords = {
  cli: t('Command line'),
  http: t('Web page'),
  desktop: t('Desktop'),
  core: t('AutoGit itself'),
} as const;

/** What a request does, as its help says; one of an older version has only its name. */
export function requestWords(request: string): string {
  const name = requestNames.find((one) => one === request);
  return name === undefined ? request : contract[name].summary;
}

/** How a person learns to ask for the same on a command line; `null`: that is not known. */
export function commandOf({ request }: AuditRecord): string | null {
  const name = requestNames.find((one) => one === request);
  if (name === undefined) return null;
  return `autogit ${contract[name].cli.path.join(' ')} --help`;
}

export function outcomeLook({ outcome, dryRun }: AuditRecord): StateLook {
  if (outcome !== 'done') return { tone: 'failed', sign: 'cross', word: t('Refused or failed') };
  if (dryRun === true) return { tone: 'idle', sign: 'question', word: t('Only asked') };
  return { tone: 'success', sign: 'check', word: t('Done') };
}

export function filterAudit(rows: readonly AuditRow[], { group, text }: AuditFilter): readonly AuditRow[] {
  const words = text
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  if (group === 'all' && words.length === 0) return rows;
  return rows.filter(({ record }) => {
    if (group !== 'all' && groupOf(record) !== group) return false;
    const said = `${record.request} ${record.subject ?? ''} ${record.outcome} ${doorWords[record.door]} ${requestWords(record.request)}`;
    return words.every((word) => said.toLowerCase().includes(word));
  });
}

/** Where what a record is about is looked at. */
export interface SubjectPlace {
  readonly page: PageName;
  readonly id: string | null;
}

const pages: Readonly<Record<string, PageName>> = {
  pool: 'pools',
  runner: 'runners',
  job: 'jobs',
  gpu: 'hardware',
  arch: 'hardware',
  user: 'people',
  certificate: 'certificates',
  engine: 'engines',
  stack: 'stack',
  sso: 'people',
  directory: 'people',
  settings: 'settings',
  notice: 'notifications',
};

/** Pages on which one thing has an address of its own. */
const withIds: readonly string[] = ['pool', 'runner', 'job', 'user', 'settings'];

/** `null`: there is no page about it. */
export function placeOf({ request, subject }: AuditRecord): SubjectPlace | null {
  const [noun = ''] = request.split('.');
  const page = pages[noun];
  if (page === undefined) return null;
  return { page, id: withIds.includes(noun) ? (subject ?? null) : null };
}

/** One sentence about all of it. */
export function auditSentence(records: readonly AuditRecord[], isCut: boolean): string {
  if (records.length === 0) return t('Nobody has asked AutoGit to change anything yet.');
  const failed = records.filter((record) => groupOf(record) === 'failed').length;
  if (failed === 0) {
    return isCut
      ? count(
          records.length,
          'The newest {{n}} request, none refused.',
          'The newest {{n}} requests, none refused.',
        )
      : count(records.length, '{{n}} request, none refused.', '{{n}} requests, none refused.');
  }
  const values = {
    requests: count(records.length, '{{n}} request', '{{n}} requests'),
    failed: numeral(failed),
  };
  return isCut
    ? t('The newest {{requests}}, {{failed}} refused or failed.', values)
    : t('{{requests}}, {{failed}} refused or failed.', values);
}
