// What became of a wish to trust a root, in words.
import { describe, expect, it } from 'vitest';
import { summarize } from '../../../../main/plan/trust/summarize.ts';
import type { PlaceResult, SummaryOf } from '../../../../main/plan/trust/summarize.ts';

const of: SummaryOf = { verb: 'trust', dryRun: false, lab: 'casa', isRoot: false, platform: 'linux' };
const result = (
  outcome: PlaceResult['outcome'],
  change: Partial<PlaceResult['place']> = {},
  why: string | null = null,
): PlaceResult => ({
  ...{ outcome, why },
  place: {
    ...{ id: 'system', kind: 'system', label: 'Programs', path: '/anchors', state: 'trusted' },
    ...{ why: null, commands: [], ...change },
  },
});

describe('the summary of a change of trust', () => {
  it('names what was done, what was so already, what failed and why', () => {
    const { message, actions, error } = summarize(
      [
        result('done'),
        result('nothing', { label: 'Docker' }),
        result('failed', { label: 'Firefox' }, 'it is locked.'),
      ],
      of,
    );
    expect(message).toBe(
      'The root of the lab "casa" is trusted now: Programs. It was trusted already: Docker. Failed: Firefox: it is locked.',
    );
    expect(actions).toEqual([{ kind: 'trust', target: 'system', reason: 'Programs' }]);
    expect(error).toBeNull();
  });

  it('is an error only where nothing could be done', () => {
    expect(summarize([result('failed', {}, 'no.')], of).error).toMatchObject({ key: 'trust.failed' });
    expect(summarize([result('failed', {}, 'no.'), result('done')], of).error).toBeNull();
    expect(summarize([result('blocked')], of).error).toBeNull();
  });

  it('asks for lines to be pasted only where there are some', () => {
    expect(summarize([result('blocked', { commands: ['sudo true'] })], of).next).toContain('Paste');
    expect(summarize([result('blocked')], of).next).toBeNull();
  });

  it('says whose browsers root has looked at, and that browsers read roots at their start', () => {
    const { message } = summarize([result('done', { kind: 'nss' })], { ...of, isRoot: true });
    expect(message).toContain("only root's own were looked at");
    expect(message).toContain('started again');
    expect(summarize([result('done', { kind: 'engine' })], { ...of, isRoot: true }).message).not.toContain(
      'root:',
    );
  });

  it('speaks of what would be in a dry run', () => {
    expect(summarize([result('done')], { ...of, dryRun: true }).message).toContain(
      'would be trusted: Programs',
    );
    expect(summarize([result('done')], { ...of, dryRun: true, verb: 'untrust' }).message).toContain(
      'would be taken out',
    );
  });
});
