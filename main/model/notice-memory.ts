// What the planner of notices remembers from one look to the next, and over a restart.
import { z } from 'zod';
import { muteSchema, noticeSchema } from './notice.ts';

/** Half hours of a day, and of a week. */
export const daySlots = 48;
export const weekSlots = 7 * daySlots;

const levelSchema = z.object({
  /** Most jobs that waited at once in this part of the day, on the average of the days. */
  mean: z.number().min(0),
  /** How far a day is from that, on the average. */
  spread: z.number().min(0),
});

/** What is usual at one time of the day or of the week. */
export type Level = Readonly<z.infer<typeof levelSchema>>;

const levels = (most: number) =>
  z
    .array(z.tuple([z.int().min(0).lt(most), levelSchema]))
    .max(most)
    .transform((rows) => new Map(rows));

export const baselineSchema = z.object({
  /** By the half hour; what is missing is nothing at all. */
  day: levels(daySlots),
  week: levels(weekSlots),
  /** The half hour that goes on. */
  now: z
    .object({
      slot: z.int().min(0).lt(weekSlots),
      peak: z.number().min(0),
      /** For how long something was seen of it, in milliseconds. */
      seenMs: z.number().min(0),
      lastAt: z.number(),
    })
    .nullable(),
});

const jobSchema = z.object({
  id: z.int(),
  name: z.string(),
  project: z.string(),
  ref: z.string(),
  reason: z.string(),
});

const entrySchema = z.object({
  /** Two problems with the same are the same matter. */
  matter: z.string(),
  notice: noticeSchema,
  /** Since when its matter is not there; `null`: it is. */
  goneSince: z.number().nullable(),
  /** When the person was last disturbed by it; `null`: never. */
  toldAt: z.number().nullable(),
});

export const noticeMemorySchema = z.object({
  nextId: z.int().min(1),
  /** What goes on. */
  open: z.array(entrySchema).max(200),
  /** What ended a short while ago: if it comes again, it is the same notice. */
  ended: z.array(entrySchema).max(200),
  /** Matters that have not lasted long enough, by since when they are there. */
  pending: z.array(z.tuple([z.string(), z.number()])).max(1_000),
  baseline: baselineSchema,
  spike: z.object({
    /** What had to be passed; `null`: nothing out of the ordinary goes on. */
    limit: z.number().nullable(),
    /** Since when more, or few enough, wait. */
    above: z.number().nullable(),
    below: z.number().nullable(),
    /** When it began to last. */
    since: z.number().nullable(),
  }),
  failed: z.object({
    /** Failed jobs that have been told, or were there before; `null`: nothing was ever looked at. */
    known: z.array(z.int()).max(1_000).nullable(),
    /** Those that nobody has looked at yet, oldest first. */
    unread: z.array(jobSchema).max(50),
    /** How many they are with those that are not in the list any more. */
    count: z.int().min(0),
  }),
  mutes: z.array(muteSchema).max(20),
});

export type NoticeMemory = Readonly<z.infer<typeof noticeMemorySchema>>;
export type Baseline = Readonly<z.infer<typeof baselineSchema>>;
export type NoticeEntry = Readonly<z.infer<typeof entrySchema>>;
export type FailedJob = Readonly<z.infer<typeof jobSchema>>;

/** Of a home that has told nothing yet. */
export const emptyNoticeMemory: NoticeMemory = {
  ...{ nextId: 1, open: [], ended: [], pending: [], mutes: [] },
  baseline: { day: new Map(), week: new Map(), now: null },
  spike: { limit: null, above: null, below: null, since: null },
  failed: { known: null, unread: [], count: 0 },
};

/** As it is kept; `parseNoticeMemory` reads it. */
export function renderNoticeMemory(memory: NoticeMemory): string {
  const { day, week, now } = memory.baseline;
  return JSON.stringify({ ...memory, baseline: { day: [...day], week: [...week], now } });
}

/** `null` for what is none. */
export function parseNoticeMemory(value: unknown): NoticeMemory | null {
  return noticeMemorySchema.safeParse(value).data ?? null;
}
