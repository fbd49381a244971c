// What a person is told without asking: one notice for one matter, from when it is told until it is over.
import { z } from 'zod';
import { severities } from './issue.ts';

/** What can be switched off one by one. */
export const noticeKinds = [
  'job-spike',
  'job-failed',
  'gpu',
  'disk',
  'certificate',
  'backup',
  'restarts',
  'engine',
  'gitlab',
  'update',
] as const;
export type NoticeKind = (typeof noticeKinds)[number];

/** Why a notice is kept in the history and not shown. */
export const silences = ['quiet-hours', 'muted', 'off'] as const;
export type Silence = (typeof silences)[number];

export const noticeActions = ['open', 'add-runner', 'mute'] as const;
export type NoticeActionName = (typeof noticeActions)[number];

const instant = z.number().describe('milliseconds since 1970');

export const noticeActionSchema = z.object({
  action: z.enum(noticeActions),
  /** On a button. */
  label: z.string(),
  /** Of `open`: the address of the page, as it stands behind the `#`; of others `null`. */
  route: z.string().nullable(),
});

export const noticeSchema = z.object({
  /** Grows by one with every notice of this home. */
  id: z.int(),
  /** `test` is one that somebody asked for, to see that notices come. */
  kind: z.enum([...noticeKinds, 'test']),
  /** What it is about: a card, a disk, a pool, a project. */
  subject: z.string(),
  /** One line each, of plain text: nothing in it is markup. */
  title: z.string(),
  body: z.string(),
  severity: z.enum(severities),
  at: instant,
  updatedAt: instant,
  /** When the matter was over; `null`: it goes on. */
  endedAt: instant.nullable(),
  readAt: instant.nullable(),
  /** Why it was not shown; `null`: it was. */
  silent: z.enum(silences).nullable(),
  /** The first is what a click on the notice does. */
  actions: z.array(noticeActionSchema),
});

export type Notice = Readonly<z.infer<typeof noticeSchema>>;
export type NoticeAction = Readonly<z.infer<typeof noticeActionSchema>>;

/**
 * `show`: a notice that is new. `update`: it says something else now, or was read. `close`: its matter is over, and what
 * shows it can go.
 */
export const noticeChanges = ['show', 'update', 'close'] as const;

export interface NoticeChange {
  readonly change: (typeof noticeChanges)[number];
  readonly notice: Notice;
  /** Nobody is to be disturbed by this change: it is for the history, or only makes what is shown already say more. */
  readonly isSilent: boolean;
}

/** What mutes name: one kind, or all of them. */
export const muteKinds = ['all', ...noticeKinds] as const;
export type MuteKind = (typeof muteKinds)[number];

export const muteSchema = z.object({ kind: z.enum(muteKinds), until: instant });
export type Mute = Readonly<z.infer<typeof muteSchema>>;
