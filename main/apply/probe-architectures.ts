// Tries processors: a tiny real program of each in a container of its own says what machine it runs on.
import { archProgram, parseMachine } from '../model/arch-program.ts';
import { probeImage } from '../model/emulation.ts';
import type { ArchProbe } from '../model/emulation.ts';
import { label } from '../model/labels.ts';
import type { Architecture } from '../model/pool-container.ts';
import type { ActionForm, ApplyContext } from './context.ts';
import { runToEnd } from './run-to-end.ts';
import type { Ended, RunGround } from './run-to-end.ts';

/** A program of a few instructions that has not ended by then hangs. Milliseconds. */
const patienceMs = 20_000;

/**
 * What an engine says about one program is a result of that program; what it says about the image is a failure of the
 * action.
 */
export const probeArchitectures: ActionForm<'probe-architectures'> = {
  kind: 'probe-architectures',
  group: 'engine-start',
  apply: ({ node, architectures }, context) => {
    const names = architectures.map(({ architecture }) => architecture);
    return withPrograms(names, { node, context }, async (tryOne) => {
      for (const { architecture, spec } of architectures)
        context.store.saveArchProbe(node, { ...(await tryOne(architecture)), spec });
    });
  },
};

export type Tried = Omit<ArchProbe, 'spec'>;

/** Runs the program of a processor. Rejects when the engine does not answer: then nothing is known of the program. */
type TryOne = (architecture: Architecture) => Promise<Tried>;

/** While `use` runs, the engine has an image of the programs. Nothing of it stays: it is made faster than kept. */
export async function withPrograms(
  architectures: readonly Architecture[],
  { node, context }: { readonly node: string; readonly context: ApplyContext },
  use: (tryOne: TryOne) => Promise<void>,
): Promise<void> {
  const { clock, instance, host } = context;
  const engine = context.engine(node);
  const image = probeImage(instance);
  const labels = { [label.managed]: 'true', [label.instance]: instance, [label.role]: 'image' };
  const programs = architectures.map((path) => ({ path, content: archProgram(path) }));
  await engine.importImage(image, host.packFiles(programs), { env: {}, labels });
  try {
    await use(async (architecture) => {
      const at = clock.now();
      const found = await runProgram(architecture, image, { engine, node, context, patienceMs });
      return { architecture, at, ...found };
    });
  } finally {
    await engine.removeImage(image);
  }
}

async function runProgram(
  architecture: Architecture,
  image: string,
  ground: RunGround,
): Promise<Pick<ArchProbe, 'machine' | 'failure'>> {
  const name = `autogit-arch-${ground.context.instance.slice(0, 8)}-${architecture}`;
  const run = { name, image, entrypoint: [`/${architecture}`], command: [], memoryMiB: 256 };
  const ended = await runToEnd(run, ground);
  const machine = ended.exitCode === 0 ? parseMachine(architecture, ended.output) : null;
  return { machine, failure: machine === null ? failureOf(ended) : null };
}

function failureOf({ exitCode, output, refusal }: Ended): string {
  if (refusal !== null) return refusal;
  // What an emulator that cannot start says, without its control characters.
  const said = output
    .replaceAll(/[^\x20-\x7e]+/g, ' ')
    .trim()
    .slice(0, 200);
  const how = exitCode === null ? 'did not end in time' : `ended with code ${exitCode}`;
  return `its program ${how}${said === '' ? '' : ` and said: ${said}`}.`;
}
