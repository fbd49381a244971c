// How the desktop is opened: with a screen, with Chromium's sandbox where that can be, as an Electron and no Node.
import { describe, expect, it } from 'vitest';
import { desktopEnv, judgeSandbox, requireScreen } from '../../../main/bootstrap/desktop.js';

describe('a screen', () => {
  it('is required before anything else on Linux', () => {
    const missing = expect.objectContaining({
      key: 'bootstrap.screen-missing',
      next: expect.stringContaining('npm run autogit -- serve') as string,
    }) as Error;
    expect(() => requireScreen('linux', { DISPLAY: '' })).toThrow(missing);
    expect(() => requireScreen('linux', { DISPLAY: ':0' })).not.toThrow();
    expect(() => requireScreen('linux', { WAYLAND_DISPLAY: 'wayland-0' })).not.toThrow();
    expect(() => requireScreen('darwin', {})).not.toThrow();
  });
});

describe("Chromium's sandbox", () => {
  const usual = { linux: true, root: false, namespaces: true, setuid: false };

  it('is there for an ordinary user', () => expect(judgeSandbox(usual)).toBe('sandboxed'));

  it('is there where namespaces are kept from programs but its own program may make them', () => {
    expect(judgeSandbox({ ...usual, namespaces: false, setuid: true })).toBe('sandboxed');
    expect(judgeSandbox({ ...usual, namespaces: false })).toBe('blocked');
  });

  it('is given up for root only', () => {
    expect(judgeSandbox({ ...usual, root: true })).toBe('unsandboxed');
    expect(judgeSandbox({ ...usual, linux: false, root: true, namespaces: false })).toBe('sandboxed');
  });
});

describe("the desktop's environment", () => {
  it('names the Electron, has a Node first on the path, and never turns Electron into one', () => {
    const env = desktopEnv('/nowhere', '/x/electron', {
      PATH: '/usr/bin',
      ELECTRON_RUN_AS_NODE: '1',
      A: 'b',
    });
    expect(env).toMatchObject({ AUTOGIT_ELECTRON: '/x/electron', A: 'b' });
    expect(env['ELECTRON_RUN_AS_NODE']).toBeUndefined();
    expect(env['PATH']).toMatch(/^\/.+:\/usr\/bin$/);
  });
});
