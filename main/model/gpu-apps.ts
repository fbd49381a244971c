// Programs that use graphics cards and are none of ours, known by their names.
import type { GpuApp } from './gpu-metrics.ts';

/** What a person calls a program, and of what kind it is. */
export interface KnownApp {
  readonly app: GpuApp;
  readonly title: string;
}

const desktops =
  /^(?:Xorg|X|Xwayland|kwin_wayland|kwin_x11|gnome-shell|plasmashell|mutter|sway|Hyprland|weston|labwc|cosmic-comp|dwm\.exe|explorer\.exe|ShellHost\.exe)$/;

/** The program's name without its folder; Windows' folders end with another sign. */
export function programName(path: string): string {
  return (
    path
      .split(/[/\\]/)
      .filter((part) => part !== '')
      .at(-1) ?? path
  );
}

/**
 * `name`: the program, with or without its folder. `words`: its command line, empty where it cannot be read. `null`: none
 * that is known.
 */
export function recogniseApp(name: string, words: readonly string[]): KnownApp | null {
  const program = programName(name);
  const all = [name, ...words];
  if (/^ollama(?:$|[_.-])/i.test(program) || all.some((word) => /[/\\]\.?ollama[/\\]/i.test(word)))
    return { app: 'ollama', title: 'Ollama' };
  if (all.some((word) => /(?:^|[/\\])comfyui(?:$|[/\\_.-])/i.test(word)))
    return { app: 'comfyui', title: 'ComfyUI' };
  const game = all.flatMap((word) => /steamapps[/\\]common[/\\]([^/\\]{1,80})/i.exec(word)?.[1] ?? [])[0];
  if (game !== undefined) return { app: 'game', title: game };
  if (/^(?:gamescope|lutris|heroic|wine(?:64)?-preloader)$/i.test(program))
    return { app: 'game', title: program };
  return desktops.test(program) ? { app: 'desktop', title: 'the desktop' } : null;
}
