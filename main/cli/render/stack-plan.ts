// What `stack up` would do, as a person wants to read it before agreeing.
import type { Output } from '../../contract/contract.ts';
import { renderFinding } from './doctor.ts';
import { renderPairs, renderTable } from './table.ts';
import { clean, count, cut, duration, paint, wrap } from './text.ts';
import type { Tone, View } from './text.ts';

type Planned = Output<'stack.plan'>;
type Plan = NonNullable<Planned['plan']>;
type File = Plan['files'][number];
type Service = Plan['services'][number];

/** Lines of a file's difference that are shown. */
const shownLines = 12;

/** Bytes as people count them: `51 MB`, `1.6 GB`. */
export function bytesText(bytes: number): string {
  if (bytes >= 1e9) return `${(bytes / 1e9).toFixed(1)} GB`;
  return bytes >= 1e6 ? `${Math.round(bytes / 1e6)} MB` : `${Math.ceil(bytes / 1e3)} kB`;
}

/** An image without its digest: `gitlab/gitlab-ce:19.3.0-ce.0`. */
export function imageText(reference: string): string {
  return clean(reference.replace(/@sha256:[0-9a-f]+$/, ''));
}

function wrapped(text: string, view: View): string {
  return wrap(text, view.width)
    .map((line) => `${line}\n`)
    .join('');
}

function heading(text: string, view: View): string {
  return wrap(text, view.width)
    .map((line) => `${paint(line, 'strong', view)}\n`)
    .join('');
}

function toneOf(line: string): Tone | null {
  if (line.startsWith('+')) return 'good';
  if (line.startsWith('-')) return 'bad';
  return line.startsWith('@@') ? 'quiet' : null;
}

function diffLines({ change, diff }: File, view: View): readonly string[] {
  // A new file is all new: its name and length say enough.
  if (change === 'create') return [];
  const lines = diff
    .split('\n')
    .slice(2)
    .filter((line) => line !== '');
  const shown = lines.slice(0, shownLines).map((line) => {
    // A tab or a colour in somebody's file must not move the screen.
    const text = cut(`    ${line.slice(0, 1)}${clean(line.slice(1))}`, view.width);
    const tone = toneOf(line);
    return tone === null ? text : paint(text, tone, view);
  });
  const left = lines.length - shown.length;
  return left === 0 ? shown : [...shown, paint(`    … ${count(left, 'line')} more`, 'quiet', view)];
}

const signs: Readonly<Record<File['change'], string>> = { create: '+', update: '~', remove: '-', same: ' ' };

function fileLines(file: File, view: View): readonly string[] {
  const { change, path, byHand, diff } = file;
  const size = change === 'create' ? `  ${count(Math.max(0, diff.split('\n').length - 4), 'line')}` : '';
  const said = byHand ? '  changed by hand: --replace or --keep' : '';
  const head = cut(`  ${signs[change]} ${clean(path)}${size}${said}`, view.width);
  return [byHand ? paint(head, 'bad', view) : head, ...diffLines(file, view)];
}

function renderFiles(plan: Plan, view: View): string {
  const changed = plan.files.filter(({ change }) => change !== 'same');
  const kept = plan.files.filter(({ change, byHand }) => change === 'same' && byHand);
  if (changed.length + kept.length === 0) return '';
  const lines = [
    ...changed.flatMap((file) => fileLines(file, view)),
    ...kept.map(({ path }) => `    ${clean(path)}  stays as you have changed it`),
  ];
  return heading(`Files in ${clean(plan.folder)}`, view) + lines.map((line) => `${line}\n`).join('');
}

const serviceTones: Readonly<Record<Service['change'], Tone>> = {
  ...{ create: 'good', recreate: 'warn', restart: 'warn', start: 'good', remove: 'bad', none: 'quiet' },
};

function renderServices({ services }: Plan, view: View): string {
  const rows = services.filter(({ change }) => change !== 'none');
  if (rows.length === 0) return '';
  return renderTable<Service>(
    [
      { title: 'SERVICE', cell: ({ service }) => service },
      { title: 'WOULD', cell: ({ change }) => ({ text: change, tone: serviceTones[change] }) },
      {
        title: 'AWAY',
        cell: ({ awaySeconds }) => (awaySeconds === 0 ? '' : `about ${duration(awaySeconds * 1000)}`),
      },
      { title: 'BECAUSE', cell: ({ why }) => why },
    ],
    rows,
    view,
  );
}

function renderPulls({ pulls }: Plan, view: View): string {
  if (pulls.length === 0) return '';
  const total = pulls.reduce((sum, { bytes }) => sum + bytes, 0);
  const pairs = pulls.map(({ reference, bytes }) => [bytesText(bytes), imageText(reference)] as const);
  return (
    heading(`Images to pull: ${count(pulls.length, 'image')}, about ${bytesText(total)}`, view) +
    renderPairs(pairs, view)
  );
}

function renderGrants({ grants }: Plan, view: View): string {
  if (grants.length === 0) return '';
  const lines = grants.map(({ grant, why, given }) =>
    wrap(clean(`${grant} (${given ? 'you have agreed' : 'not agreed'}): ${why}`), Math.max(8, view.width - 4))
      .map((line, at) => paint(`${at === 0 ? '  ! ' : '    '}${line}`, 'bad', view))
      .join('\n'),
  );
  return `${paint('More than templates may have', 'bad', view)}\n${lines.join('\n')}\n`;
}

function renderWorld(
  { ports, names, newFolders, newSecrets, askedSecrets, answers = [] }: Plan,
  view: View,
): string {
  const pairs: readonly (readonly [string, string])[] = [
    ...names.map(
      ({ name, what, addresses }) => ['Name', `${name} → ${addresses.join(', ')} (${what})`] as const,
    ),
    ...ports.map(
      ({ port, protocol, address, what }) => ['Port', `${address}:${port}/${protocol} (${what})`] as const,
    ),
    ...newFolders.map(({ path, holds }) => ['New folder', `${path} (${holds})`] as const),
    ...newSecrets.map(({ name, label }) => ['New secret', `${name} (${label})`] as const),
    ...askedSecrets.map(({ name, label }) => ['Asked of you', `${name} (${label})`] as const),
    ...answers.map(({ path, from, to }) => ['Answer', `${path}: ${from} → ${to}`] as const),
  ];
  return pairs.length === 0 ? '' : renderPairs(pairs, view);
}

/** What it would do, counted: `create 5 services, write 12 files, pull 1.7 GB`. */
function summaryOf(plan: Plan): string {
  const services = (change: Service['change']): number =>
    plan.services.filter((service) => service.change === change).length;
  const verbs = (['create', 'recreate', 'restart', 'start', 'remove'] as const)
    .filter((change) => services(change) > 0)
    .map((change) => `${change} ${count(services(change), 'service')}`);
  const files = plan.files.filter(({ change }) => change !== 'same').length;
  const bytes = plan.pulls.reduce((sum, one) => sum + one.bytes, 0);
  return [
    ...verbs,
    ...(files === 0 ? [] : [`write ${count(files, 'file')}`]),
    ...(bytes === 0 ? [] : [`pull ${bytesText(bytes)}`]),
  ].join(', ');
}

function conclusion(plan: Plan): string {
  const errors = plan.issues.filter(({ severity }) => severity === 'error').length;
  if (errors > 0)
    return `${count(errors, 'thing')} of the above ${errors === 1 ? 'stands' : 'stand'} against it. Nothing was changed.`;
  if (plan.isNothing) return 'Everything is as it should be: there is nothing to do.';
  const summary = summaryOf(plan);
  return `It would ${summary === '' ? 'bring everything up to date' : summary}. Nothing was changed yet.`;
}

/** A plan alone. */
export function renderStackPlan(plan: Plan, view: View): string {
  const head = wrapped(clean(`${plan.project}: GitLab at ${plan.gitlabUrl}, preset ${plan.preset}`), view);
  return [
    head,
    renderGrants(plan, view),
    renderServices(plan, view),
    renderFiles(plan, view),
    renderPulls(plan, view),
    renderWorld(plan, view),
    ...plan.issues.map((issue) => renderFinding(issue, view)),
    wrapped(conclusion(plan), view),
  ]
    .filter((part) => part !== '')
    .join('\n');
}

/** Said beside the plan: it may be left out. */
function renderBackup(services: readonly string[], view: View): string {
  if (services.length === 0) return '';
  const what = `Before that, what stands is backed up, because ${services.join(', ')} would be upgraded. --without-backup leaves that out.`;
  return `\n${wrapped(what, view)}`;
}

/** `autogit stack plan`. */
export function renderPlannedStack({ problems, plan, backsUp = [] }: Planned, view: View): string {
  if (plan !== null) return `${renderStackPlan(plan, view)}${renderBackup(backsUp, view)}`;
  return problems
    .map(({ field, key, message, next }) =>
      renderFinding({ severity: 'error', key, subject: field, message, next }, view),
    )
    .join('\n');
}
