// Updates of a pretended AutoGit: a status that a test moves on, and what each request makes of it.
import type { CallName, Output, ParsedInput, StopSignal } from '../../main/contract/contract.ts';
import { outcome } from './fake-pool-calls.ts';

type UpdateCall = Extract<CallName, `update.${string}`>;
type Calls = { readonly [N in UpdateCall]: (input: ParsedInput<N>) => Output<N> };
type Status = Output<'update.status'>;

export interface FakeUpdates {
  readonly calls: Calls;
  watch(stop: StopSignal): AsyncGenerator<Status>;
  /** Something has changed. */
  move(change: Partial<Status>): void;
}

/** Nobody is asked. */
export const noUpdateStatus: Status = {
  state: 'off',
  sentence: 'This is AutoGit 0.11.0. It asks nobody for updates: no place is set.',
  ...{ version: '0.11.0', kind: 'deb', arch: 'x64', channel: 'stable', address: null, check: 'daily' },
  ...{ checkedAt: null, nextCheckAt: null, problem: null, available: null, progress: null, install: null },
};

/** A release with everything that strangers could write into one. */
export const someUpdate: NonNullable<Status['available']> = {
  version: '0.12.0',
  date: '2026-11-20',
  changelog: [
    { version: '0.12.0', date: '2026-11-20', text: 'Added\n- Backups <img src=x onerror=alert(1)>\n' },
    { version: '0.11.1', date: '2026-11-02', text: 'Fixed\n- A runner that would not leave\n' },
  ],
  file: { name: 'autogit_0.12.0_amd64.deb', size: 96_000_000, sha256: 'a'.repeat(64) },
};

const command = 'sudo apt install /home/somebody/.local/share/autogit/updates/files/autogit_0.12.0_amd64.deb';

/** What a deb is installed with where somebody can be asked for a password. */
export const someInstall: NonNullable<Status['install']> = {
  ...{ way: 'asks-system', command, path: command.slice(17) },
};

export function createFakeUpdates(initial: Partial<Status> = {}): FakeUpdates {
  let status: Status = { ...noUpdateStatus, ...initial };
  const listeners = new Set<() => void>();
  const move = (change: Partial<Status>): void => {
    status = { ...status, ...change };
    for (const listen of listeners) listen();
  };
  const would = (dryRun: boolean, message: string, deed: () => void): Output<'update.check'> => {
    if (!dryRun) deed();
    return outcome(dryRun, message);
  };
  return {
    move,
    watch: async function* (stop) {
      while (!stop.aborted) {
        const news = new Promise<void>((resolve) => {
          listeners.add(resolve);
          stop.addEventListener('abort', resolve);
        });
        yield status;
        await news;
      }
    },
    calls: {
      'update.status': () => status,
      'update.check': ({ dryRun }) =>
        would(dryRun, 'AutoGit 0.12.0 is there; this is 0.11.0.', () =>
          move({
            state: 'available',
            sentence: 'AutoGit 0.12.0 is there; this is 0.11.0.',
            available: someUpdate,
          }),
        ),
      'update.download': ({ dryRun }) =>
        would(dryRun, 'AutoGit 0.12.0 is downloaded, and is what was signed. Nothing is installed yet.', () =>
          move({
            state: 'ready',
            progress: null,
            sentence: 'AutoGit 0.12.0 is downloaded and can be installed; this is 0.11.0.',
          }),
        ),
      'update.install': ({ ask, dryRun }) => ({
        ...would(dryRun, ask ? 'AutoGit 0.12.0 is installed.' : 'AutoGit 0.12.0 is what was signed.', () =>
          ask
            ? move({
                state: 'installed',
                sentence:
                  'AutoGit 0.12.0 is installed and takes effect at the next start; this is still 0.11.0.',
              })
            : undefined,
        ),
        command: ask ? null : command,
        restart: ask && !dryRun,
      }),
    },
  };
}
