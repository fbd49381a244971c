// Tries processors: a tiny real program of each in a container of its own says what machine it runs on.
import { archProgram, parseMachine } from '../model/arch-program.ts';
import type { ArchProbe } from '../model/emulation.ts';
import { label } from '../model/labels.ts';
import type { Architecture } from '../model/pool-container.ts';
import type { ActionForm } from './context.ts';
import { runToEnd } from './run-to-end.ts';
import type { Ended, RunGround } from './run-to-end.ts';

/** A program of a few instructions that has not ended by then hangs. Milliseconds. */
const patienceMs = 20_000;

/**
 * What an engine says about one program is a result of that program; what it says about the image is a failure of the
 * action. Nothing of it stays: an image of two kilobytes is made faster than kept.
 */
export const probeArchitectures: ActionForm<'probe-architectures'> = {
  kind: 'probe-architectures',
  group: 'engine-start',
  apply: async ({ node, architectures }, context) => {
    const { store, clock, instance, host } = context;
    const engine = context.engine(node);
    const image = `autogit-arch:${instance.slice(0, 8)}`;
    const labels = { [label.managed]: 'true', [label.instance]: instance, [label.role]: 'image' };
    const programs = architectures.map(({ architecture }) => ({
      path: architecture,
      content: archProgram(architecture),
    }));
    await engine.importImage(image, host.packFiles(programs), { env: {}, labels });
    try {
      for (const { architecture, spec } of architectures) {
        const at = clock.now();
        const found = await runProgram(architecture, image, { engine, node, context, patienceMs });
        store.saveArchProbe(node, { architecture, at, spec, ...found });
      }
    } finally {
      await engine.removeImage(image);
    }
  },
};

type Found = Pick<ArchProbe, 'machine' | 'failure'>;

/** Rejects when the engine does not answer: then nothing is known of the program. */
async function runProgram(architecture: Architecture, image: string, ground: RunGround): Promise<Found> {
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
