// Completion of commands, options and values in bash and zsh.
import { fieldsOf, optionName } from '../contract/fields.ts';
import type { RequestField } from '../contract/fields.ts';
import { commands, commandsOf, groups } from './commands.ts';
import type { Command } from './commands.ts';

/** The hidden first word with which the shells' scripts ask for words. */
export const completeWord = '__complete';

/** The command that typed words name, with as many words as it has. */
function commandFor(words: readonly string[]): Command | undefined {
  const fits = commands.filter((command) => command.path.every((word, index) => words[index] === word));
  return fits.sort((a, b) => b.path.length - a.path.length)[0];
}

function fieldOfOption(command: Command, word: string): RequestField | undefined {
  return fieldsOf(command.input).find((field) => `--${optionName(field.name)}` === word);
}

function optionsOf(command: Command, typed: readonly string[]): readonly string[] {
  const own = fieldsOf(command.input)
    .filter((field) => !command.positional.includes(field.name))
    .map((field) => `--${optionName(field.name)}`);
  const global = ['--json', '--help', ...(command.asks ? ['--yes'] : [])];
  return [...own, ...global].filter((option) => !typed.includes(option));
}

/** What may stand in the place of the last word, which is begun or empty. Pure. */
export function complete(words: readonly string[]): readonly string[] {
  const current = words.at(-1) ?? '';
  const typed = words.slice(0, -1);
  const plain = typed.filter((word) => !word.startsWith('-'));
  const command = commandFor(plain);
  const group = plain[0];
  const candidates = ((): readonly string[] => {
    if (group === undefined) return current.startsWith('-') ? ['--help', '--version', '--json'] : groups;
    const verbs = plain.length === 1 ? commandsOf(group).flatMap(({ path }) => path.slice(1)) : [];
    if (command === undefined) return verbs;
    const awaited = fieldOfOption(command, typed.at(-1) ?? '');
    if (awaited !== undefined && awaited.type !== 'boolean') return awaited.choices;
    if (current.startsWith('-')) return optionsOf(command, typed);
    const place = command.positional[plain.length - command.path.length];
    const choices = fieldsOf(command.input).find((field) => field.name === place)?.choices ?? [];
    const here = [...verbs, ...choices];
    return here.length > 0 || place !== undefined ? here : optionsOf(command, typed);
  })();
  return candidates.filter((candidate) => candidate.startsWith(current));
}

/** Falls back to file names where AutoGit has nothing to offer. */
const bash = `_autogit() {
  local IFS=$'\\n'
  COMPREPLY=($(autogit ${completeWord} "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
}
complete -o default -F _autogit autogit
`;

const zsh = `#compdef autogit
_autogit() {
  local -a found
  found=("\${(@f)$(autogit ${completeWord} "\${words[@]:1:$((CURRENT - 1))}" 2>/dev/null)}")
  found=(\${found:#})
  if (( \${#found} )); then compadd -a found; else _files; fi
}
if [[ "\${zsh_eval_context[-1]}" == loadautofunc ]]; then
  _autogit "$@"
else
  (( $+functions[compdef] )) || { autoload -Uz compinit && compinit }
  compdef _autogit autogit
fi
`;

/** The script that a shell reads to complete `autogit`. */
export function completionScript(shell: 'bash' | 'zsh'): string {
  return shell === 'bash' ? bash : zsh;
}
