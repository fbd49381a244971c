// Where the demo is shown: drawn in place on a terminal, in plain lines elsewhere.
import type { CliWorld, LiveArea, Terminal } from '../access.ts';
import { hasUnicode } from '../render/text.ts';
import type { View } from '../render/text.ts';
import { linesBetween, stamped } from './lines.ts';
import type { DemoModel } from './model.ts';
import { renderDemo } from './screen.ts';

export interface Show {
  update(before: DemoModel, after: DemoModel): void;
  end(): void;
}

const drawMs = 200;

function liveShow(area: LiveArea, terminal: Terminal, view: View, world: CliWorld, model: DemoModel): Show {
  let latest = model;
  const unicode = hasUnicode(world.env);
  const draw = (): void => {
    const { columns, rows } = terminal;
    const width = Math.max(20, (columns || 80) - 1);
    const height = rows || 24;
    area.draw(renderDemo(latest, { ...view, width, height, unicode, now: world.now() }));
  };
  const timer = setInterval(draw, drawMs);
  draw();
  return {
    update: (before, after) => {
      latest = after;
      if (before.phase !== after.phase) draw();
    },
    end: () => {
      clearInterval(timer);
      draw();
      area.end();
    },
  };
}

function plainShow(terminal: Terminal, world: CliWorld): Show {
  return {
    update: (before, after) => {
      const now = world.now();
      for (const line of linesBetween(before, after, now)) terminal.write(stamped(line, after, now));
    },
    end: () => undefined,
  };
}

/** The show on an output; `TERM=dumb` and pipes get lines. */
export async function openShow(
  output: 'out' | 'err',
  world: CliWorld,
  view: View,
  model: DemoModel,
): Promise<Show> {
  const terminal = world[output];
  if (!terminal.isTTY || world.env.TERM === 'dumb') return plainShow(terminal, world);
  return liveShow(await world.openLive(output), terminal, view, world, model);
}
