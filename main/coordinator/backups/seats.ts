// Where the parts of a backup are, and are to be: the sandbox on its engine, the stack with its folders.
import type { BackupAdapters } from './backup-ground.ts';
import type {
  PartGround,
  PutGround,
  SandboxSeat,
  StackSeat,
  StageGround,
} from '../../apply/backup/context.ts';
import { projectOf } from '../../apply/stack/context.ts';
import { AutoGitError } from '../../errors.ts';
import type { Log } from '../../log.ts';
import type { BackupManifest } from '../../model/backup/manifest.ts';
import type { StackAnswers } from '../../model/stack/answers.ts';
import { sandboxVolume } from '../../plan/desire.ts';
import type { Clock, Engine, Host, Secrets, Store } from '../../ports.ts';
import type { StartedGround } from '../../apply/backup/take-down.ts';
import type { ComposeProject } from '../../stack-ports.ts';
import type { Coordinator } from '../coordinator.ts';
import { refusedAnswers } from '../stack/refused-answers.ts';
import type { StackAdapters, StackDesk } from '../stack/stack-desk.ts';
import type { SettingsAccess } from '../settings-access.ts';
import { askGitlab } from './restore-facts.ts';

export interface SeatOptions {
  readonly backup: BackupAdapters;
  readonly store: Store;
  readonly secrets: Secrets;
  readonly host: Host;
  readonly clock: Clock;
  readonly log: Log;
  readonly stack: StackAdapters;
  readonly program?: { readonly version: string };
  readonly sandboxImage: string;
  readonly settings: Pick<SettingsAccess, 'current'>;
}

/** What of the laboratory is there only once it is whole. */
export interface SeatLab {
  readonly coordinator: () => Pick<Coordinator, 'node' | 'gitlab'>;
  readonly desk: () => Pick<StackDesk, 'render' | 'engine'>;
  readonly served: () => BackupManifest['gitlab'];
}

/** What the parts of a backup are gathered from, and put back into. */
export function createSeats(
  options: SeatOptions,
  lab: SeatLab,
): {
  readonly stage: StageGround;
  readonly put: PutGround;
  readonly started: StartedGround & PartGround;
} {
  const { backup, store, secrets, host, clock, log, stack } = options;
  const ground: PartGround = {
    ...{ files: backup.files, connectContainers: backup.connectContainers, clock, log: log.topic('backups') },
    ...{ instance: store.instance, secrets, compose: stack.compose },
  };
  const sandboxAt = (node: string, engine: Engine): SandboxSeat => ({
    ...{ node, engine, image: options.sandboxImage, volume: sandboxVolume(store.instance) },
  });
  const { project, seatOf } = stackSeats(options, lab);
  return {
    started: { ...ground, folder: stack.folder, project, engine: () => requireNode(lab).engine },
    stage: {
      ...ground,
      ...{ machine: backup.machine, autogit: options.program?.version ?? 'unknown', served: lab.served },
      sandbox: () => {
        const node = requireNode(lab);
        const home = store.sandboxNode();
        return Promise.resolve(home === null || home === node.id ? sandboxAt(node.id, node.engine) : null);
      },
      stack: async () => {
        const standing = stack.journal.standing();
        if (standing?.isUp !== true) return null;
        // What runs: another AutoGit may render newer ones.
        const { images } = standing;
        return seatOf(standing.answers, images === undefined ? {} : { images });
      },
      nice: () => options.settings.current().backups.limits.nice,
      counts: async () => (await askGitlab(() => lab.coordinator().gitlab(), ground))?.counts ?? {},
    },
    put: {
      ...ground,
      ...{ folder: stack.folder, host },
      images: stack.createImages(() => lab.desk().engine()),
      sandbox: () => {
        const node = requireNode(lab);
        return Promise.resolve(sandboxAt(node.id, node.engine));
      },
      stack: async ({ data, images }) => {
        const answers = stack.journal.current();
        if (answers === null) throw noAnswers();
        return seatOf(answers, { data, images });
      },
    },
  };
}

/** Stacks as they are rendered now; `known` takes the place of what that says. */
function stackSeats({ stack }: SeatOptions, lab: SeatLab) {
  const project = (name: string): ComposeProject =>
    projectOf(name, { folder: stack.folder, engine: lab.desk().engine });
  const seatOf = async (
    answers: StackAnswers,
    known: Partial<Pick<StackSeat, 'data' | 'images'>>,
  ): Promise<StackSeat> => {
    const { rendering } = await lab.desk().render(answers);
    if (!rendering.ok) throw refusedAnswers(rendering.problems);
    const { data, folders, services } = rendering.stack;
    return {
      ...{ lab: answers.lab, data, engine: requireNode(lab).engine },
      project: project(answers.lab),
      folders: folders.map(({ path }) => path),
      images: Object.fromEntries(services.map(({ name, image }) => [name, image])),
      ...known,
    };
  };
  return { project, seatOf };
}

function requireNode({ coordinator }: SeatLab): { readonly id: string; readonly engine: Engine } {
  const node = coordinator().node();
  if (node !== null) return node;
  throw new AutoGitError({
    key: 'engine.unreachable',
    message: 'No container engine is in use yet.',
    next: 'Look which ones there are: autogit engine list',
    retry: true,
  });
}

function noAnswers(): AutoGitError {
  return new AutoGitError({
    key: 'backup.restore-no-stack',
    message: 'This home has no stack that the data of the backup could be put into.',
    next: 'Restore the part `home` as well.',
  });
}
