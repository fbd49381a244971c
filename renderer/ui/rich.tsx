// A text with something else in it, which the text itself places: `Read <guide>the guide</guide>.`
import { Fragment } from 'react';
import type { ReactNode } from 'react';

type Part = ReactNode | ((text: string) => ReactNode);

/**
 * `<name/>` becomes what `parts` has by that name, `<name>text</name>` what its function makes of the text.
 * What others have named comes as a part: in a hole of the text it would be read for elements.
 */
export function Rich({
  text,
  parts,
}: {
  readonly text: string;
  readonly parts: Readonly<Record<string, Part>>;
}) {
  const pieces = text.split(/(<(\w+)(?:\/>|>(.*?)<\/\2>))/su);
  return pieces.map((piece, at) => {
    if (at % 4 === 0) return piece;
    if (at % 4 !== 1) return null;
    const part = parts[pieces[at + 1] ?? ''];
    return <Fragment key={at}>{typeof part === 'function' ? part(pieces[at + 2] ?? '') : part}</Fragment>;
  });
}
