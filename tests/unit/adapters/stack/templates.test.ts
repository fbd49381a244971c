// Templates as folders: ours are all read, a person's own are judged, and what is wrong names folder and field.
import * as fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { createTemplates } from '../../../../main/adapters/stack/templates.ts';
import type { Templates } from '../../../../main/stack-ports.ts';
import { temporaryFolder } from '../host/temporary.ts';

const manifest = {
  ...{ id: 'chat', title: 'Chat', description: 'A chat.', kind: 'option' },
  memory: { leastMiB: 100, usualMiB: 200 },
  upgrade: {},
  files: [{ from: 'files/chat.json', to: 'chat/chat.json', format: 'json' }],
};

interface Own {
  readonly templates: Templates;
  readonly folder: string;
  put(file: string, content: string | Buffer): void;
}

/** A home with one template that is right. */
function open(): Own {
  const home = temporaryFolder();
  const own = path.join(home, 'templates');
  const folder = path.join(own, 'chat');
  const put = (file: string, content: string | Buffer): void => {
    fs.mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
    fs.writeFileSync(path.join(folder, file), content);
  };
  put('template.json', JSON.stringify(manifest));
  put('compose.yaml', 'services: {}\n');
  put('files/chat.json', '{}\n');
  return { templates: createTemplates({ bundled: path.join(home, 'none'), own }), folder, put };
}

describe('templates', () => {
  it('of AutoGit are all right, and all there', async () => {
    const own = path.join(temporaryFolder(), 'templates');
    const sources = await createTemplates({ own }).read();
    const ids = sources.map(({ manifest: { id } }) => id);
    const folders = fs.readdirSync(new URL('../../../../compose-templates', import.meta.url), {
      withFileTypes: true,
    });
    expect(ids).toEqual(folders.flatMap((entry) => (entry.isDirectory() ? [entry.name] : [])).toSorted());
    expect(ids).toEqual(expect.arrayContaining(['authelia', 'coredns', 'gitlab', 'traefik']));
    expect(new Set(sources.map(({ origin }) => origin))).toEqual(new Set(['bundled']));
  });

  it('of a person are read with their files', async () => {
    const { templates, put } = open();
    put('.git/config', 'x');
    put('README.md', '# Chat');
    const [source] = await templates.read();
    expect(source).toMatchObject({ origin: 'own', manifest: { id: 'chat', questions: [], milestones: [] } });
    expect(source?.files).toMatchObject({
      ...{ 'compose.yaml': 'services: {}\n', 'files/chat.json': '{}\n', 'README.md': '# Chat' },
    });
    expect(source?.files).not.toHaveProperty('template.json');
  });

  const wrong: readonly (readonly [string, string, (own: Own) => void])[] = [
    ['no JSON', 'template.json', ({ put }) => put('template.json', '{')],
    ['no manifest', 'template.json', ({ folder }) => fs.rmSync(path.join(folder, 'template.json'))],
    [
      'a field that nobody knows',
      '',
      ({ put }) => put('template.json', JSON.stringify({ ...manifest, privileged: true })),
    ],
    [
      'a wrong value',
      'kind',
      ({ put }) => put('template.json', JSON.stringify({ ...manifest, kind: 'big' })),
    ],
    [
      'an image without a digest',
      'images.0.reference',
      ({ put }) =>
        put(
          'template.json',
          JSON.stringify({
            ...manifest,
            images: [{ name: 'chat', reference: 'chat:latest', bytes: 1, architectures: ['amd64'] }],
          }),
        ),
    ],
    [
      'another name than its folder',
      'id',
      ({ put }) => put('template.json', JSON.stringify({ ...manifest, id: 'mail' })),
    ],
    ['no compose.yaml', 'compose.yaml', ({ folder }) => fs.rmSync(path.join(folder, 'compose.yaml'))],
    [
      'a file that is not there',
      'files.0.from',
      ({ folder }) => fs.rmSync(path.join(folder, 'files/chat.json')),
    ],
    [
      'a link',
      'files/secret',
      ({ folder }) => fs.symlinkSync('/etc/passwd', path.join(folder, 'files/secret')),
    ],
    ['a link as a whole', '', ({ folder }) => fs.symlinkSync('/etc', path.join(path.dirname(folder), 'etc'))],
    ['a file that is too large', 'files/big', ({ put }) => put('files/big', 'x'.repeat(600_000))],
    [
      'a file that is no text',
      'files/image',
      ({ put }) => put('files/image', Buffer.from([0x89, 0x50, 0, 0xff])),
    ],
    [
      'too many files',
      '',
      ({ put }) => {
        for (let index = 0; index < 201; index += 1) put(`files/${index}`, 'x');
      },
    ],
    [
      'a folder with a name that is no label',
      'id',
      ({ folder }) => fs.mkdirSync(path.join(path.dirname(folder), 'Big_Chat')),
    ],
  ];
  it.each(wrong)('with %s are refused, by folder and field', async (_, field, spoil) => {
    const own = open();
    spoil(own);
    await expect(own.templates.read()).rejects.toMatchObject({
      ...{ key: 'template.invalid', fields: { field } },
      message: expect.stringContaining(path.dirname(own.folder)) as string,
    });
  });

  it('of a person do not stand in for ours', async () => {
    const { folder } = open();
    const own = path.dirname(folder);
    await expect(createTemplates({ bundled: own, own }).read()).rejects.toMatchObject({
      ...{ key: 'template.invalid', fields: { field: 'id', folder } },
    });
  });
});
