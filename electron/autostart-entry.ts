// The file with which a Linux desktop starts a program at login. https://specifications.freedesktop.org/autostart-spec/latest/
// and https://specifications.freedesktop.org/desktop-entry-spec/latest/exec-variables.html

/** Words of a command as `Exec` has them: quoted, with what the quotes leave special escaped, and then escaped as a value. */
export function execLine(words: readonly string[]): string {
  return words
    .map((word) =>
      `"${word.replaceAll(/(["`$\\])/g, '\\$1')}"`.replaceAll('\\', '\\\\').replaceAll('%', '%%'),
    )
    .join(' ');
}

/**
 * `null` for words that no line can have. With `TryExec` desktops pass over an entry whose program has gone:
 * https://specifications.freedesktop.org/autostart-spec/latest/
 */
export function autostartEntry(words: readonly string[]): string | null {
  if (words.some((word) => /[\0\r\n]/.test(word))) return null;
  const program = words.find((word) => word.startsWith('/'));
  return [
    '[Desktop Entry]',
    'Type=Application',
    'Name=AutoGit',
    'Comment=Runners for waiting jobs, in the tray',
    `Exec=${execLine(words)}`,
    ...(program === undefined ? [] : [`TryExec=${program.replaceAll('\\', '\\\\')}`]),
    'Icon=autogit-desktop',
    'Terminal=false',
    'X-GNOME-Autostart-enabled=true',
    '',
  ].join('\n');
}

/** Whether `text`, the entry as it is now, starts this command; a desktop's own settings may have switched it off. */
export function isStarting(text: string, words: readonly string[]): boolean {
  const lines = text.split('\n');
  const isOff = lines.includes('Hidden=true') || lines.includes('X-GNOME-Autostart-enabled=false');
  return !isOff && lines.includes(`Exec=${execLine(words)}`);
}
