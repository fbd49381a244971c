// Templates as folders of plain files: ours beside the program, and a person's own in the home.
import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { AutoGitError } from '../../errors.ts';
import { labelSchema } from '../../model/stack/answers.ts';
import { templateSchema } from '../../model/stack/template.ts';
import type { Template, TemplateSource } from '../../model/stack/template.ts';
import type { Templates } from '../../stack-ports.ts';
import { folderError, isAbsent } from './errors.ts';
import { readTree } from './read-tree.ts';

export interface TemplateFolders {
  /** Ours; by default where this program has them. */
  readonly bundled?: string;
  /** A person's own: `<home>/templates`. It need not be there. */
  readonly own: string;
}

/** Far above any template of plain text. */
const bounds = { templates: 100, files: 200, fileBytes: 512 * 1024, totalBytes: 4 * 1024 * 1024 } as const;
const manifestName = 'template.json';

/** Beside the bundle where electron/build.ts copies them, otherwise at the top of the repository. */
async function bundledFolder(): Promise<string> {
  const built = fileURLToPath(new URL('./compose-templates', import.meta.url));
  const isBuilt = await stat(built).then(
    () => true,
    () => false,
  );
  return isBuilt ? built : fileURLToPath(new URL('../../../compose-templates', import.meta.url));
}

/** Reads all templates anew at every call: a person's own may have changed. Sorted by id, ours first. */
export function createTemplates(folders: TemplateFolders): Templates {
  return {
    async read() {
      const bundled = await readAll(folders.bundled ?? (await bundledFolder()), 'bundled');
      const own = await readAll(folders.own, 'own');
      for (const { manifest } of own) {
        if (bundled.some((source) => source.manifest.id === manifest.id))
          throw invalid(
            path.join(folders.own, manifest.id),
            'id',
            'a template of AutoGit has this id: rename the folder',
          );
      }
      return [...bundled, ...own];
    },
  };
}

async function readAll(folder: string, origin: TemplateSource['origin']): Promise<readonly TemplateSource[]> {
  try {
    const entries = await listFolder(folder);
    const names = entries.filter((name) => !name.startsWith('.')).toSorted();
    if (names.length > bounds.templates) throw invalid(folder, '', `more than ${bounds.templates} templates`);
    const sources = [];
    for (const name of names) sources.push(await readTemplate(path.join(folder, name), name, origin));
    return sources;
  } catch (error) {
    throw folderError('read', folder, error);
  }
}

/** Names of folders, and of links, which are refused later; files beside them are a person's notes. */
async function listFolder(folder: string): Promise<readonly string[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries.flatMap((entry) => (entry.isDirectory() || entry.isSymbolicLink() ? [entry.name] : []));
  } catch (error) {
    if (isAbsent(error)) return [];
    throw error;
  }
}

async function readTemplate(
  folder: string,
  name: string,
  origin: TemplateSource['origin'],
): Promise<TemplateSource> {
  if (!labelSchema.safeParse(name).success)
    throw invalid(folder, 'id', 'its folder is not named with small letters, digits and hyphens');
  const found =
    (await readTree(folder, {
      ...{ largest: bounds.fileBytes, mostFiles: bounds.files, without: [] },
      tooLarge: (file) => {
        throw invalid(folder, file, `larger than ${bounds.fileBytes / 1024} KiB`);
      },
      tooMany: () => {
        throw invalid(folder, '', `more than ${bounds.files} files`);
      },
    }).catch((error: unknown) => {
      if (error instanceof AutoGitError && error.key === 'stack.link')
        throw invalid(folder, path.relative(folder, String(error.fields['file'])), 'a symbolic link');
      throw error;
    })) ?? [];
  const total = found.reduce((sum, { content }) => sum + content.length, 0);
  if (total > bounds.totalBytes) throw invalid(folder, '', 'larger than 4 MiB');
  const binary = found.find(({ content }) => /[\0\uFFFD]/.test(content));
  if (binary !== undefined) throw invalid(folder, binary.path, 'no UTF-8 text');
  const files = Object.fromEntries(found.map((file) => [file.path, file.content]));
  const { [manifestName]: manifest, ...rest } = files;
  const source = { manifest: parseManifest(folder, manifest), origin, files: rest };
  judge(folder, name, source);
  return source;
}

function parseManifest(folder: string, text: string | undefined): Template {
  if (text === undefined) throw invalid(folder, manifestName, 'not there');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw invalid(folder, manifestName, `no JSON (${error instanceof Error ? error.message : ''})`);
  }
  const parsed = templateSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw invalid(folder, issue?.path.map(String).join('.') ?? '', issue?.message ?? 'wrong');
}

function judge(folder: string, name: string, { manifest, files }: TemplateSource): void {
  if (manifest.id !== name) throw invalid(folder, 'id', `${manifest.id}, but its folder is ${name}`);
  if (files['compose.yaml'] === undefined) throw invalid(folder, 'compose.yaml', 'not there');
  for (const [index, { from }] of manifest.files.entries()) {
    if (!Object.hasOwn(files, from))
      throw invalid(folder, `files.${index}.from`, `${from.slice(0, 100)}, which is not in the folder`);
  }
}

/** `field`: of the manifest, or a file; '': the whole. */
function invalid(folder: string, field: string, what: string): AutoGitError {
  return new AutoGitError({
    key: 'template.invalid',
    message: `The template in ${folder} cannot be used: ${field === '' ? 'it has' : `${field} is`} ${what}.`,
    next: 'Mend it, or move its folder away. The README of the folder compose-templates says what a template may have.',
    fields: { folder, field },
  });
}
