// The tray's menu, in one screen: what is so, then what can be done about it.
import type { MenuItemConstructorOptions } from 'electron';
import type { TrayPool, TrayView } from './tray-view.ts';

export interface TrayActions {
  /** Opens the window, at a page of its own or where it was. */
  open(page?: 'pools' | 'settings'): void;
  openGitlab(): void;
  turn(to: 'pause' | 'resume'): void;
  turnPool(name: string, to: 'pause' | 'resume'): void;
  quit(): void;
}

/** As many stand in the menu itself; more have one of their own. */
const fewPools = 3;

/** An ampersand in a label marks a key; two are one that is shown. */
export function menuLabel(text: string): string {
  return text.replaceAll('&', '&&');
}

function said(text: string): MenuItemConstructorOptions {
  return { label: menuLabel(text), enabled: false };
}

function poolItem({ name, label, isPaused }: TrayPool, actions: TrayActions): MenuItemConstructorOptions {
  const to = isPaused ? 'resume' : 'pause';
  const words = isPaused ? 'Resume' : 'Pause';
  return { label: menuLabel(`${words} ${label}`), click: () => actions.turnPool(name, to) };
}

function poolItems({ pools, morePools }: TrayView, actions: TrayActions): MenuItemConstructorOptions[] {
  const items = pools.map((pool) => poolItem(pool, actions));
  const more = `${String(morePools)} more…`;
  if (morePools > 0) items.push({ label: more, click: () => actions.open('pools') });
  if (pools.length <= fewPools) return items;
  return [{ label: `Pools (${String(pools.length + morePools)})`, submenu: items }];
}

const separator = { type: 'separator' } as const;

/** What Electron builds the menu from. */
export function trayMenu(view: TrayView, actions: TrayActions): MenuItemConstructorOptions[] {
  const { lines, turn, turnLabel, quit, gitlab, nextBackup } = view;
  const pools = poolItems(view, actions);
  return [
    ...lines.map(said),
    ...(nextBackup === null ? [] : [said(nextBackup)]),
    separator,
    ...(pools.length === 0 ? [] : [...pools, separator]),
    { label: 'Open AutoGit', click: () => actions.open() },
    ...(gitlab === null ? [] : [{ label: 'Open GitLab', click: () => actions.openGitlab() }]),
    separator,
    ...(turn === null ? [] : [{ label: menuLabel(turnLabel), click: () => actions.turn(turn) }]),
    { label: 'Settings…', click: () => actions.open('settings') },
    { label: menuLabel(quit), click: () => actions.quit() },
  ];
}
