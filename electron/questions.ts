// What the desktop asks and explains in its own words, outside the page.
import { dialog } from 'electron';
import type { QuitAnswer } from './leaving.ts';

/** Where no tray shows icons: what closing the window is to mean. */
export async function askToClose(): Promise<'quit' | 'hide' | 'stay'> {
  const { response } = await dialog.showMessageBox({
    type: 'question',
    message: 'This desktop shows no tray icons, so AutoGit would go on unseen.',
    detail: 'Runners that work go on in any case. Without AutoGit no waiting job gets a runner.',
    buttons: ['Quit AutoGit', 'Go on unseen', 'Keep the window'],
    defaultId: 0,
    cancelId: 2,
  });
  return response === 0 ? 'quit' : response === 1 ? 'hide' : 'stay';
}

/** Only asked while `jobs` run. */
export async function askToQuit(jobs: number): Promise<QuitAnswer> {
  const { response } = await dialog.showMessageBox({
    type: 'question',
    message: jobs === 1 ? 'A job runs now.' : `${String(jobs)} jobs run now.`,
    detail:
      'Their runners go on without AutoGit, and are taken over by the next start. Until then no waiting job gets a runner.',
    buttons: ['Finish jobs, then quit', 'Quit now, runners continue', 'Cancel'],
    defaultId: 0,
    cancelId: 2,
    noLink: true,
  });
  return response === 0 ? 'finish' : response === 1 ? 'now' : 'stay';
}

/** Said once, when the window is closed for the first time. */
export const goesOnInTray = {
  key: 'hiding',
  title: 'AutoGit goes on in the tray',
  body: 'Waiting jobs still get runners. To end it, choose Quit in the menu of its icon.',
  actions: [{ id: 'open', label: 'Open AutoGit' }],
} as const;

/** Said once, on a desktop that shows no icons. */
export const noTray = {
  key: 'no-tray',
  title: 'This desktop shows no tray icons',
  body: 'AutoGit stays usable as a window: everything that the tray offers is there, too.',
} as const;
