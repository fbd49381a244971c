// Programs in jobs as a place of trust.
import { describe, expect, it } from 'vitest';
import { openSettingsAccess } from '../../../../main/coordinator/settings-access.ts';
import { jobsPlace, setJobsTrust } from '../../../../main/coordinator/stack/jobs-trust.ts';

async function open(gitlab: object) {
  const state = { text: JSON.stringify({ gitlab }), plans: 0 };
  const settings = await openSettingsAccess({
    path: '/home/settings.yaml',
    read: () => Promise.resolve(state.text),
    write: (text) => {
      state.text = text;
      return Promise.resolve();
    },
    keepBroken: () => Promise.resolve('copy'),
  });
  return { state, context: { settings, coordinator: { reconsider: () => void (state.plans += 1) } } };
}

const own = { kind: 'server', url: 'https://gitlab.test', ca: '/srv/root.pem' };

describe('jobs', () => {
  it('trust an own root from the beginning, until somebody says otherwise', async () => {
    const { state, context } = await open(own);
    expect(jobsPlace(context)).toMatchObject({ id: 'jobs', kind: 'jobs', state: 'trusted', why: null });
    expect(await setJobsTrust(context, false, false)).toMatchObject({ state: 'not-trusted' });
    expect(jobsPlace(context).state).toBe('not-trusted');
    expect(context.settings.current().gitlab).toMatchObject({ ...own, trustInJobs: false });
    expect(state.plans).toBe(1);
    expect(await setJobsTrust(context, true, false)).toMatchObject({ state: 'trusted' });
  });

  it('keep what they trust in a dry run', async () => {
    const { state, context } = await open(own);
    const before = state.text;
    expect(await setJobsTrust(context, false, true)).toMatchObject({ state: 'not-trusted' });
    expect([state.text, state.plans, jobsPlace(context).state]).toEqual([before, 0, 'trusted']);
  });

  it.each([{ kind: 'none' }, { kind: 'sandbox' }, { ...own, ca: null }])(
    'have nothing to be told without an own root: %j',
    async (gitlab) => {
      const { state, context } = await open(gitlab);
      const before = state.text;
      expect(jobsPlace(context).state).toBe('unavailable');
      expect(await setJobsTrust(context, true, false)).toMatchObject({ state: 'unavailable' });
      expect([state.text, state.plans]).toEqual([before, 0]);
    },
  );
});
