// The files of an archive for a helper, cleaned: documents by their allow-list, texts line by line.
import { allowedPart } from './allow.ts';
import { documents, logRecord } from './documents.ts';
import type { DocumentName } from './documents.ts';
import { createClean } from './redact.ts';

/** What was found out; `null`: it could not be, and `missing` says why. */
export interface Collected {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly documents: Readonly<Partial<Record<DocumentName, unknown>>>;
  /** The stack's rendered files as they lie in its folder, by path. */
  readonly stackFiles: Readonly<Record<string, string>>;
  /** What services have printed, by their names. */
  readonly serviceLogs: Readonly<Record<string, string>>;
  /** The newest part of AutoGit's own log: JSON lines. */
  readonly ownLog: string;
  /** What could not be collected, and why. */
  readonly missing: readonly { readonly what: string; readonly why: string }[];
  /** Every secret that this home knows. */
  readonly secrets: readonly string[];
}

export interface ArchiveFile {
  /** With `/`, below one folder: `stack/files/compose.yaml`. */
  readonly path: string;
  readonly text: string;
}

/** Characters of one file; of a log, the newest. */
const longestFile = 1_000_000;

/** `encode`: base64 of a text in UTF-8. */
export function archiveFiles(collected: Collected, encode: (text: string) => string): readonly ArchiveFile[] {
  const clean = createClean(collected.secrets, encode);
  const texts = (folder: string, files: Readonly<Record<string, string>>, end: string): ArchiveFile[] =>
    Object.entries(files).map(([name, text]) => ({
      path: `${folder}/${safePath(clean(name))}${end}`,
      text: clean(newest(text)),
    }));
  const made = [
    ...documentNames.flatMap((name): ArchiveFile[] => {
      const value = collected.documents[name];
      if (value === undefined) return [];
      const part = allowedPart(value, documents[name], clean);
      return [{ path: name, text: `${JSON.stringify(part, null, 2)}\n` }];
    }),
    ...texts('stack/files', collected.stackFiles, ''),
    ...texts('logs/services', collected.serviceLogs, '.log'),
    ...(collected.ownLog === '' ? [] : [{ path: 'logs/autogit.log', text: ownLog(collected.ownLog, clean) }]),
  ];
  return [{ path: 'README.txt', text: readme(made, collected, clean) }, ...made];
}

const documentNames: readonly DocumentName[] = Object.keys(documents).filter((name): name is DocumentName =>
  Object.hasOwn(documents, name),
);

/** Without its beginning, whole lines, where it is too long. */
function newest(text: string): string {
  if (text.length <= longestFile) return text;
  const cut = text.slice(-longestFile);
  return cut.slice(cut.indexOf('\n') + 1);
}

/** No way out of its folder, whatever a service is called. */
function safePath(path: string): string {
  const parts = path
    .split('/')
    .map((part) => part.replaceAll(/[^A-Za-z0-9._[\]-]/g, '_'))
    .filter((part) => part !== '' && part !== '.' && part !== '..');
  return parts.length === 0 ? 'unnamed' : parts.join('/');
}

/** Lines that are no record are left out: nobody knows what they are. */
function ownLog(text: string, clean: (text: string) => string): string {
  return newest(text)
    .split('\n')
    .flatMap((line) => {
      try {
        const record: unknown = JSON.parse(line);
        return [`${JSON.stringify(allowedPart(record, logRecord, clean))}\n`];
      } catch {
        return [];
      }
    })
    .join('');
}

function readme(
  files: readonly ArchiveFile[],
  { at, missing }: Collected,
  clean: (text: string) => string,
): string {
  const lines = [
    'What AutoGit has found out about itself, its stack and its machine, for somebody who helps.',
    `Made at ${new Date(at).toISOString()} by: autogit diagnose`,
    '',
    'Secrets are taken out: of each document only fields on a list are here, and every text was searched for the',
    'secrets that AutoGit knows and for whatever looks like one (tokens, passwords, private keys, cookies, addresses',
    'with a password). [removed] stands in their place. Values of variables and of answers to templates are not here.',
    '',
    'Private names stay, because nobody could help without them: names of this machine, its user and folders, of',
    'domains, addresses, projects, pools and people. What services print may name more of them. Look through the files',
    'before you give them to anybody: they are plain text.',
    '',
    'Files',
    ...files.map(({ path, text }) => `  ${path} (${text.length} characters)`),
    ...(missing.length === 0
      ? []
      : ['', 'Not here', ...missing.map(({ what, why }) => `  ${what}: ${clean(why)}`)]),
  ];
  return `${lines.join('\n')}\n`;
}
