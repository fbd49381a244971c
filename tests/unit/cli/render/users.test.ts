// People of the lab as text.
import { describe, expect, it } from 'vitest';
import { renderNewUser, renderUsers } from '../../../../main/cli/render/users.ts';

const view = { width: 100, colour: false, now: 0 };
const outcome = { dryRun: false, actions: [], message: 'ana can sign in.', next: null };

describe('the people of the lab', () => {
  const gitlab = { state: 'active' as const, admin: false, username: 'ana' };
  const ana = {
    ...{ name: 'ana', displayName: 'Ana', email: 'ana@lab.home.arpa', groups: ['team'], disabled: false },
    ...{ admin: true, factors: ['totp' as const], gitlab, differences: [], decision: null },
  };

  it('stand in a table, with what is not in step below it', () => {
    const ben = {
      ...{ ...ana, name: 'ben', admin: false, disabled: true, factors: 'unknown' as const },
      ...{ gitlab: { ...gitlab, state: 'blocked' as const, username: 'ben2' }, groups: [] },
      differences: ['Somebody has blocked them in GitLab. \u001b[2J'],
    };
    const text = renderUsers(
      { source: 'file', sentence: 'Kept here.', users: [ana, ben], gitlabProblem: null },
      view,
    );
    expect(text).toMatch(/^Kept here\.\n\nNAME/);
    expect(text).toMatch(/^ana \* {2,}ana@lab\.home\.arpa {2,}active {2,}totp {2,}team$/m);
    expect(text).toMatch(/^ben \(not let in\) .* blocked as ben2 {2,}not known {2,}-$/m);
    expect(text).toContain('\nben: Somebody has blocked them in GitLab. \n');
    expect(text).not.toContain('\u001b');
  });

  it('are nobody, and that GitLab does not answer is said', () => {
    const list = { source: 'file' as const, sentence: 'Kept here.', users: [], gitlabProblem: 'It sleeps.' };
    expect(renderUsers(list, view)).toBe('Kept here.\nWhat GitLab knows of them is not known: It sleeps.\n');
  });

  it('are shown what is theirs once, with an address that can be copied whole', () => {
    const uri = `otpauth://totp/lab:ana?secret=${'A'.repeat(200)}`;
    const totp = { uri, secret: 'AAAA', qr: ['10', '01'] };
    const text = renderNewUser({ ...outcome, password: 'pass word', totp }, view);
    expect(text.split('\n')).toContain(uri);
    expect(text).toContain('pass word');
    expect(text.trimEnd().endsWith('ana can sign in.')).toBe(true);
    expect(renderNewUser({ ...outcome, password: null, totp: null }, view)).toBe('ana can sign in.\n');
  });
});
