// What the desktop's preload gives to the page: questions and their answers, nothing that the shell sends by itself.
import { z } from 'zod';
import { nothing } from './define.ts';
import type { Answer } from './error.ts';

/** What the desktop offers besides the core. A page without it hides what needs it. */
export const desktopSchema = z.object({
  version: z.string(),
  electron: z.string(),
  /** Node's word for the system: `linux`, `darwin`, `win32`. */
  platform: z.string(),
  /** Starts at login; `unavailable`: this system has no way to do that. */
  startAtLogin: z.enum(['on', 'off', 'unavailable']),
  /** Whether anything shows its icon; without it the window is the only way in. */
  hasTray: z.boolean(),
  /** Whether notices can be shown. */
  hasNotifications: z.boolean(),
  /** Whose core it is: with one of another process, quitting ends nothing but the desktop. */
  core: z.enum(['own', 'joined', 'none']),
});

export type DesktopFacts = z.infer<typeof desktopSchema>;

/** Requests to the desktop itself. */
export const desktopRequests = {
  show: { input: nothing, output: desktopSchema },
  'start-at-login': { input: z.strictObject({ on: z.boolean() }), output: desktopSchema },
  /** As in the tray: asks where jobs run. Answers before it ends. */
  quit: { input: nothing, output: z.null() },
  /** The same, and it starts again: what was installed meanwhile takes effect. */
  restart: { input: nothing, output: z.null() },
} as const;

export type DesktopRequest = keyof typeof desktopRequests;
export type DesktopInput<N extends DesktopRequest> = z.input<(typeof desktopRequests)[N]['input']>;
export type DesktopOutput<N extends DesktopRequest> = z.output<(typeof desktopRequests)[N]['output']>;

/** What a stream gave since it was last asked: `done` once there will be no more. */
export interface StreamPart {
  readonly done: boolean;
  readonly items: readonly unknown[];
}

/** `window.autogit` in the desktop's window. A page that asks slowly is answered with the newest state. */
export interface Bridge {
  call(name: string, input: unknown): Promise<Answer<unknown>>;
  /** Answers with the id of the stream. */
  open(name: string, input: unknown): Promise<Answer<string>>;
  /** Waits until there is something. */
  next(id: string): Promise<Answer<StreamPart>>;
  close(id: string): Promise<Answer<null>>;
  /** One of `desktopRequests`. */
  desktop(name: string, input: unknown): Promise<Answer<unknown>>;
}
