// Registers and removes an emulator by the pinned image, in a privileged container: only a person's setting asks for it.
import { AutoGitError } from '../errors.ts';
import type { Architecture } from '../model/pool-container.ts';
import type { Engine } from '../ports.ts';
import type { ActionForm, ApplyContext } from './context.ts';
import { runToEnd } from './run-to-end.ts';

/** The image always ends with 0: what it has done stands in what it prints. https://github.com/tonistiigi/binfmt */
const patienceMs = 60_000;

/** By these words the image calls the emulators. */
const emulatorNames: Readonly<Record<Architecture, string>> = {
  amd64: 'qemu-x86_64',
  arm64: 'qemu-aarch64',
  arm: 'qemu-arm',
  '386': 'qemu-i386',
  ppc64le: 'qemu-ppc64le',
  s390x: 'qemu-s390x',
  riscv64: 'qemu-riscv64',
};

/** That it was registered by this home, on which node; 0: it is so no more. */
export function installedNote(node: string, architecture: Architecture): string {
  return `arch-installed.${node}.${architecture}`;
}

/** It is written down first: one that is registered and not known would never be removed. */
export const installEmulator: ActionForm<'install-emulator'> = {
  kind: 'install-emulator',
  group: 'image',
  pauseMs: 30_000,
  apply: async ({ node, architecture, image }, context) => {
    const engine = context.engine(node);
    await provide(image, engine, context);
    context.store.setNote(installedNote(node, architecture), context.clock.now());
    const output = await runImage(['--install', architecture], { node, image, engine, context });
    if (new RegExp(`installing: ${architecture} (?:OK|.*already registered)`).test(output)) return;
    throw failed(`register an emulator for ${architecture}`, output);
  },
};

/** What is not there any more was removed by somebody else: the wish is fulfilled. */
export const removeEmulator: ActionForm<'remove-emulator'> = {
  kind: 'remove-emulator',
  group: 'image',
  pauseMs: 30_000,
  apply: async ({ node, architecture, image }, context) => {
    const engine = context.engine(node);
    await provide(image, engine, context);
    const name = emulatorNames[architecture];
    const output = await runImage(['--uninstall', name], { node, image, engine, context });
    if (!new RegExp(`uninstalling: ${name} (?:OK|not found)`).test(output))
      throw failed(`remove the emulator ${name}`, output);
    context.store.setNote(installedNote(node, architecture), 0);
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

async function runImage(
  command: readonly string[],
  { node, image, engine, context }: Ground,
): Promise<string> {
  const name = `autogit-emulators-${context.instance.slice(0, 8)}`;
  const { output, refusal } = await runToEnd(
    { name, image, entrypoint: ['/usr/bin/binfmt'], command, memoryMiB: 256, privileged: true },
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
    next: 'A rootless engine may not do it on older kernels. Install qemu-user-static on its machine instead: autogit arch enable',
    fields: { output: said },
  });
}
