// A template that writes every kind of answer into every kind of file.
import { parse } from 'yaml';
import { z } from 'zod';
import { small } from './small-templates.ts';

/** Writes every kind of answer into every kind of file. */
export const echo = small(
  'echo',
  `
environment:
  DATA: {{ lab.data | json }}
  URL: {{ lab.gitlabUrl | json }}
  LINE: {{ answers.line | json }}
volumes:
  - type: bind
    source: {{ lab.data | append: "/echo" | json }}
    target: /data
  - ./echo/settings.yaml:/settings.yaml:ro`,
  {
    questions: [
      { id: 'line', label: 'A line', help: 'Any line.', type: 'text', format: 'line', default: 'x' },
      { id: 'many', label: 'How many', help: 'From 1 to 9.', type: 'number', min: 1, max: 9, default: 3 },
      { id: 'host', label: 'A host', help: 'A host.', type: 'text', format: 'host', default: '' },
      {
        id: 'colour',
        label: 'Colour',
        help: 'One.',
        type: 'choice',
        choices: ['red', 'blue'],
        default: 'red',
      },
      { id: 'token', label: 'A token', help: 'Yours.', type: 'secret', optional: true },
    ],
    files: [
      { from: 'settings.yaml', to: 'echo/settings.yaml', format: 'yaml' },
      { from: 'settings.rb', to: 'echo/settings.rb', format: 'ruby' },
    ],
    folders: [{ path: 'echo', holds: 'echoes' }],
  },
  {
    'settings.yaml':
      'data: {{ lab.data | json }}\nline: {{ answers.line | json }}\n# {{ answers.line | comment }}\nlast: true\n',
    'settings.rb': 'data {{ lab.data | ruby }}\nline {{ answers.line | ruby }}\n',
  },
);

const composeSchema = z.looseObject({ services: z.record(z.string(), z.record(z.string(), z.unknown())) });

/** compose.yaml as data. */
export function readCompose(text: string): z.infer<typeof composeSchema> {
  return composeSchema.parse(parse(text, { schema: 'core' }));
}
