// What the demo's session takes for a lost core, and how often it bears one.
import { afterEach, describe, expect, it } from 'vitest';
import type { CoreDoor } from '../../../../main/contract/contract.ts';
import { newDemo } from '../../../../main/cli/demo/model.ts';
import { openSession } from '../../../../main/cli/demo/session.ts';
import type { Session } from '../../../../main/cli/demo/session.ts';
import { AutoGitError } from '../../../../main/errors.ts';
import { createFakeCore } from '../../../fakes/fake-core.ts';

const record = { pid: 1, startedAt: 1, socket: 's', address: null };
const sessions: Session[] = [];
afterEach(async () => {
  for (const session of sessions.splice(0)) await session.close();
});

/** A session with a core that is found again at once, whatever it answers. */
function sessionWith(door: CoreDoor): { session: Session; found: () => number } {
  let found = 0;
  const find = (): Promise<{ record: typeof record; door: CoreDoor }> => {
    found += 1;
    return Promise.resolve({ record, door });
  };
  const session = openSession({
    source: { find, start: () => Promise.reject(new Error('not needed')), patienceMs: 1000 },
    link: { door, record, own: null },
    model: newDemo(1, 0),
    now: Date.now,
    hurry: new AbortController().signal,
    onChange: () => undefined,
  });
  sessions.push(session);
  return { session, found: () => found };
}

const failure = (key: string): AutoGitError => new AutoGitError({ key, message: 'm', next: 'n' });

describe('a core that is found again at once', () => {
  it('is given up when it is lost again and again', async () => {
    const core = createFakeCore();
    let calls = 0;
    const lost: CoreDoor['call'] = () => {
      calls += 1;
      if (calls > 50) throw new Error('asked for ever');
      return Promise.reject(failure('core.unreachable'));
    };
    const { session } = sessionWith({ call: lost, stream: core.stream });
    await expect(session.call('sandbox.start', {})).rejects.toMatchObject({ key: 'core.unreachable' });
    expect(calls).toBeLessThan(20);
  });

  it('is not asked again when it is of another version', async () => {
    const core = createFakeCore();
    const { session, found } = sessionWith(core);
    core.failNext('sandbox.start', failure('core.version-differs'));
    await expect(session.call('sandbox.start', {})).rejects.toMatchObject({ key: 'core.version-differs' });
    expect(found()).toBe(0);
  });

  it('ends the watching of one whose states it cannot read', async () => {
    const core = createFakeCore();
    core.failNext('snapshot.follow', failure('core.version-differs'));
    const { session } = sessionWith(core);
    await expect(session.until(() => false)).rejects.toMatchObject({ key: 'core.version-differs' });
  });
});
