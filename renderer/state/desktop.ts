// The desktop around the page, for what only that can do; a page in a browser has none, and hides it.
import { desktopRequests } from '../../main/contract/bridge.ts';
import type { Bridge, DesktopFacts } from '../../main/contract/bridge.ts';
import { readAnswer } from '../client.ts';

/** Every call rejects with `CoreError`. */
export interface DesktopClient {
  show(): Promise<DesktopFacts>;
  startAtLogin(on: boolean): Promise<DesktopFacts>;
  /** Asks first where jobs run. */
  quit(): Promise<void>;
  /** The same, and starts again. */
  restart(): Promise<void>;
}

/** `null` in a browser. */
export function desktopClient(bridge: Pick<Bridge, 'desktop'> | undefined): DesktopClient | null {
  if (bridge === undefined) return null;
  const { show, 'start-at-login': login } = desktopRequests;
  return {
    show: async () => show.output.parse(readAnswer(await bridge.desktop('show', {}))),
    startAtLogin: async (on) =>
      login.output.parse(readAnswer(await bridge.desktop('start-at-login', { on }))),
    quit: async () => void readAnswer(await bridge.desktop('quit', {})),
    restart: async () => void readAnswer(await bridge.desktop('restart', {})),
  };
}

/** The one of this page. */
export const desktop = desktopClient(window.autogit);
