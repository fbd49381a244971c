// What the requests about processors do: they write down that one is to be tried, or that an emulator is wanted.
import type { Output, ParsedInput } from '../contract/contract.ts';
import type { ArchitectureView, Snapshot } from '../contract/snapshot.ts';
import { AutoGitError } from '../errors.ts';
import { packageCommand, parseOsRelease } from '../model/emulation-package.ts';
import { architectures } from '../model/pool-container.ts';
import type { Architecture } from '../model/pool-container.ts';
import type { Settings } from '../model/settings.ts';
import { renderArchFile } from '../plan/arch-ci.ts';
import { architectureRows } from '../plan/arch-rows.ts';
import { architecturesOf } from '../plan/plan-architectures.ts';
import { awaitEffect, notYet, requireSettings } from './effect.ts';
import { toOutcome } from './outcome.ts';
import { preview, previewOf } from './preview.ts';
import type { RequestContext } from './requests.ts';

type ArchOutcome = Output<'arch.test'>;

/** `arch.list`. */
export async function listArchitectures({ live }: Pick<RequestContext, 'live'>): Promise<ArchitectureView[]> {
  const { architectures: rows = [] } = await lookedAt(live);
  return rows;
}

/** The machine is looked at a moment after its engine has answered. Milliseconds. */
const momentMs = 3_000;

async function lookedAt(live: RequestContext['live']): Promise<Snapshot> {
  const isLookedAt = ({ architectures: rows = [], nodes }: Snapshot): boolean =>
    rows.length > 0 || nodes.every(({ engine }) => engine.state !== 'fresh');
  return (await live.until(isLookedAt, momentMs)) ?? live.current();
}

/** `arch.ci`. */
export async function showArchFile({ coordinator, live }: RequestContext): Promise<Output<'arch.ci'>> {
  await lookedAt(live);
  const { desired, observed } = coordinator.look();
  return { file: renderArchFile(architectureRows(desired, observed), desired.pools) };
}

/** `arch.test`. Rejects with `lab.not-yet`, `arch.not-looked-at`. */
export async function testArchitectures(
  { architecture, dryRun }: ParsedInput<'arch.test'>,
  context: RequestContext,
): Promise<ArchOutcome> {
  const wanted = architecture === undefined ? architectures : [architecture];
  await requireLook(context);
  const of = (snapshot: Snapshot): ArchitectureView[] => rowsOf(wanted, snapshot);
  if (dryRun) {
    const message = `A tiny program would be run in a container for: ${wanted.join(', ')}.`;
    return { ...toOutcome([], true, message), architectures: of(context.live.current()) };
  }
  const at = context.clock.now();
  context.coordinator.architectures.wish(wanted, at);
  const done = await awaitEffect(context, (snapshot) =>
    of(snapshot).every(({ probe }) => probe !== null && probe.at >= at),
  );
  if (done === null) throw notYet('Not every processor has been tried', context.live.current());
  const rows = of(done);
  const works = rows.filter(({ usable }) => usable).map((row) => row.architecture);
  const message =
    works.length === 0
      ? `None of these runs here: ${wanted.join(', ')}.`
      : `Programs of these ran in a container: ${works.join(', ')}.`;
  const next = rows.find(({ usable }) => !usable)?.fix ?? null;
  return { ...toOutcome([], false, message, next), architectures: rows };
}

function rowsOf(wanted: readonly Architecture[], { architectures: rows = [] }: Snapshot): ArchitectureView[] {
  return rows.filter((row) => wanted.includes(row.architecture));
}

/** Nothing is known before an engine has answered. */
async function requireLook(context: RequestContext): Promise<void> {
  const seen = await awaitEffect(context, ({ architectures: rows = [] }) => rows.length > 0);
  if (seen === null)
    throw new AutoGitError({
      key: 'arch.not-looked-at',
      message: 'No container engine answers, so nobody knows which processors it runs.',
      next: 'See why: autogit engine list',
      retry: true,
    });
}

/** `arch.enable`. Rejects with `arch.handler-in-the-way`, `arch.emulator-failed`, and what pulling an image rejects with. */
export async function enableArchitecture(
  { architecture, privileged, dryRun }: ParsedInput<'arch.enable'>,
  context: RequestContext,
): Promise<ArchOutcome> {
  requireSettings(context);
  const row = await lookAtRow(architecture, context);
  if (row.usable)
    return {
      ...toOutcome([], dryRun, `${architecture} runs here already: ${wordsOf(row)}.`),
      architectures: [row],
    };
  if (row.state === 'qemu') {
    const message = `${row.handler?.name ?? 'An emulator'} is registered already, and has not been tried yet.`;
    return { ...toOutcome([], dryRun, message, row.fix), architectures: [row] };
  }
  if (!privileged) {
    if (row.state === 'unknown')
      return { ...toOutcome([], dryRun, row.reason ?? '', row.fix), architectures: [row] };
    const { message, next } = await packageWay(architecture, context);
    return { ...toOutcome([], dryRun, message, next), architectures: [row] };
  }
  if (row.handler !== null)
    throw new AutoGitError({
      key: 'arch.handler-in-the-way',
      message: `There is an emulator for ${architecture} already, ${row.handler.name}, which AutoGit did not register. ${row.reason ?? ''}`,
      next: row.fix ?? 'See what it lacks: autogit arch list',
    });
  const outcome = await changeEmulation(context, dryRun, architecture, true);
  if (outcome !== null) return { ...outcome, architectures: [row] };
  const done = await awaitEmulator(context, ({ usable }) => usable, architecture);
  const message = `${architecture} runs here by emulation: ${wordsOf(done)}. It is registered again after each start of the machine.`;
  const next = `Give it a pool: autogit pool ready --apply. Remove it with: autogit arch disable ${architecture}`;
  return { ...toOutcome([], false, message, next), architectures: [done] };
}

/** `arch.disable`. Rejects with `arch.not-ours`. */
export async function disableArchitecture(
  { architecture, dryRun }: ParsedInput<'arch.disable'>,
  context: RequestContext,
): Promise<ArchOutcome> {
  requireSettings(context);
  const row = await lookAtRow(architecture, context);
  const isWished = context.settings.current().emulation.architectures.includes(architecture);
  if (!isWished && row.ours === undefined) throw notOurs(row);
  const outcome = await changeEmulation(context, dryRun, architecture, false);
  if (outcome !== null) return { ...outcome, architectures: [row] };
  const done = await awaitEmulator(context, ({ ours }) => ours === undefined, architecture);
  return { ...toOutcome([], false, remainingWords(done)), architectures: [done] };
}

function remainingWords({ architecture, state, handler }: ArchitectureView): string {
  const gone = `AutoGit has no emulator of ${architecture} registered any more`;
  if (handler !== null) return `${gone}. ${handler.name}, which is there, came from somebody else and stays.`;
  switch (state) {
    case 'missing':
      return `${gone}: it is as it was before.`;
    case 'native':
      return `${gone}: it runs here by itself.`;
    case 'qemu':
    case 'broken':
    case 'unknown':
      return `${gone}. Whether there is another one cannot be seen.`;
  }
}

/** What other doors say of emulators that a teardown has not removed yet. */
export function emulatorsLeft({ architectures: rows = [], tasks }: Snapshot): readonly string[] {
  const left = rows.filter((row) => row.ours === true || isChanging(row.architecture, tasks));
  return left.map(({ architecture }) => `the emulator of ${architecture}`);
}

function isChanging(architecture: Architecture, tasks: Snapshot['tasks']): boolean {
  return tasks.some(({ kind, key }) => kind.endsWith('-emulator') && key.endsWith(`:${architecture}`));
}

/** As it is now, and not as it was when the machine was last looked at: somebody may just have installed a package. */
async function lookAtRow(architecture: Architecture, context: RequestContext): Promise<ArchitectureView> {
  await requireLook(context);
  const { coordinator } = context;
  await coordinator.node()?.binfmt.looked();
  const { desired, observed } = coordinator.look();
  const row = architectureRows(desired, observed).find((one) => one.architecture === architecture);
  if (row !== undefined) return { ...row, pools: [...row.pools] };
  throw new AutoGitError({
    key: 'arch.not-looked-at',
    message: 'No container engine answers, so nobody knows which processors it runs.',
    next: 'See why: autogit engine list',
    retry: true,
  });
}

function wordsOf({ state, probe, handler }: ArchitectureView): string {
  const machine = probe?.machine ?? null;
  const said = machine === null ? '' : `, a program in a container said ${machine}`;
  return `${state === 'native' ? 'by itself' : `through ${handler?.name ?? 'an emulator'}`}${said}`;
}

/** The answer to a dry run; `null`: the settings have changed. */
async function changeEmulation(
  context: RequestContext,
  dryRun: boolean,
  architecture: Architecture,
  isWanted: boolean,
): Promise<ReturnType<typeof previewOf> | null> {
  const edit = (present: Settings): Settings => {
    const others = present.emulation.architectures.filter((name) => name !== architecture);
    const all = isWanted ? [...others, architecture] : others;
    return { ...present, emulation: { ...present.emulation, architectures: all } };
  };
  const { after } = await context.settings.edit(edit, { dryRun });
  if (dryRun)
    return previewOf(
      preview(
        context,
        after,
        context.store.openRequests().map(({ kind }) => kind),
      ),
    );
  const { coordinator } = context;
  const node = coordinator.node();
  if (node !== null) coordinator.architectures.askAgain(node.id, architecture);
  coordinator.executor.forgetFailures(
    (action) => 'architecture' in action && action.architecture === architecture,
  );
  coordinator.reconsider();
  return null;
}

async function awaitEmulator(
  context: RequestContext,
  fits: (row: ArchitectureView) => boolean,
  architecture: Architecture,
): Promise<ArchitectureView> {
  const rowOf = (snapshot: Snapshot): ArchitectureView | undefined => rowsOf([architecture], snapshot)[0];
  const troublesOf = ({ issues, nodes }: Snapshot): Snapshot['issues'] => {
    const targets = nodes.map(architecturesOf);
    return issues.filter(({ subject }) => targets.includes(subject));
  };
  // What of before is about this processor is gone in the first plan that was made for this request.
  let known = troublesOf(context.live.current()).map(({ message }) => message);
  const newTrouble = (snapshot: Snapshot): Snapshot['issues'][number] | undefined => {
    const present = troublesOf(snapshot);
    known = known.filter((text) => present.some(({ message }) => message === text));
    return present.find(({ message }) => !known.includes(message));
  };
  const isDone = (snapshot: Snapshot): boolean => {
    const row = rowOf(snapshot);
    return row !== undefined && fits(row) && !isChanging(architecture, snapshot.tasks);
  };
  const done = await awaitEffect(
    context,
    (snapshot) => isDone(snapshot) || newTrouble(snapshot) !== undefined,
  );
  const row = done === null || !isDone(done) ? undefined : rowOf(done);
  if (row !== undefined) return row;
  const trouble = done === null ? undefined : newTrouble(done);
  if (trouble !== undefined) throw new AutoGitError({ ...trouble, retry: true });
  throw notYet(`The emulator of ${architecture} is not as it should be`, context.live.current());
}

function notOurs({ architecture, state, handler }: ArchitectureView): AutoGitError {
  const what =
    handler === null ? `There is none for ${architecture}` : `${handler.name} came from somebody else`;
  return new AutoGitError({
    key: 'arch.not-ours',
    message: `AutoGit has registered no emulator for ${architecture}. ${state === 'native' ? 'It runs here by itself' : what}.`,
    next:
      handler === null
        ? 'See what there is: autogit arch list'
        : `Switch it off as root: update-binfmts --disable ${handler.name} (Debian), or echo 0 > /proc/sys/fs/binfmt_misc/${handler.name}`,
  });
}

/** What a person has to run, where the engine's machine is this one. */
async function packageWay(
  architecture: Architecture,
  { probe, coordinator }: RequestContext,
): Promise<{ readonly message: string; readonly next: string }> {
  const agree = `autogit arch enable ${architecture} --privileged`;
  const text = (await probe.readFile('/etc/os-release')) ?? '';
  const command = packageCommand(parseOsRelease(text));
  const isHere = coordinator
    .look()
    .observed.nodes.some(({ engine }) => 'value' in engine && engine.value.info.isHere);
  if (command === null || !isHere)
    return {
      message: `Nothing was changed. Install qemu-user-static with the packages of the engine's machine, or let an image register the emulator.`,
      next: `By an image, in a privileged container: ${agree}`,
    };
  return {
    message: `Nothing was changed. This machine's own package is the way that lasts; as root: ${command}. AutoGit sees by itself when it is there, and tries it.`,
    next: `Or by the pinned image, in one privileged container: ${agree}`,
  };
}
