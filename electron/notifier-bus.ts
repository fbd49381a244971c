// Banners of a Linux desktop, through its own service. https://specifications.freedesktop.org/notification-spec/latest/
import type { BusValue } from './bus-values.ts';
import type { Banner, Notifier, OnAction } from './notifier.ts';
import { joinSessionBus } from './session-bus.ts';
import type { BusSignal, SessionBus } from './session-bus.ts';

const service = 'org.freedesktop.Notifications';
const at = { destination: service, path: '/org/freedesktop/Notifications', interface: service } as const;
/** The name of the application's desktop entry, by which a desktop finds its own rules for it. */
const desktopEntry = 'autogit-desktop';
const urgencies = { low: 0, normal: 1 } as const;

export interface BusNotifierOptions {
  /** Of the session bus. */
  readonly address: string | undefined;
  /** A file. */
  readonly icon: string;
  readonly onAction: OnAction;
}

interface Shown {
  readonly id: number;
  /** What a click on the banner itself does. */
  readonly first: string | null;
}

/** The bus is joined with the first banner, and anew after it has gone. */
export function createBusNotifier(options: BusNotifierOptions): Notifier {
  return new BusNotifier(options);
}

class BusNotifier implements Notifier {
  readonly #options: BusNotifierOptions;
  readonly #shown = new Map<string, Shown>();
  #bus: Promise<Desk> | null = null;
  /** Banners one after the other: the number of the one before is what the next takes the place of. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: BusNotifierOptions) {
    this.#options = options;
  }

  canShow(): Promise<boolean> {
    return this.#desk().then(
      () => true,
      () => false,
    );
  }

  show(banner: Banner): Promise<boolean> {
    return this.#inTurn(async () => {
      const desk = await this.#desk();
      const before = this.#shown.get(banner.key)?.id ?? 0;
      const id = await desk.notify(banner, before, this.#options.icon);
      this.#shown.set(banner.key, { id, first: banner.actions[0]?.id ?? null });
      return true;
    }, false);
  }

  close(key: string): Promise<void> {
    return this.#inTurn(async () => {
      const known = this.#shown.get(key);
      if (known === undefined) return;
      this.#shown.delete(key);
      await (await this.#desk()).close(known.id);
    }, undefined);
  }

  async end(): Promise<void> {
    await Promise.all([...this.#shown.keys()].map((key) => this.close(key)));
    const desk = await this.#bus?.catch(() => null);
    desk?.bus.close();
  }

  #inTurn<T>(work: () => Promise<T>, otherwise: T): Promise<T> {
    const done = this.#last.then(work).catch(() => otherwise);
    this.#last = done;
    return done;
  }

  async #desk(): Promise<Desk> {
    const known = await this.#bus?.catch(() => null);
    if (known?.bus.isOpen() === true) return known;
    // Numbers of a service that has gone are nobody's.
    this.#shown.clear();
    const joining = enter(this.#options.address, (signal) => this.#hear(signal));
    this.#bus = joining;
    return joining;
  }

  #hear({ member, body: [id, word] }: BusSignal): void {
    const found = [...this.#shown].find(([, shown]) => shown.id === id);
    if (found === undefined) return;
    const [key, { first }] = found;
    if (member === 'NotificationClosed') this.#shown.delete(key);
    if (member !== 'ActionInvoked' || typeof word !== 'string') return;
    const action = word === 'default' ? first : word;
    if (action !== null) this.#options.onAction(key, action);
  }
}

interface Desk {
  readonly bus: SessionBus;
  notify(banner: Banner, replaces: number, icon: string): Promise<number>;
  close(id: number): Promise<void>;
}

async function enter(address: string | undefined, onSignal: (signal: BusSignal) => void): Promise<Desk> {
  const bus = await joinSessionBus(address);
  try {
    const [able] = await bus.call({ ...at, member: 'GetCapabilities' });
    const can = (word: string): boolean => Array.isArray(able) && able.includes(word);
    await bus.follow(service, onSignal);
    return {
      bus,
      notify: async (banner, replaces, icon) => {
        const body = notifyBody(banner, replaces, {
          icon,
          hasMarkup: can('body-markup'),
          hasActions: can('actions'),
        });
        const [id] = await bus.call({ ...at, member: 'Notify', signature: 'susssasa{sv}i', body });
        return Number(id);
      },
      close: async (id) => {
        await bus.call({ ...at, member: 'CloseNotification', signature: 'u', body: [id] });
      },
    };
  } catch (error) {
    bus.close();
    throw error;
  }
}

/** What the service is sent: strangers' text is text, whatever it reads into bodies. */
export function notifyBody(
  { title, body, urgency, isSilent, actions }: Banner,
  replaces: number,
  on: { readonly icon: string; readonly hasMarkup: boolean; readonly hasActions: boolean },
): readonly BusValue[] {
  const [first, ...more] = on.hasActions ? actions : [];
  const buttons = [
    ...(first === undefined ? [] : ['default', first.label, first.id, first.label]),
    ...more.flatMap(({ id, label }) => [id, label]),
  ];
  const hints = [
    ['urgency', { signature: 'y', value: urgencies[urgency] }],
    ['desktop-entry', { signature: 's', value: desktopEntry }],
    ['suppress-sound', { signature: 'b', value: isSilent }],
  ];
  const text = on.hasMarkup ? escapeMarkup(body) : withoutTags(body);
  // -1: the desktop decides how long it stays.
  return ['AutoGit', replaces, on.icon, title, text, buttons, hints, -1];
}

/** Some services read tags without saying so (dunst 1.9 with a configuration of one's own): these look like what they were. */
function withoutTags(text: string): string {
  return text.replaceAll('<', '‹').replaceAll('>', '›');
}

/** A body is a small kind of HTML for services that say so. */
function escapeMarkup(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
