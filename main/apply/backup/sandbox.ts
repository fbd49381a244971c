// The sandbox in a backup: a copy that it makes of itself while it serves, and a new volume that it starts on.
import { AutoGitError } from '../../errors.ts';
import { label } from '../../model/labels.ts';
import { isOwn, nameTaken, signedLabels } from '../context.ts';
import type { LabelledContainer } from '../../ports.ts';
import { dataFolder, sandboxName } from '../sandbox.ts';
import { backupRefused, containersOf, steppingBack } from './context.ts';
import type { DumpContext, DumpedPart, PartGround, PutGround, SandboxSeat, StageGround } from './context.ts';
import { withHelper } from './helper.ts';
import { informationName, readInformation } from './information.ts';
import { needRoom } from './room.ts';

/** Far more than any sandbox takes. Milliseconds. */
const copyMs = 60 * 60_000;
const tidyMs = 30_000;
const rootOwner = { uid: 0, gid: 0 } as const;

/** Gathers the sandbox's state into the part's folder. Rejects with `backup.gitlab-not-running`, `backup.dump-failed`, `backup.no-space`. */
export async function dumpSandbox(ground: StageGround, context: DumpContext): Promise<DumpedPart> {
  const seat = await ground.sandbox();
  if (seat === null) throw noSandbox('there is none on any engine that answers');
  const container = await seat.engine.inspectContainer(sandboxName(ground.instance));
  if (container !== null && !isOwn(container, ground)) throw nameTaken('container', container.name);
  if (container?.state === 'running') await dumpRunning(container, seat, ground, context);
  else await dumpAsleep(seat, ground, context);
  const text = (await ground.files.readText(`stage/sandbox/${informationName}`)) ?? '';
  const { version, counts } = readInformation(text);
  return { part: 'sandbox', version, counts, awaySeconds: 0 };
}

async function dumpRunning(
  { id }: LabelledContainer,
  { engine }: SandboxSeat,
  ground: StageGround,
  { folder, tell, signal }: DumpContext,
): Promise<void> {
  const containers = containersOf(engine, ground);
  const place = `${dataFolder}/backup`;
  await needRoom('sandbox', { containers, container: id, paths: [dataFolder], signal }, ground);
  tell({ message: 'The sandbox copies its database and repositories; it goes on serving' });
  try {
    const command = ['gitlab-backup', 'create', 'SKIP=tar', 'STRATEGY=copy'];
    const nicely = steppingBack(command, ground);
    const { code, output } = await containers.exec(id, nicely, { deadlineMs: copyMs }, signal);
    if (code === 126 || code === 127) throw tooOld();
    if (code !== 0) throw backupRefused('sandbox', output, 'its log: docker logs on its container');
    tell({ message: 'Fetching the copy of the sandbox' });
    const { leftOut } = await containers.fetch(id, place, folder, signal);
    if (leftOut.length > 0) ground.log.warn('not everything of the sandbox is in the backup', { leftOut });
  } finally {
    const tidy = AbortSignal.timeout(tidyMs);
    await containers
      .exec(id, ['rm', '-rf', place], { deadlineMs: tidyMs }, tidy)
      .catch((error: unknown) => ground.log.warn('the copy in the sandbox could not be removed', { error }));
  }
}

/** Nobody writes to its volume: the files are what they are. */
async function dumpAsleep(
  { engine, volume, image }: SandboxSeat,
  ground: StageGround,
  { folder, tell, signal }: DumpContext,
): Promise<void> {
  const volumes = await engine.listVolumes({ [label.instance]: ground.instance });
  if (!volumes.some(({ name }) => name === volume)) throw noSandbox('it has never run');
  if (!(await engine.hasImage(image))) throw noSandbox('it does not run, and its image is not here');
  tell({ message: 'Fetching the files of the sandbox, which does not run' });
  await withHelper({ image, volumes: { [volume]: dataFolder } }, engine, ground, async (helper) => {
    await containersOf(engine, ground).fetch(helper, dataFolder, folder, signal);
  });
  // Left of copies and restores that were broken off, and what an older backup said about itself.
  for (const name of ['backup', 'restore', informationName])
    await ground.files.remove(`stage/sandbox/${name}`);
}

/**
 * Gives the sandbox a new volume with what lies in `sandbox/` of a backup. What was in its volume is replaced whole, and a
 * sandbox that runs is stopped first. Done again it does the same again. Starting it is the next plan's.
 */
export async function putSandbox(ground: PutGround, folder: string, signal: AbortSignal): Promise<void> {
  const seat = await ground.sandbox();
  const { engine, volume, node, image } = seat;
  signal.throwIfAborted();
  await removePresent(seat, ground);
  await provideImage(seat, ground);
  signal.throwIfAborted();
  const labels = signedLabels(volume, { node, role: 'volume', pool: null, specHash: '' }, ground);
  await engine.createVolume(volume, labels);
  await withHelper({ image, volumes: { [volume]: dataFolder } }, engine, ground, (helper) =>
    containersOf(engine, ground).put(helper, `${folder}/sandbox`, dataFolder, rootOwner, signal),
  );
}

async function removePresent({ engine, volume }: SandboxSeat, ground: PartGround): Promise<void> {
  const present = await engine.inspectContainer(sandboxName(ground.instance));
  if (present !== null) {
    if (!isOwn(present, ground)) throw nameTaken('container', present.name);
    await engine.stopContainer(present.id, 5);
    await engine.removeContainer(present.id, { force: true });
  }
  await engine.removeVolume(volume);
}

async function provideImage({ engine, image }: SandboxSeat, { host, instance }: PutGround): Promise<void> {
  if (await engine.hasImage(image)) return;
  const env = { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', LANG: 'C.UTF-8' };
  const labels = { [label.managed]: 'true', [label.instance]: instance, [label.role]: 'image' };
  await engine.importImage(image, await host.sandboxRootfs(), { env, labels });
}

function noSandbox(why: string): AutoGitError {
  return new AutoGitError({
    key: 'backup.gitlab-not-running',
    message: `The sandbox cannot be backed up: ${why}.`,
    next: 'Start it, then try again: autogit sandbox start',
    retry: true,
  });
}

function tooOld(): AutoGitError {
  return new AutoGitError({
    key: 'backup.sandbox-outdated',
    message: 'The sandbox that runs was started by an older AutoGit and cannot copy itself.',
    next: 'Let its jobs end: it is started anew by itself when nothing runs. Or at once: autogit sandbox stop, then autogit sandbox start',
    retry: true,
  });
}
