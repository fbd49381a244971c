// The promise of the contract: what is added there is at every door.
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { commands } from '../../../main/cli/commands.ts';
import { complete } from '../../../main/cli/completion.ts';
import { renderCommandHelp } from '../../../main/cli/help.ts';
import { parseWords } from '../../../main/cli/parse.ts';
import { contract, requestNames } from '../../../main/contract/contract.ts';
import { fieldsOf, optionName } from '../../../main/contract/fields.ts';
import { openApiDocument } from '../../../main/serve/openapi.ts';
import { pathOf, routes } from '../../../main/serve/routes.ts';

const paths = z.looseObject({ paths: z.record(z.string(), z.unknown()) }).parse(openApiDocument()).paths;

/** As a shell parts them: what is quoted stays together. */
const shellWords = (line: string): readonly string[] =>
  [...line.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(
    ([, double, single, bare]) => double ?? single ?? bare ?? '',
  );

describe.each(requestNames)('%s', (name) => {
  const { cli, input } = contract[name];

  it('has an HTTP route and stands in the OpenAPI document', () => {
    expect(routes.filter((route) => route.name === name)).toHaveLength(1);
    expect(paths).toHaveProperty([pathOf(name)]);
  });

  it('is a command, which its own words call', () => {
    const parsed = parseWords(cli.path);
    expect(parsed).toMatchObject({ kind: 'run', command: { does: { request: name } } });
  });

  it('has its examples understood by the parser', () => {
    const command = commands.find(({ does }) => 'request' in does && does.request === name);
    for (const example of command?.examples ?? []) {
      const parsed = parseWords(shellWords(example).slice(1));
      expect(parsed).toMatchObject({ kind: 'run', command: { does: { request: name } } });
    }
  });

  it('has every field in its help and its completion', () => {
    const command = commands.find(({ does }) => 'request' in does && does.request === name);
    if (command === undefined) throw new Error('no command');
    const options = complete([...cli.path, '--']);
    const fields = fieldsOf(command.input);
    for (const field of fields) {
      // More fields than a screen has lines are shown side by side.
      const shown = fields.length <= 12 ? field.help : optionName(field.name);
      expect(renderCommandHelp(command, 200)).toContain(shown);
      const positional = command.positional.includes(field.name);
      if (!positional)
        expect(options.some((option) => option.startsWith(`--${optionName(field.name)}`))).toBe(true);
    }
    expect(Object.keys(input.shape).length).toBe(fieldsOf(input).length);
  });
});
