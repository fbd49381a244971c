// What the tray says about the lab: icon, one sentence, a few lines, and what can be pressed. Pure.
import type { Snapshot } from '../main/contract/snapshot.ts';
import { plainLine } from '../main/model/plain-line.ts';
import type { LinkState } from './core-link.ts';

/** Each is a badge of its own on the same shape: resources/tray/. `working-1` to `working-9`, then `working-more`. */
export type TrayIcon =
  | 'starting'
  | 'idle'
  | 'waiting'
  | `working-${number}`
  | 'working-more'
  | 'attention'
  | 'stopped'
  | 'no-engine';

export interface TrayPool {
  readonly name: string;
  /** `gpu: 2 working, 3 waiting` */
  readonly label: string;
  readonly isPaused: boolean;
}

export interface TrayView {
  readonly icon: TrayIcon;
  /** The state in one sentence. */
  readonly tooltip: string;
  readonly lines: readonly string[];
  readonly pools: readonly TrayPool[];
  /** How many more pools there are than the menu has room for. */
  readonly morePools: number;
  /** `null`: there is none that could be opened. */
  readonly gitlab: string | null;
  readonly nextBackup: string | null;
  /** What can be switched now; `null` while there is no core to ask. */
  readonly turn: 'pause' | 'resume' | null;
  readonly turnLabel: string;
  readonly quit: string;
  /** What happens by itself, and can be hastened: the desktop quits once no job runs. */
  readonly isLeaving: boolean;
}

export interface TrayFacts {
  readonly link: LinkState;
  /** The newest one of the core that `link` speaks of; `null` before the first. */
  readonly snapshot: Snapshot | null;
  /** The desktop quits as soon as no job runs. */
  readonly isLeaving: boolean;
  /** Puts an instant (milliseconds since 1970) into words, as this machine writes it. */
  readonly time: (at: number) => string;
}

/** A menu of one screen has no more. */
const mostPools = 20;

function count(number: number, one: string, many = `${one}s`): string {
  return `${String(number)} ${number === 1 ? one : many}`;
}

function working({ jobs }: Snapshot): number {
  return jobs.filter(({ status }) => status === 'running' || status === 'canceling').length;
}

function iconOf(snapshot: Snapshot): TrayIcon {
  const { nodes, issues, jobs, mode } = snapshot;
  if (nodes.every(({ engine }) => engine.state === 'never')) return 'starting';
  if (nodes.every(({ engine }) => engine.state !== 'fresh')) return 'no-engine';
  if (issues.some(({ severity }) => severity === 'error')) return 'attention';
  if (mode !== 'serve') return 'stopped';
  const running = working(snapshot);
  if (running > 0) return running > 9 ? 'working-more' : `working-${running}`;
  return jobs.some(({ status }) => status === 'pending') ? 'waiting' : 'idle';
}

function linesOf(snapshot: Snapshot): readonly string[] {
  const { jobs, issues } = snapshot;
  const waiting = jobs.filter(({ status }) => status === 'pending').length;
  // A note is for whoever looks, not for the tray.
  const wrong = issues.filter(({ severity }) => severity !== 'info');
  const first = wrong.find(({ severity }) => severity === 'error') ?? wrong[0];
  return [
    `${count(working(snapshot), 'job')} running, ${String(waiting)} waiting`,
    ...(first === undefined ? [] : [first.message]),
    ...(wrong.length > 1 ? [`${count(wrong.length - 1, 'more thing')} to look at`] : []),
  ];
}

function poolOf({ name, paused, runners, waiting }: Snapshot['pools'][number]): TrayPool {
  const state = paused ? 'paused' : `${String(runners.busy)} working`;
  return { name, label: plainLine(`${name}: ${state}, ${String(waiting)} waiting`), isPaused: paused };
}

function quitLabel({ link, isLeaving, snapshot }: TrayFacts): string {
  if (link.kind === 'joined') return 'Quit the desktop (the core goes on)';
  const busy = snapshot === null ? 0 : workingRunners(snapshot);
  if (isLeaving) return `Quit now (${count(busy, 'job')} to finish)`;
  return busy > 0 ? 'Quit AutoGit…' : 'Quit AutoGit';
}

/** Runners of this lab that have a job now. */
export function workingRunners({ runners }: Snapshot): number {
  return runners.filter(({ state, jobId }) => state === 'busy' || (state === 'leaving' && jobId !== null))
    .length;
}

const nothing = {
  pools: [],
  morePools: 0,
  gitlab: null,
  nextBackup: null,
  turn: null,
  turnLabel: '',
} as const;

/** The same facts give the same view, so that a menu is only made anew when it says something else. */
export function trayView(facts: TrayFacts): TrayView {
  const { link, snapshot, isLeaving, time } = facts;
  const common = { ...nothing, quit: quitLabel(facts), isLeaving };
  if (link.kind === 'failed') {
    const [message, next] = [plainLine(link.error.message), plainLine(link.error.next)];
    return { ...common, icon: 'attention', tooltip: message, lines: [message, next] };
  }
  if (snapshot === null) {
    const tooltip = 'AutoGit is starting.';
    return { ...common, icon: 'starting', tooltip, lines: [tooltip] };
  }
  const { mode, pausedUntil, gitlab } = snapshot;
  const tooltip = plainLine(snapshot.sentence);
  const until = pausedUntil === undefined ? null : time(pausedUntil);
  return {
    ...common,
    icon: iconOf(snapshot),
    tooltip,
    lines: [tooltip, ...linesOf(snapshot).map((text) => plainLine(text))],
    pools: snapshot.pools.slice(0, mostPools).map(poolOf),
    morePools: Math.max(0, snapshot.pools.length - mostPools),
    gitlab: gitlab.state === 'ready' || gitlab.state === 'stale' ? gitlab.url : null,
    nextBackup: backupLine(snapshot, time),
    turn: mode === 'serve' ? 'pause' : 'resume',
    turnLabel: turnLabel(mode, until),
  };
}

/** What is done about backups now, or when the next one is due; `null`: none is planned. */
function backupLine({ backups, nextBackupAt }: Snapshot, time: (at: number) => string): string | null {
  const running = backups?.running ?? null;
  if (running !== null) {
    const words = { create: 'Backing up', restore: 'Restoring a backup' }[running.verb] ?? 'Checking backups';
    return running.share === null ? `${words}…` : `${words}: ${Math.floor(running.share * 100)} %`;
  }
  return nextBackupAt === undefined ? null : `Next backup: ${time(nextBackupAt)}`;
}

function turnLabel(mode: Snapshot['mode'], until: string | null): string {
  if (mode === 'serve') return 'Pause everything for 1 h';
  return until === null ? 'Paused: serve the queue again' : `Paused until ${until}: go on now`;
}
