// What the stack has to know, as a list that a person writes a file of answers by.
import type { Output } from '../../contract/contract.ts';
import { bytesText } from './stack-plan.ts';
import { renderTable } from './table.ts';
import { clean, paint, wrap } from './text.ts';
import type { View } from './text.ts';

type Questions = Output<'stack.questions'>;
type Asked = Questions['decisions'][number];
type Template = Questions['templates'][number];

function block(text: string, view: View): string {
  return wrap(clean(text), Math.max(8, view.width - 4))
    .map((line) => `    ${line}\n`)
    .join('');
}

function askedText({ field, label, help, choices, suggested, onlyIf }: Asked, view: View): string {
  const taken = suggested === null || suggested === '' ? '' : ` (${String(suggested)})`;
  const only = onlyIf === null ? '' : `, only where ${onlyIf.field} is ${onlyIf.values.join(' or ')}`;
  const shown = choices.length > 9 ? [] : choices;
  return [
    `  ${paint(field, 'strong', view)}${paint(clean(`${taken}${only}`), 'quiet', view)}\n`,
    block(`${label}. ${help}`, view),
    ...shown.map(({ value, label: name, help: about }) =>
      block(`${value}: ${name === value ? '' : `${name}. `}${about}`, view),
    ),
    ...(choices.length > 9 ? [block(`One of: ${choices.map(({ value }) => value).join(', ')}`, view)] : []),
  ].join('');
}

function templateText(
  { id, title, description, kind, own, needs, provides, questions, bytes, usualMiB }: Template,
  view: View,
): string {
  const parts = [kind, ...(own ? ['your own'] : []), ...(bytes === 0 ? [] : [bytesText(bytes)])];
  const asks = questions.map((question) =>
    block(`templates.${id}.${question.id}: ${question.label}. ${question.help}`, view),
  );
  const memory = usualMiB === 0 ? '' : `, usually ${usualMiB} MiB of memory`;
  return [
    `  ${paint(id, 'strong', view)} ${paint(`(${parts.join(', ')}${memory})`, 'quiet', view)}\n`,
    block(`${title}. ${description}`, view),
    ...(provides.length === 0 ? [] : [block(`It gives: ${provides.join('; ')}.`, view)]),
    ...(needs.length === 0 ? [] : [block(`It needs: ${needs.join(', ')}.`, view)]),
    ...asks,
  ].join('');
}

function renderPresets({ presets }: Questions, view: View): string {
  return renderTable<Questions['presets'][number]>(
    [
      { title: 'PRESET', cell: ({ name, suggested }) => `${name}${suggested ? ' (for this machine)' : ''}` },
      { title: 'USUALLY', cell: ({ usualGb }) => `${usualGb} GB` },
      { title: 'AT MOST', cell: ({ mostGb }) => `${mostGb} GB` },
      { title: 'CPUS', cell: ({ cpus }) => String(cpus) },
      {
        title: 'FITS',
        cell: ({ fits }) => (fits === null ? '?' : fits ? 'yes' : { text: 'no', tone: 'warn' }),
      },
    ],
    presets,
    view,
  );
}

/** `autogit stack questions`. */
export function renderStackQuestions(questions: Questions, view: View): string {
  const title = (text: string): string => `${paint(text, 'strong', view)}\n`;
  return [
    title('Decisions') + questions.decisions.map((one) => askedText(one, view)).join(''),
    title('Everything else has a default') + questions.settings.map((one) => askedText(one, view)).join(''),
    renderPresets(questions, view),
    title('Templates') + questions.templates.map((one) => templateText(one, view)).join(''),
    'A file with lab, data and tls is enough: autogit stack plan --answers lab.yaml\n',
  ].join('\n');
}
