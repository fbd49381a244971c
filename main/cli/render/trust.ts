// Where roots are trusted, for people: what was done, a table of places, and lines to paste.
import type { Output } from '../../contract/contract.ts';
import { renderOutcome } from './outcome.ts';
import { renderTable } from './table.ts';
import { clean, paint, wrap } from './text.ts';
import type { Tone, View } from './text.ts';

type Place = Output<'certificate.trust'>['places'][number];

const tones: Readonly<Record<Place['state'], Tone>> = {
  trusted: 'good',
  'not-trusted': 'quiet',
  other: 'warn',
  unavailable: 'warn',
  unknown: 'warn',
};

/** Places with their states, and below them why something cannot be done and what a person can do. */
export function renderPlaces(places: readonly Place[], view: View): string {
  if (places.length === 0) return '';
  const table = renderTable<Place>(
    [
      { title: 'WHO', cell: ({ label }) => label },
      { title: 'STATE', cell: ({ state }) => ({ text: state, tone: tones[state] }) },
      { title: 'NAME', cell: ({ id }) => id },
    ],
    places,
    view,
  );
  return [table, ...places.map((place) => renderHelp(place, view))].join('');
}

/** Lines to paste stay whole, whatever the width. */
function renderHelp({ label, why, commands }: Place, view: View): string {
  if (why === null && commands.length === 0) return '';
  const words = wrap(clean(why === null ? `${label}:` : `${label}: ${why}`), view.width);
  return [
    '\n',
    ...words.map((line) => `${paint(line, 'strong', view)}\n`),
    ...commands.map((line) => `  ${clean(line)}\n`),
  ].join('');
}

/** `autogit certificate trust`, `untrust`. */
export function renderTrust(value: Output<'certificate.trust'>, view: View): string {
  const places = renderPlaces(value.places, view);
  return places === '' ? renderOutcome(value, view) : `${places}\n${renderOutcome(value, view)}`;
}
