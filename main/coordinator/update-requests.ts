// What the requests about updates do: each says first what it would do, and nothing is installed that was not verified.
import type { Output, ParsedInput } from '../contract/contract.ts';
import { toOutcome } from './outcome.ts';
import type { UpdateDesk, Wanted } from './update-desk.ts';

interface UpdateContext {
  readonly updates: UpdateDesk;
}

/** One step, as plans show it. */
interface Planned {
  readonly kind: string;
  readonly target: string;
  readonly reason: string;
}

function outcomeOf(
  actions: readonly Planned[],
  dryRun: boolean,
  message: string,
  next: string | null = null,
) {
  return { ...toOutcome([], dryRun, message, next), actions: actions.map((one) => ({ ...one })) };
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0)} MB`;
}

/** `update.check`. */
export async function checkUpdates(
  { dryRun }: ParsedInput<'update.check'>,
  { updates }: UpdateContext,
): Promise<Output<'update.check'>> {
  const before = await updates.status();
  if (dryRun) {
    const target = before.address ?? 'no address';
    const reason = 'the signed list of releases is read, and nothing else';
    return outcomeOf(
      [{ kind: 'ask', target, reason }],
      true,
      'AutoGit would ask whether there is a newer one.',
    );
  }
  await updates.check();
  const { sentence, state } = await updates.status();
  const next = state === 'available' ? 'See what is new: autogit update status' : null;
  return outcomeOf([], false, sentence, next);
}

function downloadSteps({ file, isStaged }: Wanted): readonly Planned[] {
  if (isStaged) return [];
  return [
    { kind: 'download', target: file.name, reason: megabytes(file.size) },
    {
      kind: 'verify',
      target: file.name,
      reason: `its SHA-256 has to be ${file.sha256.slice(0, 16)}…, as was signed`,
    },
  ];
}

/** `update.download`. */
export async function downloadUpdate(
  { dryRun }: ParsedInput<'update.download'>,
  { updates }: UpdateContext,
): Promise<Output<'update.download'>> {
  const wanted = dryRun ? await updates.wanted() : await updates.download();
  const { version } = wanted.release;
  if (dryRun) {
    const message = wanted.isStaged
      ? `AutoGit ${version} is downloaded already.`
      : `AutoGit ${version} would be downloaded; what runs stays as it is.`;
    return outcomeOf(downloadSteps(wanted), true, message);
  }
  const message = `AutoGit ${version} is downloaded, and is what was signed. Nothing is installed yet.`;
  return outcomeOf([], false, message, 'Install it: autogit update install');
}

const goOn = 'Jobs go on in their runners, which the new version takes over.';

function installSteps({ file, release, plan }: Wanted): readonly Planned[] {
  const verify = { kind: 'verify', target: file.name, reason: 'once more, right before it is installed' };
  const last = ((): Planned => {
    switch (plan.way) {
      case 'asks-system':
      case 'command':
        return { kind: 'install', target: plan.path, reason: plan.command ?? '' };
      case 'replace':
        return {
          kind: 'replace',
          target: plan.path,
          reason: 'the present file stays beside it as .previous',
        };
      case 'open':
        return { kind: 'open', target: plan.path, reason: "the system's own installer takes over" };
      case 'by-hand':
        return { kind: 'show', target: plan.path, reason: `AutoGit ${release.version} is unpacked by hand` };
    }
  })();
  return [verify, last];
}

function installedWords({ release, plan }: Wanted, isInstalled: boolean, ask: boolean) {
  const { version } = release;
  if (isInstalled)
    return {
      message: `AutoGit ${version} is installed and takes effect at the next start.`,
      next: `Start AutoGit again when it suits. ${goOn}`,
    };
  switch (plan.way) {
    case 'open':
      return {
        message: `AutoGit ${version} is what was signed, and its installer is open.`,
        next: `Follow it, then start AutoGit again. ${goOn}`,
      };
    case 'by-hand':
    case 'replace':
      return {
        message: `AutoGit ${version} is what was signed.`,
        next: `Unpack ${plan.path} in the place of the present one, then start AutoGit again. ${goOn}`,
      };
    case 'asks-system':
    case 'command': {
      const asked =
        plan.way === 'asks-system' && !ask
          ? ', or let the system ask for it: autogit update install --ask'
          : '';
      return {
        message: `AutoGit ${version} is what was signed. Its package manager needs your password to install it.`,
        next: `Run: ${plan.command ?? ''}${asked}`,
      };
    }
  }
}

/** `update.install`. */
export async function installUpdate(
  { ask, dryRun }: ParsedInput<'update.install'>,
  { updates }: UpdateContext,
): Promise<Output<'update.install'>> {
  if (dryRun) {
    const wanted = await updates.wanted();
    const steps = [...downloadSteps(wanted), ...installSteps(wanted)];
    const message = `AutoGit ${wanted.release.version} would be installed. ${goOn}`;
    return { ...outcomeOf(steps, true, message), command: wanted.plan.command, restart: false };
  }
  const { isInstalled, wanted } = await updates.install({ ask });
  const { message, next } = installedWords(wanted, isInstalled, ask);
  return {
    ...outcomeOf([], false, message, next),
    command: isInstalled ? null : wanted.plan.command,
    restart: isInstalled,
  };
}
