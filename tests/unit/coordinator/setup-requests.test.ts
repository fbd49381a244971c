// The answers of the first set-up: kept over a restart, bounded, and without secrets.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { openStore } from '../../../main/adapters/store/open-store.ts';
import { contract } from '../../../main/contract/contract.ts';
import { setupDraftSchema } from '../../../main/contract/requests/setup.ts';
import type { SetupDraft } from '../../../main/contract/requests/setup.ts';
import { forgetSetup, keepSetup, showSetup } from '../../../main/coordinator/setup-requests.ts';
import { noAnswers } from '../../../renderer/state/setup-steps.ts';
import { FakeClock } from '../../fakes/fake-clock.ts';
import { memoryStore } from '../../fakes/fake-context.ts';

const clock = new FakeClock();
const folders: string[] = [];

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

function draftWith(change: Partial<SetupDraft>): SetupDraft {
  return setupDraftSchema.parse({ ...noAnswers, ...change });
}

describe('the draft of the first set-up', () => {
  it('is nothing until somebody begins, and nothing again once it is forgotten', async () => {
    const context = { store: memoryStore(clock), clock };
    expect(await showSetup(context)).toEqual({ draft: null, keptAt: null });
    await keepSetup({ draft: draftWith({ way: 'install' }), dryRun: false }, context);
    expect(await showSetup(context)).toMatchObject({ draft: { way: 'install' }, keptAt: clock.now() });
    await forgetSetup({ dryRun: true }, context);
    expect((await showSetup(context)).draft).not.toBeNull();
    await forgetSetup({ dryRun: false }, context);
    expect(await showSetup(context)).toEqual({ draft: null, keptAt: null });
  });

  it('is there after the core was killed', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'autogit-setup-'));
    folders.push(folder);
    const open = () => openStore(path.join(folder, 'state.db'), { now: () => clock.now() });
    const before = open();
    await keepSetup(
      { draft: draftWith({ way: 'connect', step: 'connect' }), dryRun: false },
      {
        store: before,
        clock,
      },
    );
    // Not closed: as after a kill.
    const after = open();
    expect(await showSetup({ store: after, clock })).toMatchObject({ draft: { step: 'connect' } });
    before.close();
    after.close();
  });

  it('changes nothing when it is only asked what it would do', async () => {
    const context = { store: memoryStore(clock), clock };
    await keepSetup({ draft: draftWith({}), dryRun: true }, context);
    expect((await showSetup(context)).draft).toBeNull();
  });

  it('keeps no secret that was put into a place for something else', async () => {
    const context = { store: memoryStore(clock), clock };
    const draft = draftWith({
      connect: { url: 'https://root:hunter2@git.example.org', runnerUrl: '', ca: '' },
      answers: {
        tls: { mode: 'acme-dns', options: { CF_DNS_API_TOKEN: 'hunter2', OVH_ENDPOINT: 'ovh-eu' } },
      },
    });
    await keepSetup({ draft, dryRun: false }, context);
    const { draft: kept } = await showSetup(context);
    expect(JSON.stringify(kept)).not.toContain('hunter2');
    expect(kept?.answers).toEqual({ tls: { mode: 'acme-dns', options: { OVH_ENDPOINT: 'ovh-eu' } } });
  });

  it('has no place for a token, and a bound', () => {
    expect(setupDraftSchema.safeParse({ ...noAnswers, token: 'glpat-1' }).success).toBe(false);
    expect(
      setupDraftSchema.safeParse({ ...noAnswers, connect: { ...noAnswers.connect, token: 'glpat-1' } })
        .success,
    ).toBe(false);
    const wrong: readonly object[] = [
      { token: 'glpat-1' },
      { tls: { a: { b: { c: 'too deep' } } } },
      {
        templates: {
          mail: Object.fromEntries(Array.from({ length: 20 }, (_, at) => [`t${at}`, 'x'.repeat(4_000)])),
        },
      },
    ];
    for (const answers of wrong)
      expect(setupDraftSchema.safeParse({ ...noAnswers, answers }).success).toBe(false);
  });

  it('of another version of AutoGit, or broken, begins anew', async () => {
    const store = memoryStore(clock);
    store.setText('setup-draft', '{"way":"install","step":"of tomorrow"}');
    expect((await showSetup({ store, clock })).draft).toBeNull();
    store.setText('setup-draft', '{"way":');
    expect((await showSetup({ store, clock })).draft).toBeNull();
  });

  it('is not told in the audit each time that it is kept', () => {
    expect(contract['setup.keep'].isAudited).toBe(false);
    expect(contract['lab.drain'].isAudited).toBe(true);
  });
});
