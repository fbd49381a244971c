// The lab's names as text: a table with text to copy, what everybody says of them, what a provider gets.
import type { Output } from '../../contract/contract.ts';
import { renderFinding } from './doctor.ts';
import { renderOutcome } from './outcome.ts';
import { renderTable } from './table.ts';
import { paint, wrap } from './text.ts';
import type { Tone, View } from './text.ts';

type Names = Output<'names.show'>;
type Verified = Output<'names.verify'>;
type Published = Output<'names.publish'>;

/** `autogit names show`: with one form alone, nothing but its text, to be put into a file. */
export function renderNames({ rows, snippets, domain, server }: Names, view: View): string {
  const [only] = snippets;
  if (snippets.length === 1 && only !== undefined) return only.text;
  const table = renderTable<Names['rows'][number]>(
    [
      { title: 'NAME', cell: ({ name }) => name },
      { title: 'TYPE', cell: ({ type }) => type },
      { title: 'LEADS TO', cell: ({ value }) => value },
      { title: 'WHAT', cell: ({ what }) => what },
    ],
    rows,
    view,
  );
  const asks =
    server === null
      ? `The lab has no name server of its own: whoever answers for ${domain} needs these records.`
      : `The lab's own name server is ${server.address}, port ${server.port}: whoever asks it needs nothing else.`;
  const parts = snippets.map(({ form, title, goes, text }) =>
    [
      `\n${paint(`${form}: ${title}`, 'strong', view)}\n`,
      ...wrap(goes, view.width).map((line) => `${paint(line, 'quiet', view)}\n`),
      text,
    ].join(''),
  );
  return [table, '\n', ...wrap(asks, view.width).map((line) => `${line}\n`), ...parts].join('');
}

const tones: Readonly<Record<Verified['views'][number]['names'][number]['verdict'], Tone>> = {
  right: 'good',
  'wrong-address': 'bad',
  missing: 'bad',
  cached: 'warn',
  'by-mdns': 'warn',
  'only-here': 'warn',
  'v6-elsewhere': 'warn',
  'no-answer': 'warn',
};

const askedOf: Readonly<Record<Verified['views'][number]['from'], string>> = {
  machine: 'this machine',
  lab: "the lab's own",
  network: 'name server',
  container: 'inside',
};

/** `autogit names verify`. */
export function renderVerifiedNames(verified: Verified, view: View): string {
  const { views, findings, sentence, ssh } = verified;
  const rows = views.flatMap(({ from, who, names }) => names.map((name) => ({ from, who, ...name })));
  const table = renderTable<(typeof rows)[number]>(
    [
      { title: 'ASKED', cell: ({ from, who }) => (who === '' ? askedOf[from] : `${askedOf[from]} ${who}`) },
      { title: 'NAME', cell: ({ name }) => name },
      { title: 'IS', cell: ({ verdict }) => ({ text: verdict, tone: tones[verdict] }) },
      { title: 'SAYS', cell: ({ got }) => (got.length === 0 ? '-' : got.join(' ')) },
    ],
    rows,
    view,
  );
  const keys = ssh.keys.map(({ type, fingerprint }) => `  ${type} ${fingerprint}\n`);
  const answer = ssh.banner ?? `no answer: ${ssh.why ?? 'nothing there speaks SSH'}`;
  return [
    `${table}\n`,
    ...findings.map((finding) => `${renderFinding(finding, view)}\n`),
    ...wrap(sentence, view.width).map((line) => `${line}\n`),
    `Git over SSH, ${ssh.url}: ${answer}\n`,
    ...keys,
  ].join('');
}

/** `autogit names publish`. */
export function renderPublished(published: Published, view: View): string {
  const table = renderTable<Published['records'][number]>(
    [
      { title: 'RECORD', cell: ({ name }) => name },
      { title: 'TYPE', cell: ({ type }) => type },
      {
        title: published.dryRun ? 'WOULD' : 'DONE',
        cell: ({ change }) => ({ text: change, tone: change === 'update' ? 'warn' : 'quiet' }),
      },
      { title: 'FROM', cell: ({ from }) => (from === '' ? '-' : from) },
      { title: 'TO', cell: ({ to }) => to },
    ],
    published.records,
    view,
  );
  const next = published.dryRun && published.next !== null ? `${published.next}\n` : '';
  return `${table}\n${renderOutcome(published, view)}${next}`;
}
