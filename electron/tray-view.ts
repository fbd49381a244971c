// What the tray says about the lab: icon, one sentence, a few lines.
import type { Snapshot } from '../main/contract/snapshot.ts';
import type { LinkState } from './core-link.ts';

/** Each is a badge of its own on the same shape: resources/tray/. */
export type TrayIcon = 'idle' | 'running' | 'waiting' | 'problem' | 'unknown';

export interface TrayView {
  readonly icon: TrayIcon;
  /** The state in one sentence. */
  readonly tooltip: string;
  readonly lines: readonly string[];
  /** What can be switched now; `null` while there is no core to ask. */
  readonly turn: 'drain' | 'resume' | null;
  readonly quit: string;
}

/** Menus and tooltips have one line and no end: names of strangers may be in it. */
const longestLine = 100;

function line(text: string): string {
  // A stranger's name may have megabytes; what is cut here is cut again below.
  const plain = text
    .slice(0, 8 * longestLine)
    .replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ')
    .trim();
  const letters = Array.from(new Intl.Segmenter().segment(plain), ({ segment }) => segment);
  return letters.length > longestLine ? `${letters.slice(0, longestLine - 1).join('')}…` : plain;
}

function count(number: number, one: string, many = `${one}s`): string {
  return `${String(number)} ${number === 1 ? one : many}`;
}

function iconOf({ nodes, issues, jobs }: Snapshot): TrayIcon {
  if (issues.some(({ severity }) => severity === 'error')) return 'problem';
  if (nodes.every(({ engine }) => engine.state !== 'fresh')) return 'unknown';
  if (jobs.some(({ status }) => status === 'running')) return 'running';
  if (jobs.some(({ status }) => status === 'pending')) return 'waiting';
  return 'idle';
}

function linesOf({ jobs, runners, issues, mode }: Snapshot): readonly string[] {
  const running = jobs.filter(({ status }) => status === 'running').length;
  const waiting = jobs.filter(({ status }) => status === 'pending').length;
  const alive = runners.filter(({ state }) => state !== 'finished' && state !== 'lost').length;
  // A note is for whoever looks, not for the tray.
  const wrong = issues.filter(({ severity }) => severity !== 'info');
  const first = wrong.find(({ severity }) => severity === 'error') ?? wrong[0];
  return [
    `${count(running, 'job')} running, ${String(waiting)} waiting`,
    mode === 'serve' ? count(alive, 'runner') : `${count(alive, 'runner')}, no new ones are started`,
    ...(first === undefined ? [] : [first.message]),
    ...(wrong.length > 1 ? [`${count(wrong.length - 1, 'more thing')} to look at`] : []),
  ];
}

/** `snapshot`: the newest one of the core that `link` speaks of; `null` before the first. */
export function trayView(link: LinkState, snapshot: Snapshot | null): TrayView {
  const quit =
    link.kind === 'joined' ? 'Quit the desktop (the core goes on)' : 'Quit AutoGit (runners go on)';
  if (link.kind === 'failed') {
    const { message, next } = link.error;
    return { icon: 'problem', tooltip: line(message), lines: [line(message), line(next)], turn: null, quit };
  }
  if (snapshot === null) {
    const tooltip = 'AutoGit is starting.';
    return { icon: 'unknown', tooltip, lines: [tooltip], turn: null, quit };
  }
  const tooltip = line(snapshot.sentence);
  return {
    icon: iconOf(snapshot),
    tooltip,
    lines: [tooltip, ...linesOf(snapshot).map(line)],
    turn: snapshot.mode === 'serve' ? 'drain' : 'resume',
    quit,
  };
}
