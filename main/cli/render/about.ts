// What this AutoGit is, as text.
import type { Output } from '../../contract/contract.ts';
import { renderTable } from './table.ts';
import { clean, paint } from './text.ts';
import type { View } from './text.ts';

/** `autogit about`. */
export function renderAbout(about: Output<'about.show'>, view: View): string {
  const rows = [
    ...about.versions,
    { name: 'Home', version: about.home },
    { name: 'Instance', version: about.instance },
    { name: 'Licence', version: about.licence },
  ];
  const wide = Math.max(...rows.map(({ name }) => name.length));
  const lines = rows.map(
    ({ name, version }) => `${paint(name.padEnd(wide), 'quiet', view)}  ${clean(version)}\n`,
  );
  return `${lines.join('')}\n${paint('What is in it of others: autogit about licenses', 'quiet', view)}\n`;
}

/** `autogit about licenses`: the list, or whole texts. */
export function renderLicences({ packages, texts }: Output<'about.licences'>, view: View): string {
  if (texts.length > 0)
    return texts
      .map(({ name, version, licence, text }) => {
        const lines = text.split(/\r?\n/).map(clean).join('\n');
        return `${paint(clean(`${name} ${version}, ${licence}`), 'quiet', view)}\n\n${lines}\n`;
      })
      .join('\n');
  return renderTable<(typeof packages)[number]>(
    [
      { title: 'PACKAGE', cell: ({ name }) => name },
      { title: 'VERSION', cell: ({ version }) => version },
      { title: 'LICENCE', cell: ({ licence }) => licence },
    ],
    packages,
    view,
  );
}
