// The people of a stack: who keeps them, GitLab's side of them, and bringing both into step, now and by itself.
import type { ConnectGitlabPeople, GitlabPeople, PeopleFile, PeopleOnFile } from '../../access-ports.ts';
import { autheliaProgram } from '../../apply/stack/authelia-program.ts';
import type { AutheliaProgram } from '../../apply/stack/authelia-program.ts';
import { rootOf } from '../../apply/stack/certificates.ts';
import { secretName } from '../../apply/context.ts';
import { isStaging, placeOf, projectOf } from '../../apply/stack/context.ts';
import type { StackHome } from '../../apply/stack/context.ts';
import { autheliaFailed, syncPeople } from './people-sync.ts';
import type { SyncedPeople } from './people-sync.ts';
import { AutoGitError, toAutoGitError } from '../../errors.ts';
import type { Log } from '../../log.ts';
import type { Issue } from '../../model/issue.ts';
import { nothingAsked } from '../../model/person.ts';
import type { Asked } from '../../model/person.ts';
import type { StackAnswers } from '../../model/stack/answers.ts';
import type { Rendering } from '../../model/stack/stack.ts';
import type { Clock, Secrets } from '../../ports.ts';
import type { Compose, StackFolder, StackJournal } from '../../stack-ports.ts';
import type { StackRuns } from './stack-runs.ts';

/** Of looks whether the file is another one, which cost a read of it. Milliseconds. */
const roundMs = 60_000;
/** Of looks at GitLab while the file stays the same. Milliseconds. */
const lookMs = 600_000;
/** What mends itself, as a GitLab that starts, becomes an issue only after this. Milliseconds. */
const patienceMs = 900_000;

/** Who keeps the people of a lab. */
export type PeopleSource = 'file' | 'ldap' | 'oidc' | 'gitlab';

export function peopleSource({ sso, directory }: Pick<StackAnswers, 'sso' | 'directory'>): PeopleSource {
  switch (sso) {
    case 'authelia':
      return directory.kind;
    case 'oidc':
      return 'oidc';
    case 'off':
      return 'gitlab';
  }
}

export function peopleFileOf({ data }: Pick<StackAnswers, 'data'>): string {
  return `${data.replace(/\/+$/, '')}/authelia/users_database.yml`;
}

export interface PeopleDesk {
  readonly file: PeopleFile;
  authelia(answers: StackAnswers): AutheliaProgram;
  /** Rejects with `user.gitlab-elsewhere`, `gitlab.unauthorized`, and with the first problem of the answers. */
  gitlab(answers: StackAnswers): Promise<GitlabPeople>;
  /**
   * Brings GitLab into step with the file. `null`: a run of the stack goes on, after which it is done by itself. Rejects with
   * the errors of the file, of GitLab, and of Compose. `asked`: nothing of it is kept for later.
   */
  sync(answers: StackAnswers, asked?: Asked): Promise<SyncedPeople | null>;
  /** Changes people, or what is remembered of them, while nothing else does. */
  alone<T>(work: () => Promise<T>): Promise<T>;
  start(): void;
  /** One look, now; nothing is done that is not due. Never rejects. */
  look(): Promise<void>;
  issues(): readonly Issue[];
  stop(): Promise<void>;
}

export interface PeopleDeskOptions {
  readonly peopleFile: PeopleFile;
  readonly connectPeople: ConnectGitlabPeople;
  readonly compose: Compose;
  readonly folder: StackFolder;
  readonly journal: StackJournal;
  readonly secrets: Secrets;
  readonly clock: Clock;
  readonly log: Log;
  readonly home: Pick<StackHome, 'otherGitlab'>;
  readonly runs: Pick<StackRuns, 'aside'>;
  engine(): string;
  render(answers: StackAnswers): Promise<Rendering>;
  /** Issues have come or gone. */
  readonly onChange: () => void;
}

interface Memory {
  /** Of the file, when it was looked at last; `null`: it has to be again. */
  mark: string | null;
  /** Instants of the monotonic clock. */
  lookedAt: number;
  /** Until the next look at GitLab while the file stays the same; it grows while something goes on failing. Milliseconds. */
  pauseMs: number;
  failingSince: number | null;
  issue: Issue | null;
}

const nothing: Readonly<Memory> = {
  ...{ mark: null, lookedAt: -Infinity, pauseMs: 0, failingSince: null, issue: null },
};

/** Nothing runs before `start`. */
export function createPeopleDesk(options: PeopleDeskOptions): PeopleDesk {
  const { clock, log, peopleFile, onChange } = options;
  const stopping = new AbortController();
  const memory: Memory = { ...nothing };
  let loop: Promise<void> = Promise.resolve();
  let last: Promise<unknown> = Promise.resolve();
  // A second one would find half of what the first does, and do it, too, or write over it.
  const alone = <T>(work: () => Promise<T>): Promise<T> => {
    const mine = last.then(work);
    last = mine.catch(() => undefined);
    return mine;
  };
  const sync = (answers: StackAnswers, asked = nothingAsked): Promise<SyncedPeople | null> =>
    alone(() => syncNow(answers, { options, memory, asked }));
  const look = async (): Promise<void> => {
    const before = JSON.stringify(memory.issue);
    await goRound(sync, options, memory).catch((error: unknown) =>
      log.warn('nobody knows whether people are in step', { error }),
    );
    if (JSON.stringify(memory.issue) !== before) onChange();
  };
  return {
    file: peopleFile,
    authelia: (answers) => autheliaOf(answers, options),
    gitlab: (answers) => gitlabOf(answers, options),
    ...{ sync, alone, look },
    start: () => {
      loop = (async () => {
        await clock.sleep(roundMs, stopping.signal);
        while (!stopping.signal.aborted) {
          await look();
          await clock.sleep(roundMs, stopping.signal);
        }
      })();
    },
    issues: () => (memory.issue === null ? [] : [memory.issue]),
    stop: async () => {
      stopping.abort();
      await Promise.all([loop, last]);
    },
  };
}

function autheliaOf(
  { lab }: StackAnswers,
  options: PeopleDeskOptions,
  signal?: AbortSignal,
): AutheliaProgram {
  return autheliaProgram({ compose: options.compose, project: projectOf(lab, options) }, signal);
}

async function gitlabOf(answers: StackAnswers, options: PeopleDeskOptions): Promise<GitlabPeople> {
  const { home, secrets, render, connectPeople } = options;
  const other = home.otherGitlab();
  // The home's token is another GitLab's then: it is shown to nobody else.
  if (other !== null || isStaging(answers.tls))
    throw new AutoGitError({
      key: 'user.gitlab-elsewhere',
      message:
        other === null
          ? "The stack is up with a certificate of Let's Encrypt's staging authority, by which AutoGit cannot use its GitLab."
          : `This home serves ${other}, and has no token of the stack's GitLab.`,
      next: 'Bring the stack up as the GitLab of this home: autogit stack up',
    });
  const rendering = await render(answers);
  if (!rendering.ok) {
    const [problem] = rendering.problems;
    throw new AutoGitError(
      problem ?? { key: 'stack.none', message: 'There is no stack.', next: 'autogit stack up' },
    );
  }
  const token = secrets.get(secretName.gitlabToken);
  if (token === null)
    throw new AutoGitError({
      key: 'gitlab.unauthorized',
      message: "AutoGit has no token of the stack's GitLab yet.",
      next: 'It is made by: autogit stack up',
    });
  return connectPeople(placeOf({ stack: rendering.stack, secrets }, rootOf), token);
}

async function syncNow(
  answers: StackAnswers,
  {
    options,
    memory,
    asked,
  }: { readonly options: PeopleDeskOptions; readonly memory: Memory; readonly asked: Asked },
): Promise<SyncedPeople | null> {
  const onFile = await options.peopleFile.read(peopleFileOf(answers));
  // Without a file nobody is known, and nobody is changed.
  if (onFile === null) return null;
  const synced = await options.runs.aside(async (signal) =>
    syncPeople(onFile.people, {
      ...{ secrets: options.secrets, lab: answers.lab, signal, asked },
      gitlab: await gitlabOf(answers, options),
      authelia: autheliaOf(answers, options, signal),
    }),
  );
  if (synced === null) return null;
  noteSynced(onFile, synced, { answers, options, memory });
  return synced;
}

function noteSynced(
  { mark }: PeopleOnFile,
  { refused, actions }: SyncedPeople,
  { answers, options, memory }: { answers: StackAnswers; options: PeopleDeskOptions; memory: Memory },
): void {
  if (actions.length > 0) options.log.info('people were brought into step', { actions: actions.length });
  const now = options.clock.monotonic();
  const waiting = [...refused].filter(([, { key }]) => key === autheliaFailed);
  const since = waiting.length === 0 ? null : (memory.failingSince ?? now);
  const isOld = since !== null && now - since >= patienceMs;
  const first =
    [...refused].find(([, { key }]) => key !== autheliaFailed) ?? (isOld ? waiting[0] : undefined);
  Object.assign(memory, {
    ...{ mark, lookedAt: now, failingSince: since, pauseMs: since === null ? lookMs : longer(memory) },
    issue:
      first === undefined ? null : issueOf(answers.lab, `${first[0]}: ${first[1].message}`, first[1].next),
  });
}

/** GitLab is asked much each time. */
function longer({ pauseMs, failingSince }: Memory): number {
  return failingSince === null ? roundMs : Math.min(lookMs, Math.max(roundMs, pauseMs * 2));
}

function issueOf(lab: string, message: string, next: string): Issue {
  return {
    ...{ key: 'people.out-of-step', severity: 'warning', subject: `lab ${lab}`, next },
    message: `GitLab's people are not in step with the lab's. ${message}`,
  };
}

async function goRound(
  sync: PeopleDesk['sync'],
  { journal, clock, peopleFile, log, home }: PeopleDeskOptions,
  memory: Memory,
): Promise<void> {
  const standing = journal.standing();
  const answers = standing?.answers;
  if (
    answers === undefined ||
    standing?.isUp !== true ||
    peopleSource(answers) !== 'file' ||
    home.otherGitlab() !== null ||
    // As another GitLab: AutoGit has no way to it, and need not have one.
    isStaging(answers.tls)
  ) {
    Object.assign(memory, nothing);
    return;
  }
  let mark: string | null = null;
  try {
    const onFile = await peopleFile.read(peopleFileOf(answers));
    if (onFile === null) {
      Object.assign(memory, nothing);
      return;
    }
    mark = onFile.mark;
    if (mark === memory.mark && clock.monotonic() - memory.lookedAt < memory.pauseMs) return;
    await sync(answers);
  } catch (error) {
    const { key, message, next, retry } = toAutoGitError(error);
    const now = clock.monotonic();
    const since = memory.failingSince ?? now;
    // What mends itself costs little until then: it is looked at again in the next round.
    const pauseMs = retry ? 0 : longer(memory);
    Object.assign(memory, { mark, lookedAt: now, pauseMs, failingSince: since });
    log.info('people could not be brought into step', { key });
    if (retry && now - since < patienceMs) return;
    memory.issue = issueOf(answers.lab, message, next);
  }
}
