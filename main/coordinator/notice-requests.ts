// What the requests about notices do. The desk tells and mutes; a runner more is a change of the settings.
import type { Output, ParsedInput, StopSignal } from '../contract/contract.ts';
import { AutoGitError } from '../errors.ts';
import type { MuteKind, Notice } from '../model/notice.ts';
import type { NoticeDesk } from './notice-desk.ts';
import { toOutcome } from './outcome.ts';
import { changeSettings, requirePool } from './pool-requests.ts';
import type { RequestContext } from './requests.ts';

type Context = Pick<RequestContext, 'notices'>;

/** What the button of a notice mutes for. Minutes. */
const muteMinutes = 60;

/** `notice.list`. */
export async function listNotices(
  { open, limit }: ParsedInput<'notice.list'>,
  { notices }: Context,
): Promise<Output<'notice.list'>> {
  const all = notices.list().filter(({ endedAt }) => !open || endedAt === null);
  const { mutes, unread } = notices.summary();
  return { notices: all.slice(0, limit).map(copyOf), mutes: [...mutes], unread };
}

function copyOf(notice: Notice): Output<'notice.list'>['notices'][number] {
  return { ...notice, actions: [...notice.actions] };
}

/** `notice.watch`. */
export async function* watchNotices(
  { past }: ParsedInput<'notice.watch'>,
  { notices }: Context,
  signal: StopSignal,
): AsyncGenerator<Output<'notice.watch'>> {
  for await (const { change, notice, isSilent } of notices.watch(past, signal)) {
    yield { change, notice: copyOf(notice), isSilent };
  }
}

/** Throws `notice.unknown`. */
function requireNotice(id: number, notices: NoticeDesk): Notice {
  const notice = notices.notice(id);
  if (notice !== null) return notice;
  throw new AutoGitError({
    key: 'notice.unknown',
    message: `There is no notice ${id}, or it is too old to be kept.`,
    next: 'See what there is: autogit notice list',
  });
}

/** `notice.read`. Rejects with `notice.unknown`. */
export async function readNotice(
  { id, dryRun }: ParsedInput<'notice.read'>,
  { notices }: Context,
): Promise<Output<'notice.read'>> {
  if (id !== undefined) requireNotice(id, notices);
  if (dryRun)
    return toOutcome([], true, id === undefined ? 'All would be read.' : `Notice ${id} would be read.`);
  const read = notices.read(id ?? null);
  return toOutcome([], false, read === 0 ? 'That was read already.' : `Read: ${read}.`);
}

/** `notice.mute`. */
export async function muteNotices(
  { kind, minutes, dryRun }: ParsedInput<'notice.mute'>,
  { notices }: Context,
): Promise<Output<'notice.mute'>> {
  const what = kind === 'all' ? 'Notifications' : `Notifications of the kind ${kind}`;
  const [does, would] =
    minutes === 0
      ? [`${what} are shown again.`, `${what} would be shown again.`]
      : [
          `${what} are muted for ${durationOf(minutes)}.`,
          `${what} would be muted for ${durationOf(minutes)}.`,
        ];
  const mutes = dryRun ? notices.summary().mutes : notices.mute(kind, minutes * 60_000);
  const next = minutes === 0 ? null : `Hear them again: autogit notice mute ${kind} --minutes 0`;
  return { ...toOutcome([], dryRun, dryRun ? would : does, dryRun ? null : next), mutes: [...mutes] };
}

function durationOf(minutes: number): string {
  return minutes % 60 === 0 ? `${minutes / 60} h` : `${minutes} min`;
}

/** `notice.act`. Rejects with `notice.unknown`, `notice.no-such-action`, `pool.unknown`, and like a change of settings. */
export async function actOnNotice(
  { id, action, dryRun }: ParsedInput<'notice.act'>,
  context: RequestContext,
): Promise<Output<'notice.act'>> {
  const notice = requireNotice(id, context.notices);
  const offered = notice.actions.find((one) => one.action === action);
  if (offered === undefined) {
    throw new AutoGitError({
      key: 'notice.no-such-action',
      message: `Notice ${id} does not offer ${action}.`,
      next: `It offers: ${notice.actions.map((one) => one.action).join(', ') || 'nothing'}.`,
    });
  }
  const outcome = await carryOut(notice, action, dryRun, context);
  if (!dryRun) context.notices.read(id);
  return { ...outcome, route: offered.route };
}

async function carryOut(
  { kind, subject, title }: Notice,
  action: ParsedInput<'notice.act'>['action'],
  dryRun: boolean,
  context: RequestContext,
) {
  switch (action) {
    case 'open':
      return toOutcome([], dryRun, title);
    case 'mute': {
      const muted: MuteKind = kind === 'test' ? 'all' : kind;
      return muteNotices({ kind: muted, minutes: muteMinutes, dryRun }, context);
    }
    case 'add-runner': {
      const { max } = requirePool(subject, context.settings.current());
      const words = {
        done: `Pool "${subject}" may have ${max + 1} runners now.`,
        would: `Pool "${subject}" would be allowed ${max + 1} runners.`,
        next: `Take it back with: autogit pool set ${subject} --max ${max}`,
      };
      return changeSettings(context, dryRun, words, (present) => {
        const pool = requirePool(subject, present);
        const pools = present.pools.map((one) => (one === pool ? { ...pool, max: pool.max + 1 } : one));
        return { ...present, pools };
      });
    }
  }
}

/** `notice.test`. */
export async function testNotice(
  { dryRun }: ParsedInput<'notice.test'>,
  { notices }: Context,
): Promise<Output<'notice.test'>> {
  if (dryRun) return { ...toOutcome([], true, 'A notice would be sent.'), notice: null };
  const notice = copyOf(notices.test());
  const next = 'The desktop shows it; without one it stands in the history: autogit notice list';
  return { ...toOutcome([], false, 'A notice was sent.', next), notice };
}
