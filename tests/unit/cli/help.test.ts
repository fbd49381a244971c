import { describe, expect, it } from 'vitest';
import { commands, commandsOf, groups } from '../../../main/cli/commands.ts';
import { renderCommandHelp, renderGroupHelp, renderRootHelp } from '../../../main/cli/help.ts';
import { columnsOf } from '../../../main/cli/render/text.ts';

const texts: readonly (readonly [string, (width: number) => string])[] = [
  ['autogit', renderRootHelp],
  ...groups
    .filter((group) => commandsOf(group).every(({ path }) => path.length > 1))
    .map((group) => [group, (width: number) => renderGroupHelp(group, width)] as const),
  ...commands.map(
    (command) => [command.path.join(' '), (width: number) => renderCommandHelp(command, width)] as const,
  ),
];

function lines(text: string): readonly string[] {
  return text.split('\n').slice(0, -1);
}

describe('help', () => {
  it.each(texts)('of %s fits a screen of 80 by 24 and ends with two examples', (_name, render) => {
    const shown = lines(render(80));
    expect(shown.length).toBeLessThanOrEqual(24);
    expect(Math.max(...shown.map(columnsOf))).toBeLessThanOrEqual(80);
    expect(shown.at(-3)).toBe('Examples:');
    expect(shown.slice(-2).every((line) => line.includes('autogit'))).toBe(true);
  });

  it.each(texts)('of %s stays within 20 columns but for what is to be copied', (_name, render) => {
    const shown = lines(render(20));
    const before = shown.slice(0, shown.indexOf('Examples:'));
    expect(Math.max(...before.map(columnsOf))).toBeLessThanOrEqual(20);
  });

  it('names range and default of a number', () => {
    const seed = commands.find((command) => command.path.join(' ') === 'sandbox seed');
    if (seed === undefined) throw new Error('no such command');
    expect(renderCommandHelp(seed, 80)).toContain('number of jobs in the pipeline, 1 to 200 (6)');
  });

  it('lists every command in one of its texts', () => {
    const all = texts.map(([, render]) => render(200)).join('');
    for (const command of commands) expect(all).toContain(command.summary);
  });
});
