// An archive for a helper as text: where it is, and what is in it.
import type { Output } from '../../contract/contract.ts';
import { renderTable } from './table.ts';
import { paint, wrap } from './text.ts';
import type { View } from './text.ts';

interface Archive {
  readonly file: string;
  readonly files: readonly { readonly path: string; readonly characters: number }[];
}

/** `autogit diagnose`, once the archive is written. */
export function renderArchive({ file, files }: Archive, view: View): string {
  const words =
    'Secrets are taken out; names of machines, people and projects are not. Look through it before you give it to anybody.';
  return [
    `${renderFiles(files, view)}\n`,
    `${file}\n`,
    ...wrap(words, view.width).map((line) => `${paint(line, 'quiet', view)}\n`),
  ].join('');
}

/** What another door has collected: only the names. */
export function renderDiagnosis({ files }: Output<'diagnose.collect'>, view: View): string {
  return renderFiles(
    files.map(({ path, text }) => ({ path, characters: text.length })),
    view,
  );
}

function renderFiles(files: Archive['files'], view: View): string {
  return renderTable<Archive['files'][number]>(
    [
      { title: 'FILE', cell: ({ path }) => path },
      { title: 'CHARACTERS', cell: ({ characters }) => String(characters) },
    ],
    files,
    view,
  );
}
