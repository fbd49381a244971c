// Certificates for people: what is served, what was tried, the root, and the page for other devices.
import type { Output } from '../../contract/contract.ts';
import { renderOutcome } from './outcome.ts';
import { renderQr } from './qr.ts';
import { renderPairs, renderTable } from './table.ts';
import type { Cell } from './table.ts';
import { clean, paint, wrap } from './text.ts';
import type { Tone, View } from './text.ts';

type List = Output<'certificate.list'>;
type Row = List['certificates'][number];
type Place = List['places'][number];
type Check = Output<'certificate.check'>['checks'][number];

const dayMs = 86_400_000;

function lines(text: string, view: View, indent = 0): string {
  const width = Math.max(1, view.width - indent);
  return wrap(clean(text), width)
    .map((line) => `${' '.repeat(indent)}${line}\n`)
    .join('');
}

function untilCell({ until }: Row, { now }: View): Cell {
  const days = Math.floor((until - now) / dayMs);
  const date = new Date(until).toISOString().slice(0, 10);
  const tone: Tone = days < 7 ? 'bad' : days < 30 ? 'warn' : 'good';
  return { text: days < 0 ? `${date}, which is over` : `${date} (${days} days)`, tone };
}

function renderRow(row: Row, view: View): string {
  const { role, subject, issuer, names, fingerprint, key, renewal, failure } = row;
  return renderPairs(
    [
      [role === 'root' ? 'Root' : 'Served', { text: subject, tone: 'strong' }],
      ...(issuer === subject ? [] : [['By', issuer] as const]),
      ...(names.length === 0 ? [] : [['For', names.join(', ')] as const]),
      ['Until', untilCell(row, view)],
      ...(key === '' ? [] : [['Key', key] as const]),
      ...(fingerprint === '' ? [] : [['SHA-256', fingerprint] as const]),
      ['Renewal', renewal],
      ...(failure === undefined
        ? []
        : ([
            ['Failed', { text: failure.message, tone: 'bad' }],
            ['', failure.next],
          ] as const)),
    ],
    view,
  );
}

const placeTones: Readonly<Record<Place['state'], Tone>> = {
  trusted: 'good',
  'not-trusted': 'warn',
  other: 'warn',
  unavailable: 'quiet',
  unknown: 'quiet',
};

function renderPlaces(places: readonly Place[], view: View): string {
  return renderTable<Place>(
    [
      { title: 'PLACE', cell: ({ id }) => id },
      { title: 'TRUSTS IT', cell: ({ state }) => ({ text: state, tone: placeTones[state] }) },
      { title: 'WHAT', cell: ({ label, why }) => (why === null ? label : `${label}: ${why}`) },
    ],
    places,
    view,
  );
}

/** `autogit certificate list`. */
export function renderCertificates({ sentence, certificates, places, sharing }: List, view: View): string {
  return [
    lines(sentence, view),
    ...certificates.map((row) => renderRow(row, view)),
    ...(places.length === 0 ? [] : [renderPlaces(places, view)]),
    ...(sharing === null ? [] : [lines(`Other devices find the root at ${sharing.url}`, view)]),
  ].join('\n');
}

const marks: Readonly<Record<Check['state'], { readonly text: string; readonly tone: Tone }>> = {
  good: { text: 'ok', tone: 'good' },
  warning: { text: 'note', tone: 'warn' },
  bad: { text: 'wrong', tone: 'bad' },
  unknown: { text: '?', tone: 'quiet' },
};
const markWidth = 7;

function renderCheck({ label, state, message, next }: Check, view: View): string {
  const { text, tone } = marks[state];
  const head = `${paint(text, tone, view)}${' '.repeat(markWidth - text.length)}${paint(clean(label), 'strong', view)}\n`;
  const more = next === null ? '' : lines(next, view, markWidth);
  return `${head}${lines(message, view, markWidth)}${more}`;
}

/** `autogit certificate check`. */
export function renderCertificateCheck(
  { sentence, checks }: Output<'certificate.check'>,
  view: View,
): string {
  const rows = checks.map((check) => renderCheck(check, view));
  return [...rows, ...(rows.length === 0 ? [] : ['\n']), lines(sentence, view)].join('');
}

/** `autogit certificate root`: the guides, and the root itself last, so that it can be copied. */
export function renderRoot({ root, fingerprint, guides }: Output<'certificate.root'>, view: View): string {
  if (root === null) return lines('There is no root that devices have to be told of.', view);
  const parts = guides.map(
    ({ system, steps }) =>
      `${paint(clean(system), 'strong', view)}\n${steps.map((step) => lines(step, view, 2)).join('')}`,
  );
  const print = renderPairs([['SHA-256', fingerprint ?? '']], view);
  return [...parts, print, root.endsWith('\n') ? root : `${root}\n`].join('\n');
}

/** `autogit certificate share`: a code for cameras where a person looks at it. */
export function renderShare(value: Output<'certificate.share'>, view: View): string {
  const code = renderQr(value.qr, view);
  return code === '' ? renderOutcome(value, view) : `${code}\n${renderOutcome(value, view)}`;
}
