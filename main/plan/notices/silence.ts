// Why a notice would not be shown now: its kind is off, somebody has muted it, or these are quiet hours.
import type { Mute, Notice, Silence } from '../../model/notice.ts';
import type { NoticeSettings } from '../../model/notice-settings.ts';

const dayMinutes = 24 * 60;

/** `07:30` → 450. */
function minutesOf(time: string): number {
  const [hours = '0', minutes = '0'] = time.split(':');
  return Number(hours) * 60 + Number(minutes);
}

/** `offset`: minutes by which the clock of the place is ahead of UTC. Quiet hours that end where they begin are a whole day. */
export function isQuiet(
  { on, from, to }: NoticeSettings['quietHours'],
  now: number,
  offset: number,
): boolean {
  if (!on) return false;
  const minute = Math.floor(now / 60_000 + offset);
  const time = ((minute % dayMinutes) + dayMinutes) % dayMinutes;
  const [start, end] = [minutesOf(from), minutesOf(to)];
  return start < end ? time >= start && time < end : time >= start || time < end;
}

/** Mutes that still hold. One that would hold for longer than any can was made by a clock that was ahead. */
export function liveMutes(mutes: readonly Mute[], now: number): readonly Mute[] {
  return mutes.filter(({ until }) => until > now && until - now <= longestMuteMs);
}

/** Milliseconds. */
const longestMuteMs = 24 * 3_600_000;

/** `null`: it is shown. */
export function silenceOf(
  kind: Exclude<Notice['kind'], 'test'>,
  settings: NoticeSettings,
  mutes: readonly Mute[],
  { now, offset }: { readonly now: number; readonly offset: number },
): Silence | null {
  if (!settings.kinds[kind]) return 'off';
  if (liveMutes(mutes, now).some((mute) => mute.kind === 'all' || mute.kind === kind)) return 'muted';
  return isQuiet(settings.quietHours, now, offset) ? 'quiet-hours' : null;
}
