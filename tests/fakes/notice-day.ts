// A bad day of a lab: one of everything that a person may be told of goes on at night and at noon.
import { createNoticeOwners } from '../../main/coordinator/notice-owners.ts';
import type { NoticeSettings } from '../../main/model/notice-settings.ts';
import type { NoticeWorld } from '../../main/plan/notices/world.ts';
import { recordedLog } from './fake-context.ts';
import {
  calmWorld,
  createNoticeLab,
  hour,
  minute,
  monday,
  someIssue,
  someJob,
  waitingWorld,
} from './notice-lab.ts';

const problem = { key: 'gitlab.unreachable', message: 'Nothing answers.', next: 'Start it.' };
const keys = [
  'gpu.lost',
  'host.disk-low',
  'stack.certificate-ending',
  'backup.failed',
  'stack.restart-storm',
  'update.available',
];

const troubles: readonly NoticeWorld[] = [
  { ...waitingWorld(7), issues: keys.map((key) => someIssue({ key })) },
  waitingWorld(40),
  { ...calmWorld, nodes: [{ id: 'n', name: 'local', engine: { state: 'failed', problem } }] },
  { ...calmWorld, gitlab: { kind: 'server', state: 'failed', url: null, problem } },
  { ...calmWorld, jobs: [someJob({ id: 9, status: 'failed', finishedAt: monday + 12 * hour })] },
];

/** Titles and silences of everything that is told on that day. */
export async function toldWith(
  settings: NoticeSettings,
): Promise<readonly (readonly [string, string | null])[]> {
  const gitlab = { self: () => Promise.resolve('root'), jobOwner: () => Promise.resolve('ana') };
  const clock = { now: () => monday };
  const owners = createNoticeOwners({
    gitlab: () => gitlab,
    clock,
    log: recordedLog(),
    onNews: () => undefined,
  });
  await owners.ask([{ id: 9, projectId: 1 }], settings);
  const told = [12, 23].flatMap((at) =>
    troubles.flatMap((world) => {
      const lab = createNoticeLab({ now: monday + at * hour, settings });
      lab.own = owners.known(settings);
      lab.look(calmWorld);
      lab.live(10 * minute, world);
      return lab.told;
    }),
  );
  return told.map(({ notice }) => [notice.title, notice.silent] as const);
}
