// Notices as the page shows them: what goes on, the rest by days, and what their words mean.
import type { Output } from '../../main/contract/contract.ts';
import { noticeKinds } from '../../main/model/notice.ts';
import type { Mute, Notice, NoticeKind, Silence } from '../../main/model/notice.ts';
import { noticeSettingsSchema } from '../../main/model/notice-settings.ts';
import type { NoticeSettings } from '../../main/model/notice-settings.ts';
import type { Deed } from './deeds.ts';
import { duration } from './words.ts';
import { dateFormat } from '../language/locale.ts';
import { count, t } from '../language/strings.ts';

export type NoticeView = Output<'notice.list'>['notices'][number];

/** How the kinds are called, and what each of them tells. */
export const kindWords: Readonly<Record<NoticeKind, readonly [name: string, about: string]>> = {
  'job-spike': [t('Job spike'), t('Many more jobs wait than usual at this time of day')],
  'job-failed': [t('Failed jobs'), t('A job failed, and nobody has looked yet')],
  gpu: [t('Graphics cards'), t('A card is hot, lost or throws errors')],
  disk: [t('Disks'), t('A disk is nearly full, or cannot be written')],
  certificate: [t('Certificates'), t('One runs out soon, or was not renewed')],
  backup: [t('Backups'), t('One failed, or is overdue')],
  restarts: [t('Restarts'), t('Something ends again and again right after its start')],
  engine: [t('Container engine'), t('It does not answer')],
  gitlab: ['GitLab', t('It has not answered for five minutes')],
  update: [t('Updates'), t('There is a newer AutoGit')],
};

/** What a notice is of. */
export function kindName(kind: Notice['kind']): string {
  return kind === 'test' ? t('Test') : kindWords[kind][0];
}

const silenceNames: Readonly<Record<Silence, string>> = {
  'quiet-hours': t('Not shown: quiet hours'),
  muted: t('Not shown: muted'),
  off: t('Not shown: its kind is off'),
};

/** Why it was not shown; `null`: it was. */
export function silenceWords({ silent }: Pick<Notice, 'silent'>): string | null {
  return silent === null ? null : silenceNames[silent];
}

export function isUnread({ readAt, silent }: Pick<Notice, 'readAt' | 'silent'>): boolean {
  return readAt === null && silent !== 'off';
}

/** The notices with one that is new or another now. By their numbers; the newest last. */
export function withNotice(
  notices: ReadonlyMap<number, NoticeView>,
  notice: NoticeView,
): ReadonlyMap<number, NoticeView> {
  return new Map([...new Map(notices).set(notice.id, notice)].slice(-500));
}

export interface NoticeDay {
  /** Midnight by this machine's clock, milliseconds since 1970. */
  readonly day: number;
  readonly notices: readonly NoticeView[];
}

function midnightOf(at: number): number {
  return new Date(at).setHours(0, 0, 0, 0);
}

/** By the days on which they were told, the newest first. */
export function byDay(notices: readonly NoticeView[]): readonly NoticeDay[] {
  const days = new Map<number, NoticeView[]>();
  for (const notice of notices.toSorted((a, b) => b.at - a.at || b.id - a.id)) {
    const day = midnightOf(notice.at);
    days.set(day, [...(days.get(day) ?? []), notice]);
  }
  return [...days].map(([day, told]) => ({ day, notices: told }));
}

/** `Today`, `Yesterday`, or the day as this place writes it. */
export function dayName(day: number, now: number): string {
  const today = midnightOf(now);
  if (day === today) return t('Today');
  if (day === midnightOf(today - 1)) return t('Yesterday');
  return dayFormat.format(day);
}

const dayFormat = dateFormat({ dateStyle: 'full' });

/** The state in one sentence. */
export function noticesSentence(notices: readonly NoticeView[]): string {
  const open = notices.filter(({ endedAt }) => endedAt === null).length;
  const unread = notices.filter(isUnread).length;
  if (open === 0)
    return unread === 0
      ? t('Nothing needs you.')
      : count(unread, 'Nothing goes on, {{n}} unread.', 'Nothing goes on, {{n}} unread.');
  if (unread === 0)
    return count(open, '{{n}} matter goes on, nothing is unread.', '{{n}} matters go on, nothing is unread.');
  return t('{{matters}}, {{unread}}.', {
    matters: count(open, '{{n}} matter goes on', '{{n}} matters go on'),
    unread: count(unread, '{{n}} unread', '{{n}} unread'),
  });
}

/** What mutes now: those whose time is not over. */
export function muteWords({ kind, until }: Mute, now: number): string {
  const minutes = Math.max(1, Math.ceil((until - now) / 60_000));
  const span = duration(minutes * 60_000);
  return kind === 'all'
    ? t('Everything: muted for {{span}} more', { span })
    : t('{{kind}}: muted for {{span}} more', { kind: kindWords[kind][0], span });
}

/** What the settings say about notices; `null`: they are of another version. */
export function readNoticeSettings(settings: Readonly<Record<string, unknown>>): NoticeSettings | null {
  return noticeSettingsSchema.safeParse(settings['notices']).data ?? null;
}

/** In the order of the switches. */
export const switchedKinds: readonly NoticeKind[] = noticeKinds;

/** One runner more for the pool that a notice is about. */
export function runnerDeed({ id, title, subject }: NoticeView, label: string): Deed {
  return {
    ...{ title: t('One more runner'), effect: label, grave: false },
    note: [`${title}.`, t('The pool keeps this limit until it is changed again.')].join(' '),
    steps: [
      {
        words: t('Allow pool {{pool}} one more runner at a time', { pool: subject }),
        preview: (client) => client.call('notice.act', { id, action: 'add-runner', dryRun: true }),
        run: (client) => client.call('notice.act', { id, action: 'add-runner' }),
      },
    ],
    commands: [`autogit notice act ${id} add-runner`],
  };
}
