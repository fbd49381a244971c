// Lets the server decide about a push from inside git: a hook that asks over two inherited pipes.
//
// git runs `pre-receive` when the pushed objects are there but no ref has moved, and `post-receive` when they have.
// Both hooks are the same script; it writes what it was asked to file descriptor 3 and reads the verdict from 4.
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { z } from 'zod';

const HOOK = `#!/bin/sh
# Written by the AutoGit sandbox: asks the server over file descriptor 3, which answers on 4.
line_break='
'
{
  echo "hook \${0##*/}"
  echo "objects \${GIT_OBJECT_DIRECTORY-}"
  echo "alternates \${GIT_ALTERNATE_OBJECT_DIRECTORIES-}"
  i=0
  while [ "$i" -lt "\${GIT_PUSH_OPTION_COUNT:-0}" ]; do
    eval "option=\\$GIT_PUSH_OPTION_$i"
    # git's own client sends no line breaks in options; those of another must not end the question.
    while case "$option" in *"$line_break"*) true ;; *) false ;; esac; do
      option="\${option%%"$line_break"*} \${option#*"$line_break"}"
    done
    printf 'option %s\\n' "$option"
    i=$((i + 1))
  done
  while read -r before after ref; do
    echo "update $before $after $ref"
  done
  echo end
} >&3
while IFS= read -r line <&4; do
  case "$line" in
    allow) exit 0 ;;
    refuse) exit 1 ;;
    *) printf '%s\\n' "\${line#say }" >&2 ;;
  esac
done
exit 1
`;

/** Writes the hooks that all repositories share; returns their folder. */
export async function writeHooks(directory: string): Promise<string> {
  await mkdir(directory, { recursive: true });
  for (const name of ['pre-receive', 'post-receive']) {
    await writeFile(join(directory, name), HOOK, { mode: 0o755 });
    await chmod(join(directory, name), 0o755);
  }
  return directory;
}

export interface RefUpdate {
  readonly before: string;
  readonly after: string;
  /** `refs/heads/main`. */
  readonly ref: string;
}

export interface GateQuestion {
  readonly hook: 'pre-receive' | 'post-receive';
  readonly updates: readonly RefUpdate[];
  readonly pushOptions: readonly string[];
  /** Environment with which git sees the pushed objects before they are accepted. */
  readonly quarantine: Readonly<Record<string, string>>;
}

/** The lines are shown to the person who pushed, after `remote: `. */
export interface GateVerdict {
  readonly kind: 'allow' | 'refuse';
  readonly lines: readonly string[];
}

const hookSchema = z.enum(['pre-receive', 'post-receive']);

/** Reads one question, the lines of the hook up to `end`. */
export function parseGateQuestion(lines: readonly string[]): GateQuestion {
  let hook: GateQuestion['hook'] = 'pre-receive';
  const updates: RefUpdate[] = [];
  const pushOptions: string[] = [];
  const quarantine: Record<string, string> = {};
  for (const line of lines) {
    const space = line.indexOf(' ');
    const key = line.slice(0, space);
    const value = line.slice(space + 1);
    if (key === 'hook') hook = hookSchema.parse(value);
    if (key === 'option') pushOptions.push(value);
    if (key === 'objects' && value !== '') quarantine['GIT_OBJECT_DIRECTORY'] = value;
    if (key === 'alternates' && value !== '') quarantine['GIT_ALTERNATE_OBJECT_DIRECTORIES'] = value;
    if (key === 'update') {
      const [before, after, ...ref] = value.split(' ');
      if (before !== undefined && after !== undefined) updates.push({ before, after, ref: ref.join(' ') });
    }
  }
  return { hook, updates, pushOptions, quarantine };
}

/** Answers the questions of one push, in order, until git closes the pipe. */
export async function answerGate(
  questions: Readable,
  answers: Writable,
  decide: (question: GateQuestion) => Promise<GateVerdict>,
): Promise<void> {
  let lines: string[] = [];
  let rest = '';
  questions.setEncoding('utf8');
  for await (const chunk of questions) {
    const parts = (rest + String(chunk)).split('\n');
    rest = parts.pop() ?? '';
    for (const line of parts) {
      if (line !== 'end') {
        lines.push(line);
        continue;
      }
      const verdict = await decide(parseGateQuestion(lines));
      lines = [];
      answers.write(renderVerdict(verdict));
    }
  }
}

function renderVerdict(verdict: GateVerdict): string {
  return [...verdict.lines.map((line) => `say ${line.replaceAll('\n', ' ')}`), verdict.kind, ''].join('\n');
}
