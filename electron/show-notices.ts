// Shows the core's notices as banners, and carries back what a person presses on them.
import type { Input, Output } from '../main/contract/contract.ts';
import { messageOf } from '../main/errors.ts';
import type { Notice } from '../main/model/notice.ts';
import { plainLine } from '../main/model/plain-line.ts';
import type { Banner, Notifier } from './notifier.ts';

type NoticeNews = Output<'notice.watch'>;

export interface NoticeDesk {
  /** News of the core. */
  take(news: NoticeNews): Promise<void>;
  /** A button was pressed; `false`: it is none of a notice. */
  press(key: string, action: string): Promise<boolean>;
  /** While the screen is locked nothing is shown on it; what still holds then comes afterwards. */
  lock(isLocked: boolean): Promise<void>;
}

/** What is asked of the core. */
export interface NoticeDoor {
  call(
    name: 'notice.act',
    input: Input<'notice.act'>,
  ): Promise<Pick<Output<'notice.act'>, 'route' | 'message'>>;
}

export interface NoticeDeskOptions {
  readonly notifier: Pick<Notifier, 'show' | 'close'>;
  readonly door: NoticeDoor;
  /** Opens the window at an address, as it stands behind the `#`. */
  readonly open: (route: string) => void;
}

/** Letters: what banners have room for. */
const [longestTitle, longestBody] = [100, 300];

export function keyOf({ id }: Pick<Notice, 'id'>): string {
  return `notice-${String(id)}`;
}

/** A notice as a banner. */
export function bannerOf(notice: Notice, isSilent: boolean): Banner {
  const { title, body, severity, actions } = notice;
  return {
    key: keyOf(notice),
    title: plainLine(title, longestTitle),
    body: plainLine(body, longestBody),
    urgency: severity === 'info' || isSilent ? 'low' : 'normal',
    isSilent,
    actions: actions.map(({ action, label }) => ({ id: action, label: plainLine(label) })),
  };
}

/** Holds what is shown, nothing more: the core decides what is told, and when. */
export function createNoticeDesk(options: NoticeDeskOptions): NoticeDesk {
  return new Showing(options);
}

class Showing implements NoticeDesk {
  readonly #options: NoticeDeskOptions;
  /** Shown, or waiting for the screen to be unlocked. */
  readonly #open = new Map<string, Notice>();
  readonly #waiting = new Set<string>();
  #isLocked = false;

  constructor(options: NoticeDeskOptions) {
    this.#options = options;
  }

  async take({ change, notice, isSilent }: NoticeNews): Promise<void> {
    const key = keyOf(notice);
    // One that somebody asked for is told as read, and shown all the same.
    const isOver = change === 'close' || (change === 'update' && notice.readAt !== null);
    if (isOver) {
      this.#forget(key);
      await this.#options.notifier.close(key);
      return;
    }
    // What is for the history alone changes what is shown, and shows nothing new.
    if (isSilent && !this.#open.has(key)) return;
    this.#open.set(key, notice);
    if (this.#isLocked) this.#waiting.add(key);
    else await this.#options.notifier.show(bannerOf(notice, isSilent));
  }

  async lock(isLocked: boolean): Promise<void> {
    this.#isLocked = isLocked;
    if (isLocked) return;
    const keys = [...this.#waiting];
    this.#waiting.clear();
    for (const key of keys) {
      const notice = this.#open.get(key);
      if (notice !== undefined) await this.#options.notifier.show(bannerOf(notice, false));
    }
  }

  async press(key: string, pressed: string): Promise<boolean> {
    const notice = this.#open.get(key);
    const action = notice?.actions.find((one) => one.action === pressed);
    if (notice === undefined || action === undefined) return false;
    const { notifier, door, open } = this.#options;
    try {
      const { route, message } = await door.call('notice.act', { id: notice.id, action: action.action });
      const target = route ?? action.route;
      if (action.action === 'open') open(target ?? '');
      this.#forget(key);
      if (action.action === 'add-runner') await notifier.show(this.#answer(notice, message));
      else await notifier.close(key);
    } catch (error) {
      // A page can be shown without the core's consent; anything else did not happen, and says so where it was pressed.
      if (action.action === 'open') open(action.route ?? '');
      else await notifier.show(this.#answer(notice, messageOf(error)));
    }
    return true;
  }

  #answer(notice: Notice, message: string): Banner {
    return { ...bannerOf(notice, true), body: plainLine(message, longestBody), actions: [] };
  }

  #forget(key: string): void {
    this.#open.delete(key);
    this.#waiting.delete(key);
  }
}
