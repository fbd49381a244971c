// What a person is told of that lasts: issues of the lab, an engine that is gone, a GitLab that does not answer.
import type { Issue, Severity } from '../../model/issue.ts';
import type { NoticeAction } from '../../model/notice.ts';
import { plainLine } from '../../model/plain-line.ts';
import type { Matter, NoticeWorld } from './world.ts';

const second = 1_000;
const minute = 60 * second;

/** Characters of a body: more is cut by every desktop. */
const longestBody = 280;

interface Rule {
  readonly kind: Matter['kind'];
  readonly keys: RegExp;
  readonly holdMs: number;
  readonly route: (issue: Issue) => string;
  readonly title: (issue: Issue) => string;
}

/** `pool default` → `default`. */
const poolOf = (subject: string): string => plainLine(subject.replace(/^pool /, ''), 40);

const backupTitles: Readonly<Record<string, string>> = {
  'backup.overdue': 'A backup is overdue',
  'backup.none-yet': 'There is no backup yet',
  'backup.sheet-not-kept': 'The recovery sheet is not kept yet',
  'backup.damaged': 'A backup is damaged',
  'backup.unverified': 'Backups were not checked for long',
  'backup.unproven': 'No restore was proven for long',
  'backup.target-nearly-full': 'A place for backups is nearly full',
  'backup.clock': 'The clock cannot be trusted',
  'backup.bad-rule': 'A schedule cannot be followed',
};

/** The first that matches counts. Notes (`info`) are for whoever looks, but for updates. */
const rules: readonly Rule[] = [
  {
    kind: 'gpu',
    keys: /^gpu\.(?:drained|lost|memory-errors|xid|hot|fan-stuck|throttled|driver-mismatch|tool-hangs)$/,
    holdMs: 30 * second,
    route: () => '/hardware',
    title: () => 'A graphics card is not well',
  },
  {
    kind: 'disk',
    keys: /^(?:host\.(?:disk-low|disk-read-only|home-full)|engine\.disk-low|store\.(?:full|read-only|disk-error)|sandbox\.no-space|stack\.(?:disk-short|engine-disk-short|data-read-only|no-space))$/,
    holdMs: 30 * second,
    route: () => '/hardware',
    title: ({ key }) => (key.endsWith('read-only') ? 'A disk cannot be written' : 'A disk is nearly full'),
  },
  {
    kind: 'certificate',
    keys: /^(?:stack\.certificate-(?:ending|not-renewed|dates|default)|acme\..+)$/,
    holdMs: 30 * second,
    route: () => '/certificates',
    title: ({ key }) =>
      key === 'stack.certificate-ending' ? 'A certificate runs out' : 'A certificate was not renewed',
  },
  {
    kind: 'backup',
    keys: /^backup\./,
    holdMs: 10 * second,
    route: () => '/backups',
    title: ({ key }) => backupTitles[key] ?? 'A backup failed',
  },
  {
    kind: 'restarts',
    keys: /^stack\.restart-storm$/,
    holdMs: 30 * second,
    route: () => '/stack',
    title: ({ subject }) => `${plainLine(subject, 40)} ends again and again`,
  },
  {
    kind: 'restarts',
    keys: /^pool\.(?:stopped|runners-fail)$/,
    holdMs: 30 * second,
    route: ({ subject }) => `/pools/${encodeURIComponent(poolOf(subject))}`,
    title: ({ subject }) => `Runners of ${poolOf(subject)} end right after their start`,
  },
  {
    kind: 'update',
    keys: /^update\.available$/,
    holdMs: 0,
    route: () => '/about',
    title: () => 'There is a newer AutoGit',
  },
  {
    kind: 'update',
    keys: /^update\./,
    holdMs: 10 * second,
    route: () => '/about',
    title: () => 'An update was refused',
  },
];

const engineHoldMs = 20 * second;
const gitlabHoldMs = 5 * minute;

/** What a person can do about most things: look at the page. */
export function openAt(route: string): NoticeAction {
  return { action: 'open', label: 'Open', route };
}

export const muteAction: NoticeAction = { action: 'mute', label: 'Mute for 1 h', route: null };

/** What happened, and what to do where it still fits. */
function bodyOf({ message, next }: Pick<Issue, 'message' | 'next'>): string {
  const whole = plainLine(`${message} ${next}`, longestBody);
  return whole.endsWith('…') ? plainLine(message, longestBody) : whole;
}

const rank: { readonly [S in Severity]: number } = { error: 0, warning: 1, info: 2 };

function issueMatters(issues: readonly Issue[]): readonly Matter[] {
  const found = new Map<string, Matter>();
  const told = issues.toSorted((a, b) => rank[a.severity] - rank[b.severity]);
  for (const issue of told) {
    const rule = rules.find(({ keys }) => keys.test(issue.key));
    if (rule === undefined || (issue.severity === 'info' && rule.kind !== 'update')) continue;
    const subject = plainLine(issue.subject);
    const matter = `${rule.kind} ${subject}`;
    // A card that is hot and slow at once is one matter: its worst problem is told.
    if (found.has(matter)) continue;
    const { kind, holdMs } = rule;
    found.set(matter, {
      ...{ matter, kind, subject, holdMs, againMs: null, severity: issue.severity },
      ...{ title: rule.title(issue), body: bodyOf(issue) },
      actions: [openAt(rule.route(issue)), muteAction],
    });
  }
  return [...found.values()];
}

function engineMatters({ nodes, gitlab }: NoticeWorld): readonly Matter[] {
  // Whoever has no lab yet looks for an engine in the window.
  if (gitlab.kind === 'none') return [];
  return nodes.flatMap(({ id, name, engine }): Matter[] => {
    if (engine.problem === null || (engine.state !== 'failed' && engine.state !== 'stale')) return [];
    const subject = plainLine(name, 40);
    return [
      {
        ...{ matter: `engine ${id}`, kind: 'engine', subject, severity: 'error' },
        ...{ holdMs: engineHoldMs, againMs: null },
        title: `The container engine on ${subject} does not answer`,
        body: bodyOf(engine.problem),
        actions: [openAt('/engines'), muteAction],
      },
    ];
  });
}

function gitlabMatters({ gitlab }: NoticeWorld): readonly Matter[] {
  const { kind, state, problem, url } = gitlab;
  if (kind === 'none' || (state !== 'failed' && state !== 'stale')) return [];
  const said = problem ?? { message: 'It does not answer.', next: 'See why: autogit status' };
  return [
    {
      ...{ matter: 'gitlab', kind: 'gitlab', subject: plainLine(url ?? 'GitLab'), severity: 'error' },
      ...{ holdMs: gitlabHoldMs, againMs: null },
      title: 'GitLab has not answered for five minutes',
      body: bodyOf({ message: `Runners go on; no new job can start. ${said.message}`, next: said.next }),
      actions: [openAt('/'), muteAction],
    },
  ];
}

/** What goes on, each matter once. */
export function lastingMatters(world: NoticeWorld): readonly Matter[] {
  const engines = engineMatters(world);
  // A GitLab on an engine that is gone is the same news.
  return [...engines, ...(engines.length > 0 ? [] : gitlabMatters(world)), ...issueMatters(world.issues)];
}
