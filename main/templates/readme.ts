// The README of a stack's folder: what lies here, and how to run it without AutoGit.
import type { RenderedName, RenderedPort, RenderedStack } from '../model/stack/stack.ts';

type Told = Pick<
  RenderedStack,
  'project' | 'lab' | 'domain' | 'preset' | 'gitlabUrl' | 'sshUrl' | 'data' | 'folders' | 'secrets'
> & { readonly names: readonly RenderedName[]; readonly ports: readonly RenderedPort[] };

function code(text: string): string {
  const ticks = text.includes('`') ? '``' : '`';
  return `${ticks}${text}${ticks}`;
}

/** Head of compose.yaml, for whoever opens it. */
export const composeHead = [
  ' Written by AutoGit from your answers. This is the folder that runs: docker compose up -d starts it without AutoGit.',
  ' What you change here by hand stays: autogit stack plan shows it, and asks before it writes over it.',
  ' Secrets are not in this file but in secrets/, one file each.',
].join('\n');

/** Markdown. */
export function renderReadme(stack: Told): string {
  const lines = [
    `# ${stack.lab}: the stack that runs here`,
    '',
    'AutoGit wrote this folder from your answers, and this is the folder that runs: `compose.yaml` is all there is.',
    'Without AutoGit, in this folder:',
    '',
    '```sh',
    'docker compose up -d      # start what is not running, apply what you changed',
    'docker compose ps         # what runs, and how it is',
    'docker compose logs -f    # what it says',
    'docker compose down       # stop; the data stays',
    '```',
    '',
    `- GitLab: ${stack.gitlabUrl}`,
    `- Git over SSH: ${stack.sshUrl}`,
    `- Data: ${code(stack.data)}`,
    `- Preset: ${stack.preset}`,
    '',
    'A file that you change here is never written over unasked: `autogit stack plan` shows the difference.',
    '',
    '## Names',
    ...stack.names.map(({ name, what, addresses }) => `- ${code(name)}: ${what} (${addresses.join(', ')})`),
    '',
    '## Ports of this machine',
    ...stack.ports.map(
      ({ port, protocol, address, service, what }) =>
        `- ${port}/${protocol} on ${address}: ${what} (${code(service)})`,
    ),
    '',
    '## Data',
    ...stack.folders.map(({ path, holds }) => `- ${code(path)}: ${holds}`),
    '',
    '## Secrets',
    'Each lies in a file of its own below `secrets/` that only you can read. Back them up with the data.',
    ...stack.secrets.map(({ name, label }) => `- ${code(name)}: ${label}`),
    '',
  ];
  return lines.join('\n');
}
