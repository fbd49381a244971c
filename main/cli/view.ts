// How text is made for one output of the process.
import type { CliWorld, Terminal } from './access.ts';
import type { View } from './render/text.ts';

/** How text for an output is made: `NO_COLOR` as on https://no-color.org. */
export function viewOf(terminal: Terminal, world: Pick<CliWorld, 'env' | 'now'>): View {
  const { env } = world;
  return {
    // Some terminals do not know their width and say 0.
    width: terminal.isTTY ? Math.max(20, terminal.columns || 80) : Infinity,
    colour: terminal.isTTY && !env.NO_COLOR && env.TERM !== 'dumb',
    now: world.now(),
  };
}
