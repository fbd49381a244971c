// Backups as text: how it stands, what is kept, what a restore would replace, and the recovery sheet.
import type { Output, RequestName } from '../../contract/contract.ts';
import { renderBackupProgress } from './backup-progress.ts';
import { renderOutcome, renderPoolOutcome } from './outcome.ts';
import { renderQr } from './qr.ts';
import { bytesText } from './stack-plan.ts';
import { renderTable } from './table.ts';
import type { Column } from './table.ts';
import { clean, fill, paint, wrap } from './text.ts';
import type { Tone, View } from './text.ts';

type BackupName = Extract<RequestName, `backup.${string}`>;
type BackupRenderers = { readonly [N in BackupName]: (value: Output<N>, view: View) => string };
type Show = Output<'backup.show'>;
type Backup = Output<'backup.list'>['backups'][number];
type Target = Show['targets'][number];

const quiet = (text: string, view: View): string => `${paint(text, 'quiet', view)}\n`;
const lines = (text: string, view: View): string =>
  wrap(clean(text), view.width)
    .map((line) => `${line}\n`)
    .join('');

/** `2026-05-03 02:00`, by this machine's clock. */
function timeText(at: number | null): string {
  if (at === null) return 'never';
  const date = new Date(at);
  const two = (number: number): string => String(number).padStart(2, '0');
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}`;
}

const sizeText = (bytes: number | null): string => (bytes === null ? '-' : bytesText(bytes));

const targetTones: Readonly<Record<Target['state'], Tone>> = {
  ...{ ready: 'good', new: 'busy', absent: 'quiet', failing: 'bad', unknown: 'quiet' },
};

function renderTargets(targets: readonly Target[], view: View): string {
  return renderTable<Target>(
    [
      { title: 'TARGET', cell: ({ name }) => name },
      { title: 'STATE', cell: ({ state }) => ({ text: state, tone: targetTones[state] }) },
      { title: 'FREE', cell: ({ freeBytes }) => sizeText(freeBytes) },
      { title: 'USED', cell: ({ usedBytes }) => sizeText(usedBytes) },
      { title: 'LAST BACKUP', cell: ({ lastBackupAt }) => timeText(lastBackupAt) },
      { title: 'CHECKED', cell: ({ lastVerifiedAt }) => timeText(lastVerifiedAt) },
      { title: 'PLACE', cell: ({ place }) => place },
    ],
    targets,
    view,
  );
}

function proofText({ provenAt, damage }: Backup): { readonly text: string; readonly tone?: Tone } {
  if (damage !== null) return { text: 'damaged', tone: 'bad' };
  return provenAt === null ? { text: '-' } : { text: timeText(provenAt), tone: 'good' };
}

const backupColumns: readonly Column<Backup>[] = [
  { title: 'BACKUP', cell: ({ id }) => id.slice(0, 8) },
  { title: 'MADE', cell: ({ at }) => timeText(at) },
  { title: 'TARGET', cell: ({ target }) => target },
  { title: 'SIZE', cell: ({ bytes }) => sizeText(bytes) },
  { title: 'ADDED', cell: ({ addedBytes }) => sizeText(addedBytes) },
  { title: 'PARTS', cell: ({ parts }) => parts.join(', ') },
  { title: 'PROVEN', cell: proofText },
  { title: 'MACHINE', cell: ({ machine }) => machine },
];

function renderBackupList({ backups }: Output<'backup.list'>, view: View): string {
  if (backups.length === 0)
    return `There is no backup yet.\n${quiet('Make one: autogit backup create', view)}`;
  return renderTable(backupColumns, backups, view);
}

function renderShow(show: Show, view: View): string {
  const { sentence, targets, next, runs, issues, engine, order } = show;
  const parts = [
    `${lines(sentence, view)}${quiet(engine.words, view)}`,
    ...(targets.length === 0 ? [] : [renderTargets(targets, view)]),
    ...(next.length === 0
      ? []
      : [
          renderTable<(typeof next)[number]>(
            [
              {
                title: 'NEXT',
                cell: ({ verb, schedule }) => (schedule === null ? verb : `${verb} (${schedule})`),
              },
              { title: 'AT', cell: ({ at }) => timeText(at) },
              { title: 'RULE', cell: ({ words }) => words },
            ],
            next,
            view,
          ),
        ]),
    ...(runs.length === 0 ? [] : [renderRuns(runs.slice(0, 5), view)]),
    ...(issues.length === 0
      ? []
      : [
          issues
            .map(({ message, next: fix }) => `${lines(message, view)}${quiet(`  ${clean(fix)}`, view)}`)
            .join(''),
        ]),
    // Said before the first one; who has some knows it.
    ...(show.lastBackupAt === null
      ? [
          `A backup stops nothing. In order:\n${order.map(({ how }, at) => lines(`${at + 1}. ${how}`, view)).join('')}`,
        ]
      : []),
  ];
  return parts.join('\n');
}

function renderRuns(runs: Show['runs'], view: View): string {
  return renderTable<Show['runs'][number]>(
    [
      { title: 'RUN', cell: ({ verb }) => verb },
      { title: 'BEGAN', cell: ({ startedAt }) => timeText(startedAt) },
      { title: 'BY', cell: ({ cause, schedule }) => schedule ?? cause },
      {
        title: 'ENDED',
        cell: ({ outcome }) => ({
          text: outcome ?? 'goes on',
          tone: outcome === 'done' ? 'good' : outcome === null ? 'busy' : 'bad',
        }),
      },
      { title: 'WHY', cell: ({ failures }) => failures[0]?.message ?? '' },
    ],
    runs,
    view,
  );
}

function renderInspect({ backup, parts, entries, more }: Output<'backup.inspect'>, view: View): string {
  const head = `${backup.id}\nMade ${timeText(backup.at)} on ${clean(backup.machine)} by AutoGit ${clean(backup.autogit)}.\n`;
  const of = renderTable<(typeof parts)[number]>(
    [
      { title: 'PART', cell: ({ part }) => part },
      { title: 'VERSION', cell: ({ version }) => version },
      { title: 'SIZE', cell: ({ bytes }) => bytesText(bytes) },
      { title: 'FILES', cell: ({ files }) => String(files) },
      {
        title: 'HOLDS',
        cell: ({ counts }) =>
          Object.entries(counts)
            .map(([name, count]) => `${count} ${name}`)
            .join(', '),
      },
    ],
    parts,
    view,
  );
  const below = entries.map(
    ({ path, folder, bytes }) => `${clean(path)}${folder ? '/' : `  ${bytesText(bytes)}`}\n`,
  );
  const rest = more
    ? quiet(
        `These are the first ${entries.length}: the folder has more. All: autogit backup restore --to`,
        view,
      )
    : '';
  return [head, of, ...(below.length === 0 ? [] : [`${below.join('')}${rest}`])].join('\n');
}

type KeptRow = Output<'backup.prune'>['backups'][number];

/** '' where there is none. */
function renderKept(rows: readonly KeptRow[], view: View): string {
  if (rows.length === 0) return '';
  const table = renderTable<KeptRow>(
    [
      { title: 'BACKUP', cell: ({ backup }) => backup.id.slice(0, 8) },
      { title: 'MADE', cell: ({ backup }) => timeText(backup.at) },
      { title: 'TARGET', cell: ({ backup }) => backup.target },
      {
        title: 'KEPT AS',
        cell: ({ kept }) => (kept.length === 0 ? { text: 'would go', tone: 'warn' } : kept.join(', ')),
      },
    ],
    rows,
    view,
  );
  return `${table}\n`;
}

function renderPrune(value: Output<'backup.prune'>, view: View): string {
  if (!value.dryRun) return renderOutcome(value, view);
  return `${renderKept(value.backups, view)}${renderOutcome({ ...value, actions: [] }, view)}`;
}

function renderKeepPreview({ backups, sentence }: Output<'backup.preview-keep'>, view: View): string {
  const next = 'To keep by a rule: autogit settings set backups.keep.days 7, and so on. Room is made later.';
  return `${renderKept(backups, view)}${lines(sentence, view)}${quiet(next, view)}`;
}

/** What a restore would replace, step by step. */
export function renderRestorePlan(plan: Output<'backup.plan-restore'>, view: View): string {
  const { backup, changes, steps, issues, to, awaySeconds, versions } = plan;
  const where = to === null ? 'here' : `to ${clean(to)}`;
  const head = `Backup ${backup.id.slice(0, 8)} of ${timeText(backup.at)} would be restored ${where}.\n`;
  const table = renderTable<(typeof changes)[number]>(
    [
      { title: 'PART', cell: ({ part }) => part },
      { title: 'WHAT', cell: ({ what }) => what },
      { title: 'NOW', cell: ({ now }) => (now === '' ? '-' : now) },
      { title: 'THEN', cell: ({ then }) => then },
      { title: '', cell: ({ change }) => ({ text: change, tone: change === 'replace' ? 'warn' : 'quiet' }) },
    ],
    changes,
    view,
  );
  const away =
    awaySeconds === null || awaySeconds === 0
      ? ''
      : `GitLab is away for about ${Math.ceil(awaySeconds / 60)} min.\n`;
  const version = versions === null ? '' : lines(versions.words, view);
  const said = issues.map(
    ({ severity, message, next }) =>
      `${paint(severity === 'error' ? '×' : '!', severity === 'error' ? 'bad' : 'warn', view)} ${lines(message, view)}${quiet(`  ${clean(next)}`, view)}`,
  );
  const order = steps.map(({ words }, at) => lines(`${at + 1}. ${words}`, view)).join('');
  const told = `${version}${away}${safetyText(plan, view)}`;
  return [head, ...(changes.length === 0 ? [] : [table]), order, told, ...said]
    .filter((part) => part !== '')
    .join('\n');
}

/** What becomes of what is here now. */
function safetyText(
  { safety, withoutSafety }: Pick<Output<'backup.plan-restore'>, 'safety' | 'withoutSafety'>,
  view: View,
): string {
  if (safety) return 'What is here now is backed up first.\n';
  return withoutSafety
    ? `${paint('What is here now is not backed up first: there is no way back.', 'warn', view)}\n`
    : '';
}

function renderRestore(value: Output<'backup.restore'>, view: View): string {
  const { plan } = value;
  const shown = value.dryRun && plan !== null ? `${renderRestorePlan(plan, view)}\n` : '';
  return `${shown}${renderOutcome({ ...value, actions: [] }, view)}`;
}

function renderTargetList({ targets, disks }: Output<'backup.targets'>, view: View): string {
  const head =
    targets.length === 0
      ? `No place for backups is set.\n${quiet('Add one: autogit backup add-target', view)}`
      : renderTargets(targets, view);
  const failing = targets.flatMap(({ name, failure }) =>
    failure === null
      ? []
      : [`${lines(`${name}: ${failure.message}`, view)}${quiet(`  ${clean(failure.next)}`, view)}`],
  );
  const plugged = disks.map(({ label, path }) => `${clean(label)}  ${clean(path)}\n`);
  return [
    head,
    ...(failing.length === 0 ? [] : [failing.join('')]),
    ...(plugged.length === 0 ? [] : [`Disks here:\n${plugged.join('')}`]),
  ].join('\n');
}

function renderTest(test: Output<'backup.test-target'>, view: View): string {
  const sign = test.good ? paint('✓', 'good', view) : paint('×', 'bad', view);
  const free = test.freeBytes === null ? '' : `Free: ${bytesText(test.freeBytes)}\n`;
  const keys = test.hostKeys.map(
    ({ line, fingerprint }) => `${fingerprint}\n  --host-key ${JSON.stringify(line)}\n`,
  );
  const shown =
    keys.length === 0
      ? ''
      : `Keys that it shows; compare one on the machine itself, then give it:\n${keys.join('')}`;
  return `${sign} ${lines(test.sentence, view)}${free}${shown}${test.next === null ? '' : quiet(clean(test.next), view)}`;
}

function timesText(times: readonly number[]): string {
  return times.map((at) => `  ${timeText(at)}\n`).join('');
}

function renderSchedule(value: Output<'backup.schedule'>, view: View): string {
  return `${renderOutcome(value, view)}${value.nextRuns.length === 0 ? '' : `Next:\n${timesText(value.nextRuns)}`}`;
}

function renderWhen({ words, nextRuns, problem }: Output<'backup.preview-when'>, view: View): string {
  return problem === null
    ? `${words}\n${timesText(nextRuns)}`
    : `${paint('×', 'bad', view)} ${lines(problem, view)}`;
}

/** Words of the sheet side by side. */
const wordsInRow = 3;

function renderSheet(sheet: Output<'backup.sheet'>, view: View): string {
  const { words, qr, machine, home, targets, withoutAutogit, keptAt } = sheet;
  if (words === null)
    return `There are no words yet: they are made with the first target.\n${quiet('Add one: autogit backup add-target', view)}`;
  const cells = words.map((word, at) => fill(`${String(at + 1).padStart(2)} ${clean(word)}`, 18));
  const rows = cells.flatMap((_, at) =>
    at % wordsInRow === 0
      ? [
          cells
            .slice(at, at + wordsInRow)
            .join('')
            .trimEnd(),
        ]
      : [],
  );
  const code = renderQr(qr, view);
  return [
    `${paint('Recovery sheet of AutoGit', 'strong', view)}\n${clean(machine)}, ${clean(home)}\n`,
    'Whoever has these words can open every backup; without them nobody can.\n',
    rows.map((row) => `  ${row}\n`).join(''),
    ...(code === '' ? [] : [code]),
    targets.map(({ name, place }) => `${clean(name)}: ${clean(place)}\n`).join(''),
    `Without AutoGit:\n${withoutAutogit.map((line) => `  ${clean(line)}\n`).join('')}`,
    keptAt === null
      ? quiet(
          `Write them down or print them, then: autogit backup sheet-kept --words '{"3":"…","11":"…"}'`,
          view,
        )
      : quiet(`Confirmed as kept on ${timeText(keptAt)}.`, view),
  ].join('\n');
}

/** One renderer per request about backups. */
export const backupRenderers: BackupRenderers = {
  'backup.show': renderShow,
  'backup.list': renderBackupList,
  'backup.inspect': renderInspect,
  'backup.create': renderOutcome,
  'backup.verify': renderOutcome,
  'backup.drill': renderOutcome,
  'backup.prune': renderPrune,
  'backup.watch': renderBackupProgress,
  'backup.cancel': renderOutcome,
  'backup.plan-restore': renderRestorePlan,
  'backup.restore': renderRestore,
  'backup.find': renderBackupList,
  'backup.targets': renderTargetList,
  'backup.test-target': renderTest,
  'backup.add-target': (value, view) => renderPoolOutcome({ ...value, changes: value.changes ?? [] }, view),
  'backup.remove-target': (value, view) =>
    renderPoolOutcome({ ...value, changes: value.changes ?? [] }, view),
  'backup.schedule': renderSchedule,
  'backup.preview-when': renderWhen,
  'backup.preview-keep': renderKeepPreview,
  'backup.sheet': renderSheet,
  'backup.sheet-kept': renderOutcome,
};
