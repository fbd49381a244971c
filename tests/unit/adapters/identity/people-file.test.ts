// Authelia's file of people: what AutoGit does not know stays, and nobody's change is lost.
import { writeFileSync } from 'node:fs';
import { chmod, lstat, mkdtemp, open, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createPeopleFile } from '../../../../main/adapters/identity/people-file.ts';
import { editPeople, readPeople } from '../../../../main/adapters/identity/people-text.ts';
import type { PersonEdit } from '../../../../main/model/person.ts';

const digest = '$argon2id$v=19$m=65536,t=3,p=4$c2FsdA$ZGlnZXN0';
const text = `# Our people.
users:
  admin:
    disabled: false
    displayname: "Ada" # of the analytical engine
    password: '${digest}'
    email: ada@lab.home.arpa
    groups:
      - admins # all of it
      - old
    extra_of_ours: { a: 1 }
  ben:
    displayname: Ben
    password: ${digest}
    email: ben@lab.home.arpa
    groups: []
other: kept
`;

describe('the text of the file', () => {
  it('is read as Authelia reads it', () => {
    expect(readPeople(text, 'f')).toEqual([
      {
        ...{ name: 'admin', displayName: 'Ada', email: 'ada@lab.home.arpa', disabled: false },
        groups: ['admins', 'old'],
      },
      { name: 'ben', displayName: 'Ben', email: 'ben@lab.home.arpa', disabled: false, groups: [] },
    ]);
  });

  it('keeps comments, fields and people of which AutoGit knows nothing', () => {
    const edits: readonly PersonEdit[] = [
      { kind: 'disabled', name: 'ben', disabled: true },
      { kind: 'groups', name: 'admin', groups: ['admins', 'team'] },
    ];
    const changed = editPeople(text, edits, 'f');
    expect(changed).toBe(
      text
        .replace('      - old\n', '      - "team"\n')
        .replace('    email: ben@lab.home.arpa\n    groups: []\n', (found) => `${found}    disabled: true\n`),
    );
  });

  it.each(['\u007F', '\u0090', '\uFFFE', '\u0000'])(
    'is neither read nor written with a character that keeps Authelia from starting (%j)',
    (odd) => {
      const person = { name: 'x', displayName: `X${odd}`, email: '', groups: [], disabled: false };
      const broken = text.replace('displayname: Ben', `displayname: Ben${odd}`);
      expect(() => readPeople(broken, 'f')).toThrow('f, line 13');
      const write = () => readPeople(editPeople(text, [{ kind: 'add', person, digest }], 'f'), 'f');
      // What YAML can write in another way is written so.
      if (odd === '\u0000') expect(write().at(-1)?.displayName).toBe('X\u0000');
      else expect(write).toThrow('which YAML does not allow');
    },
  );

  it('is not read where something that every object has stands for true or false', () => {
    const broken = text.replace('disabled: false', 'disabled: constructor');
    expect(() => readPeople(broken, 'f')).toThrow('`disabled` has to be true or false');
  });

  it('takes on somebody whose names YAML could take for something else', () => {
    const person = {
      ...{
        name: 'no',
        displayName: 'Null: #1',
        email: 'no@lab.home.arpa',
        groups: ['yes', '007'],
        disabled: false,
      },
    };
    const changed = editPeople(text, [{ kind: 'add', person, digest }], 'f');
    expect(readPeople(changed, 'f').at(-1)).toEqual(person);
    expect(changed).toContain('"no":');
    expect(editPeople(changed, [{ kind: 'remove', name: 'no' }], 'f')).toBe(text);
  });

  it.each([
    ['two of one name', text.replace('  ben:', '  admin:'), 12],
    ['an address that two have', text.replace('ben@', 'ADA@'), 3],
    ['a name in large letters', text.replace('  ben:', '  Ben:'), 12],
    ['a password that is none', text.replace(`password: ${digest}`, 'password: secret'), 14],
    ['somebody without a name to show', text.replace('    displayname: Ben\n', ''), 13],
    ['a mark that is neither true nor false', text.replace('disabled: false', 'disabled: perhaps'), 4],
    ['groups that are no list', text.replace('groups: []', 'groups: { a: 1 }'), 16],
    ['broken YAML', text.replace('displayname: Ben', 'displayname: Ben: x'), 13],
    ['nobody', 'users: {}\n', null],
    ['no people', 'a: 1\n', null],
  ])('with %s is refused, with the line', (_, broken, line) => {
    expect(() => readPeople(broken, 'f')).toThrow(
      expect.objectContaining({
        key: 'user.file-invalid',
        ...(line === null ? {} : { fields: { file: 'f', line } }),
      }),
    );
  });

  it('that would come of a change and that Authelia would refuse is never made', () => {
    const person = {
      name: 'eve',
      displayName: 'Eve',
      email: 'BEN@lab.home.arpa',
      groups: [],
      disabled: false,
    };
    expect(() => editPeople(text, [{ kind: 'add', person, digest }], 'f')).toThrow('more than one person');
  });
});

describe('the file', () => {
  let folder: string;
  let file: string;
  /** What happens while AutoGit waits for this long. */
  let during: ((ms: number) => Promise<void>) | null;
  let waited: number[];
  const clock = {
    now: () => Date.now() + 60_000,
    sleep: async (ms: number) => {
      waited.push(ms);
      await during?.(ms);
    },
  };
  const disableBen: readonly PersonEdit[] = [{ kind: 'disabled', name: 'ben', disabled: true }];
  beforeEach(async () => {
    [during, waited] = [null, []];
    folder = await mkdtemp(join(tmpdir(), 'autogit-people-'));
    file = join(folder, 'users_database.yml');
    await writeFile(file, text, { mode: 0o640 });
    await chmod(file, 0o640);
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));
  const now = () => readFile(file, 'utf8');

  it('is replaced as a whole, with the mode it had; the one before is kept', async () => {
    const { ino } = await lstat(file);
    const people = await createPeopleFile({ clock }).change(file, () => disableBen);
    expect(people.find(({ name }) => name === 'ben')?.disabled).toBe(true);
    const facts = await lstat(file);
    expect(facts.ino).not.toBe(ino);
    expect(facts.mode & 0o777).toBe(0o640);
    expect(await readFile(`${file}.autogit-last`, 'utf8')).toBe(text);
    expect((await readdir(folder)).sort()).toEqual(['users_database.yml', 'users_database.yml.autogit-last']);
  });

  it('is not written so soon after a write that Authelia would not look', async () => {
    let ahead = 200;
    const people = createPeopleFile({
      clock: {
        now: () => Date.now() + ahead,
        sleep: async (ms) => {
          waited.push(ms);
          ahead += ms;
        },
      },
    });
    await people.change(file, () => disableBen);
    expect(waited).toHaveLength(2);
    expect(waited[0]).toBeGreaterThan(1_000);
    expect(waited[1]).toBe(1_000);
  });

  it('keeps a password that Authelia has written while AutoGit was about to write', async () => {
    const theirs = text.replace(digest, `${digest}new`);
    let asked = 0;
    await createPeopleFile({ clock }).change(file, () => {
      asked += 1;
      // AutoGit has read, and has not written.
      if (asked === 1) writeFileSync(file, theirs);
      return disableBen;
    });
    expect(asked).toBe(2);
    expect(await now()).toContain(`${digest}new`);
    expect(readPeople(await now(), file)[1]?.disabled).toBe(true);
  });

  it('is changed again when Authelia wrote what it knew before over the change', async () => {
    let isFirst = true;
    during = async (ms) => {
      if (ms === 1_000 && isFirst) {
        isFirst = false;
        await writeFileInPlace(file, text.replace(digest, `${digest}new`));
      }
    };
    await createPeopleFile({ clock }).change(file, () => disableBen);
    expect(await now()).toContain(`${digest}new`);
    expect(readPeople(await now(), file)[1]?.disabled).toBe(true);
  });

  it('keeps what Authelia wrote into the file whose place was just taken', async () => {
    const handle = await open(file, 'r+');
    let isFirst = true;
    during = async (ms) => {
      if (ms !== 1_000 || !isFirst) return;
      isFirst = false;
      const theirs = text.replace(digest, `${digest}new`);
      await handle.truncate(0);
      await handle.write(theirs, 0);
    };
    await createPeopleFile({ clock }).change(file, () => disableBen);
    await handle.close();
    expect(await now()).toContain(`${digest}new`);
    expect(readPeople(await now(), file)[1]?.disabled).toBe(true);
  });

  it('is left as it is by a decision that refuses, and by one that wants nothing', async () => {
    const people = createPeopleFile({ clock });
    const refuse = (): never => {
      throw Object.assign(new Error('no'), { mine: true });
    };
    await expect(people.change(file, refuse)).rejects.toMatchObject({ key: 'internal.defect' });
    await people.change(file, () => []);
    expect(await now()).toBe(text);
    expect(await readdir(folder)).toEqual(['users_database.yml']);
  });

  it('takes two changes at once one after the other', async () => {
    const people = createPeopleFile({ clock });
    await Promise.all([
      people.change(file, () => disableBen),
      people.change(file, () => [{ kind: 'groups', name: 'ben', groups: ['team'] }]),
    ]);
    expect(readPeople(await now(), file)[1]).toMatchObject({ disabled: true, groups: ['team'] });
  });

  it('that is not there is nobody, and not changed', async () => {
    await rm(file);
    const people = createPeopleFile({ clock });
    expect(await people.read(file)).toBeNull();
    await expect(people.change(file, () => disableBen)).rejects.toMatchObject({ key: 'user.no-file' });
  });

  it('that stays empty is waited for, and then nothing is known of anybody', async () => {
    await writeFile(file, '');
    const people = createPeopleFile({ clock });
    await expect(people.read(file)).rejects.toMatchObject({ key: 'user.file-busy', retry: true });
  });

  it('behind a link is neither read nor written', async () => {
    await rm(file);
    await writeFile(join(folder, 'elsewhere'), text);
    await symlink(join(folder, 'elsewhere'), file);
    const people = createPeopleFile({ clock });
    await expect(people.read(file)).rejects.toMatchObject({ key: 'user.no-access' });
    await expect(people.change(file, () => disableBen)).rejects.toMatchObject({ key: 'user.no-access' });
    expect(await readFile(join(folder, 'elsewhere'), 'utf8')).toBe(text);
  });
});

/** As Authelia does: the file is emptied and written. */
async function writeFileInPlace(file: string, content: string): Promise<void> {
  const handle = await open(file, 'r+');
  await handle.truncate(0);
  await handle.write(content, 0);
  await handle.close();
}
