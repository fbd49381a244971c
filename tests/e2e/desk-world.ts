// A desktop of its own for each test of a file: one screen for all, an empty home for each, and an end for what is open.
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import { buildDesktop, launchDesktop, makeHome } from './desktop-app.ts';
import type { Desktop, LaunchOptions, TestHome } from './desktop-app.ts';
import { canShowDesktop } from './needs.ts';
import { startScreen } from './screen.ts';
import type { Screen } from './screen.ts';

export interface DeskWorld {
  /** Screen and folder of the test that runs. */
  place(): Pick<LaunchOptions, 'screen' | 'home'>;
  /** Starts the desktop, which ends with the test. */
  launch(more?: Partial<LaunchOptions>): Promise<Desktop>;
  /** The same, and waits for its page. */
  start(more?: Partial<LaunchOptions>): Promise<Desktop>;
}

/** To be called once, at the top of a file. Where no desktop can be shown, it starts nothing. */
export function deskWorld(): DeskWorld {
  let screen: Screen | null = null;
  let home: TestHome | null = null;
  let desktop: Desktop | null = null;

  beforeAll(async () => {
    if (!canShowDesktop) return;
    await buildDesktop();
    screen = await startScreen();
  });
  afterAll(() => screen?.stop());
  beforeEach(async () => {
    home = await makeHome();
  });
  afterEach(async () => {
    await desktop?.quit();
    desktop = null;
    await home?.remove();
  });

  const place = () => {
    if (screen === null || home === null) throw new Error('there is no screen outside of a test');
    return { screen, home: home.folder };
  };
  const launch: DeskWorld['launch'] = async (more = {}) => {
    desktop = await launchDesktop({ ...place(), ...more });
    return desktop;
  };
  return {
    ...{ place, launch },
    start: async (more) => {
      const made = await launch(more);
      await made.page.getByText('Live', { exact: true }).waitFor({ state: 'attached' });
      return made;
    },
  };
}
