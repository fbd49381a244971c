// How a person is told something outside the window: one banner for one matter, changed in place, with buttons.
import { Notification } from 'electron';
import { createBusNotifier } from './notifier-bus.ts';

export interface Banner {
  /** Of the matter: the next banner with the same takes the place of this one. */
  readonly key: string;
  /** Plain text, as all that follows. */
  readonly title: string;
  readonly body: string;
  /** Low: it is no reason to look up now. Nothing is ever graver than normal: that would go past do-not-disturb. */
  readonly urgency: 'low' | 'normal';
  readonly isSilent: boolean;
  /** Buttons; a click on the banner itself is the first. */
  readonly actions: readonly { readonly id: string; readonly label: string }[];
}

export interface Notifier {
  /** Whether anything shows banners here. */
  canShow(): Promise<boolean>;
  /** Resolves with whether somebody took it. Never rejects. */
  show(banner: Banner): Promise<boolean>;
  /** Takes it away, if it is still there. Never rejects. */
  close(key: string): Promise<void>;
  /** Takes all away. */
  end(): Promise<void>;
}

/** A button of a banner, or the banner itself, was pressed. */
export type OnAction = (key: string, action: string) => void;

/** The one of this system. `icon`: a file. */
export function createNotifier(icon: string, onAction: OnAction): Notifier {
  // On Linux Electron can neither change a banner in place nor give it buttons; the desktop's own service can.
  // https://www.electronjs.org/docs/latest/api/notification
  if (process.platform === 'linux') {
    return createBusNotifier({ address: process.env['DBUS_SESSION_BUS_ADDRESS'], icon, onAction });
  }
  return createSystemNotifier(icon, onAction);
}

function createSystemNotifier(icon: string, onAction: OnAction): Notifier {
  const shown = new Map<string, Notification>();
  const close = (key: string): void => {
    const known = shown.get(key);
    shown.delete(key);
    known?.close();
  };
  return {
    canShow: async () => Notification.isSupported(),
    show: async ({ key, title, body, urgency, isSilent, actions }) => {
      if (!Notification.isSupported()) return false;
      close(key);
      const [first, ...more] = actions;
      const notification = new Notification({
        ...{ title, body, icon, urgency, silent: isSilent },
        actions: more.map(({ label }) => ({ type: 'button', text: label })),
      });
      shown.set(key, notification);
      notification.on('click', () => (first === undefined ? undefined : onAction(key, first.id)));
      notification.on('action', ({ actionIndex }) => {
        const pressed = more[actionIndex];
        if (pressed !== undefined) onAction(key, pressed.id);
      });
      notification.show();
      return true;
    },
    close: async (key) => close(key),
    end: async () => {
      for (const key of [...shown.keys()]) close(key);
    },
  };
}
