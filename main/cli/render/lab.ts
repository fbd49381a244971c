// The state of the lab as text: engines, pools, runners, issues, and all of it together.
import type { Output } from '../../contract/contract.ts';
import type { EngineStatus, GitlabStatus, PoolView, RunnerView, Snapshot } from '../../contract/snapshot.ts';
import { renderJobs } from './jobs.ts';
import { renderPairs, renderTable } from './table.ts';
import type { Cell } from './table.ts';
import { ago, clean, clockTime, count, duration, gigabytes, paint, seconds, wrap } from './text.ts';
import type { Tone, View } from './text.ts';

/** An engine in a few words: `Docker 20.10.24, root`. */
export function engineWords(engine: EngineStatus): string {
  if (engine.kind === null) return engine.problem?.message ?? 'not looked at yet';
  const name = engine.kind === 'docker' ? 'Docker' : 'Podman';
  const rights = engine.rootless === null ? '' : engine.rootless ? ', rootless' : ', root';
  const stale = engine.state === 'fresh' ? '' : `, ${engine.state}`;
  return `${name} ${engine.version ?? ''}${rights}${stale}`;
}

function gitlabWords(gitlab: GitlabStatus, view: View): string {
  if (gitlab.kind === 'none') return 'none set up';
  const name = gitlab.kind === 'sandbox' ? 'sandbox, ' : '';
  const where = gitlab.url === null ? '' : ` at ${gitlab.url}`;
  const read = gitlab.readAt === null ? '' : `, queue read ${ago(gitlab.readAt, view.now)}`;
  return `${name}${gitlab.state}${where}${read}`;
}

const runnerTones: Readonly<Record<RunnerView['state'], Tone>> = {
  starting: 'warn',
  prepared: 'warn',
  warm: 'quiet',
  idle: 'quiet',
  busy: 'busy',
  leaving: 'quiet',
  finished: 'quiet',
  lost: 'bad',
};

const modeWords: Readonly<Record<Snapshot['mode'], string>> = {
  serve: 'serving the queue',
  drain: 'draining: no new runners',
  teardown: 'tearing down: everything leaves',
};

function poolWords(pool: PoolView): string {
  const { starting, idle, busy, leaving } = pool.runners;
  return `${pool.name}: ${starting + idle + busy + leaving} of ${pool.max} runners, ${pool.waiting} waiting`;
}

/** How long a drain lasts that ends by itself. */
function pauseWords({ pausedUntil }: Pick<Snapshot, 'pausedUntil'>, view: View): string {
  if (pausedUntil === undefined) return '';
  return `, for ${duration(Math.max(0, pausedUntil - view.now))} more (until ${clockTime(pausedUntil)})`;
}

/** `autogit status`. */
export function renderStatus(status: Output<'status.show'>, view: View): string {
  const troubled = (problem: unknown): { tone?: Tone } => (problem === null ? {} : { tone: 'bad' });
  const pairs: (readonly [string, Cell | string])[] = [
    ...status.nodes.map(
      ({ name, engine }) =>
        [
          'Engine',
          {
            text: `${engineWords(engine)}${status.nodes.length > 1 ? ` (${name})` : ''}`,
            ...troubled(engine.problem),
          },
        ] as const,
    ),
    ['GitLab', { text: gitlabWords(status.gitlab, view), ...troubled(status.gitlab.problem) }],
    ...status.pools.map((pool) => ['Pool', poolWords(pool)] as const),
    ['Mode', `${modeWords[status.mode]}${pauseWords(status, view)}`],
    ['Home', status.home],
  ];
  const tasks = status.tasks.map((task) => {
    const done = task.progress === null ? '' : `, ${task.progress.status}`;
    return ['Now', `${task.reason}${done} (${duration(view.now - task.startedAt)})`] as const;
  });
  const sentence = wrap(clean(status.sentence), view.width).map((line) => paint(line, 'strong', view));
  const issues = status.issues.length === 0 ? '' : `\n${renderIssues(status.issues, view)}`;
  return `${sentence.join('\n')}\n\n${renderPairs([...pairs, ...tasks], view)}${issues}`;
}

/** `4 cpus, 6 GB`; `-` where there is no limit. */
export function limitWords({ cpus, memoryMiB }: Pick<PoolView, 'cpus' | 'memoryMiB'>): string {
  const cpuWords = cpus === null ? [] : [count(cpus, 'cpu')];
  return [...cpuWords, ...(memoryMiB === null ? [] : [gigabytes(memoryMiB)])].join(', ') || '-';
}

const proofTones: Readonly<Record<NonNullable<PoolView['proof']>['state'], Tone>> = {
  proven: 'good',
  failed: 'bad',
  unproven: 'warn',
  running: 'busy',
};

/** `proven 2 h ago`; `-` where pools are not proven. */
export function proofCell(proof: PoolView['proof'], view: View): Cell {
  if (proof === undefined) return { text: '-' };
  const { state, at } = proof;
  const text = at === null || state === 'running' ? state : `${state} ${ago(at, view.now)}`;
  return { text, tone: proofTones[state] };
}

/** `autogit pool list`. */
export function renderPools(pools: readonly PoolView[], view: View): string {
  if (pools.length === 0) return 'There is no pool. Add one in the settings: autogit settings show\n';
  return renderTable<PoolView>(
    [
      { title: 'POOL', cell: (pool) => pool.name },
      {
        title: 'WAITING',
        cell: (pool) => ({ text: String(pool.waiting), ...(pool.waiting > 0 ? { tone: 'warn' } : {}) }),
      },
      { title: 'BUSY', cell: (pool) => String(pool.runners.busy) },
      { title: 'IDLE', cell: (pool) => String(pool.runners.idle) },
      { title: 'STARTING', cell: (pool) => String(pool.runners.starting) },
      { title: 'MAX', cell: (pool) => String(pool.max) },
      {
        title: 'TAGS',
        cell: (pool) => [...pool.tags, ...(pool.runUntagged ? ['(untagged)'] : [])].join(', '),
      },
      { title: 'IDLE TIME', cell: (pool) => seconds(pool.idleTime) },
      { title: 'LIMITS', cell: limitWords },
      ...(pools.some(({ arch }) => arch !== undefined) ? [{ title: 'PROCESSOR', cell: processorCell }] : []),
      ...(pools.some(({ proof }) => proof !== undefined)
        ? [{ title: 'PROOF', cell: ({ proof }: PoolView) => proofCell(proof, view) }]
        : []),
    ],
    pools,
    view,
  );
}

/** What is emulated is slow, and says so wherever it shows. */
function processorCell({
  arch,
  emulated,
}: PoolView): string | { readonly text: string; readonly tone: Tone } {
  if (arch === undefined) return '-';
  return emulated === undefined ? arch : { text: `${arch}, emulated`, tone: 'warn' };
}

/** `autogit runner list`. */
export function renderRunners(runners: readonly RunnerView[], view: View): string {
  if (runners.length === 0) return 'No runner is alive. One appears when a job waits.\n';
  return renderTable<RunnerView>(
    [
      { title: 'RUNNER', cell: (runner) => runner.id },
      { title: 'STATE', cell: (runner) => ({ text: runner.state, tone: runnerTones[runner.state] }) },
      { title: 'JOB', cell: (runner) => (runner.jobId === null ? '-' : String(runner.jobId)) },
      { title: 'POOL', cell: (runner) => runner.pool },
      { title: 'SINCE', cell: (runner) => ago(runner.createdAt, view.now) },
      { title: 'CONTAINER', cell: (runner) => runner.name },
    ],
    runners,
    view,
  );
}

const severityTones: Readonly<Record<'info' | 'warning' | 'error', Tone>> = {
  info: 'quiet',
  warning: 'warn',
  error: 'bad',
};

/** `autogit issue list`: cause beside symptom, and the next step. */
export function renderIssues(issues: Output<'issue.list'>, view: View): string {
  if (issues.length === 0) return 'Nothing is wrong.\n';
  const indented = (text: string): readonly string[] =>
    wrap(clean(text), Math.max(10, view.width - 2)).map((line) => `  ${line}`);
  return issues
    .map((issue) => {
      const head = paint(`${issue.severity} ${clean(issue.subject)}`, severityTones[issue.severity], view);
      return [
        head,
        ...indented(issue.message),
        ...indented(issue.next),
        `  ${paint(issue.key, 'quiet', view)}`,
      ]
        .map((line) => `${line}\n`)
        .join('');
    })
    .join('\n');
}

/** `autogit snapshot`. */
export function renderSnapshot(snapshot: Snapshot, view: View): string {
  return [
    renderStatus(snapshot, view),
    renderRunners(snapshot.runners, view),
    renderJobs(snapshot.jobs, view),
  ].join('\n');
}

/** `autogit snapshot follow`: one line for every change. */
export function renderChange(snapshot: Snapshot, view: View): string {
  const time = clockTime(snapshot.at);
  return `${paint(time, 'quiet', view)}  ${clean(snapshot.sentence)}\n`;
}

/** `autogit snapshot changes`: one line for every change. */
export function renderNews(news: Output<'snapshot.changes'>, view: View): string {
  if (news.kind === 'whole') return renderChange(news.snapshot, view);
  const rows = [...news.jobs.put, ...news.runners.put].map((row) => clean(row.name));
  const text = news.rest?.sentence ?? rows.join(', ');
  return `${paint(clockTime(news.at), 'quiet', view)}  ${clean(text)}\n`;
}

/** `autogit lab objects`. */
export function renderObjects(objects: Output<'lab.objects'>, view: View): string {
  const rows = [
    ...objects.containers.map((name) => ({ kind: 'container', name })),
    ...objects.networks.map((name) => ({ kind: 'network', name })),
    ...objects.volumes.map((name) => ({ kind: 'volume', name })),
  ];
  if (rows.length === 0) return 'Nothing of this home is on the engine.\n';
  return renderTable<{ kind: string; name: string }>(
    [
      { title: 'NAME', cell: (row) => row.name },
      { title: 'KIND', cell: (row) => row.kind },
    ],
    rows,
    view,
  );
}

/** `autogit sandbox status`. */
export function renderSandbox(sandbox: Output<'sandbox.status'>, view: View): string {
  return renderPairs(
    [
      ['Sandbox', { text: sandbox.state, tone: sandbox.state === 'running' ? 'good' : 'quiet' }],
      ['Address', sandbox.url ?? '-'],
    ],
    view,
  );
}

/** `autogit sandbox access`. */
export function renderAccess(access: Output<'sandbox.access'>, view: View): string {
  const wide = { ...view, width: Infinity };
  return renderPairs(
    [
      ['Address', access.url ?? 'none: the sandbox does not run'],
      ['User', access.username],
      ['Token', access.token ?? 'none yet: autogit sandbox start'],
    ],
    wide,
  );
}
