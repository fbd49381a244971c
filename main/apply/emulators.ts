// Registers and removes an emulator by the pinned image, in a privileged container: only a person's setting asks for it.
import { AutoGitError } from '../errors.ts';
import { ownEmulator } from '../model/emulation.ts';
import type { Architecture } from '../model/pool-container.ts';
import type { Engine } from '../ports.ts';
import type { ActionForm, ApplyContext } from './context.ts';
import { withPrograms } from './probe-architectures.ts';
import { runToEnd } from './run-to-end.ts';

/** The image always ends with 0: what it has done stands in what it prints. https://github.com/tonistiigi/binfmt */
const patienceMs = 60_000;

/** When this home has registered an emulator on a node; 0: it has none there. */
export function registeredNote(node: string, architecture: Architecture): string {
  return `arch-registered.${node}.${architecture}`;
}

/** How many privileged containers have run there since the last that did what it should. */
export function triesNote(node: string, architecture: Architecture): string {
  return `arch-tries.${node}.${architecture}`;
}

/**
 * Nothing is registered where the program runs already, whatever has come meanwhile. What counts in the end is that it
 * runs: an engine may keep a list of its own for each container, and then nothing is there when that one has ended.
 */
export const installEmulator: ActionForm<'install-emulator'> = {
  kind: 'install-emulator',
  group: 'image',
  pauseMs: 30_000,
  apply: async ({ node, architecture, image, spec }, context) => {
    const { store } = context;
    const engine = context.engine(node);
    await withPrograms([architecture], { node, context }, async (tryOne) => {
      const before = await tryOne(architecture);
      if (before.failure === null) {
        store.saveArchProbe(node, { ...before, spec });
        return;
      }
      await provide(image, engine, context);
      await register(architecture, { node, image, engine, context });
      const { failure } = await tryOne(architecture);
      if (failure !== null)
        throw failed(`make ${architecture} programs run: it registered the emulator, and then`, failure);
      store.setNote(triesNote(node, architecture), 0);
      // It is tried anew, as what is listed then.
      store.forgetArchProbe(node, architecture);
    });
  },
};

/** It is written down first: one that is registered and not known might never be removed. */
async function register(architecture: Architecture, ground: Ground): Promise<void> {
  const { store, clock } = ground.context;
  const note = registeredNote(ground.node, architecture);
  const before = store.noteOf(note) ?? 0;
  store.setNote(note, clock.now());
  const output = await runImage(architecture, ['--install', architecture], ground);
  // Under its name it can only be ours: a core that was killed has left it.
  if (new RegExp(`installing: ${architecture} (?:OK|.*already registered)`).test(output)) return;
  store.setNote(note, before);
  throw failed(`register an emulator for ${architecture}`, output);
}

/** What is not there any more was removed by somebody else: the wish is fulfilled. */
export const removeEmulator: ActionForm<'remove-emulator'> = {
  kind: 'remove-emulator',
  group: 'image',
  pauseMs: 30_000,
  apply: async ({ node, architecture, image }, context) => {
    const { store, instance } = context;
    const engine = context.engine(node);
    await provide(image, engine, context);
    const { name } = ownEmulator(instance, architecture);
    const output = await runImage(architecture, ['--uninstall', name], { node, image, engine, context });
    if (!new RegExp(`uninstalling: ${name} (?:OK|not found)`).test(output))
      throw failed(`remove the emulator ${name}`, output);
    store.setNote(registeredNote(node, architecture), 0);
    store.setNote(triesNote(node, architecture), 0);
    // Where the list cannot be seen, it would be believed on although the emulator has gone.
    store.forgetArchProbe(node, architecture);
  },
};

async function provide(image: string, engine: Engine, context: ApplyContext): Promise<void> {
  if (!(await engine.hasImage(image)))
    await engine.pullImage(image, (progress) => context.progress(progress));
}

interface Ground {
  readonly node: string;
  readonly image: string;
  readonly engine: Engine;
  readonly context: ApplyContext;
}

/** The image registers a program that lies beside its own ones under the name that it is told to begin with. */
async function runImage(
  architecture: Architecture,
  command: readonly string[],
  { node, image, engine, context }: Ground,
): Promise<string> {
  const { store, instance } = context;
  const { name, prefix, program } = ownEmulator(instance, architecture);
  const tries = triesNote(node, architecture);
  store.setNote(tries, (store.noteOf(tries) ?? 0) + 1);
  const { output, refusal } = await runToEnd(
    {
      ...{ name: `autogit-emulators-${instance.slice(0, 8)}`, image, memoryMiB: 256, privileged: true },
      ...{ entrypoint: ['/usr/bin/binfmt'], command, env: { QEMU_BINARY_PREFIX: prefix } },
      files: [{ path: `/usr/bin/${name}`, linkTo: program, content: '', mode: 0o777 }],
    },
    { engine, node, context, patienceMs },
  );
  return refusal ?? output;
}

function failed(what: string, output: string): AutoGitError {
  const said = output
    .replaceAll(/[^\x20-\x7e]+/g, ' ')
    .trim()
    .slice(-300);
  return new AutoGitError({
    key: 'arch.emulator-failed',
    message: `The image of emulators could not ${what}: ${said === '' ? 'it said nothing' : said}`,
    next: 'An engine with a list of its own, as one without root or with userns-remap, may not do it. Install qemu-user-static on its machine instead: autogit arch enable',
    fields: { output: said },
  });
}
