// Which Node versions run the project.
import { describe, expect, it } from 'vitest';
import { runsTypeScript } from '../../../main/bootstrap/node.js';

describe('a Node that runs TypeScript', () => {
  it.each(['22.18.0', '22.22.1', '23.6.0', '24.0.0', '26.1.0'])('%s does', (version) => {
    expect(runsTypeScript(version)).toBe(true);
  });

  it.each(['18.19.0', '20.20.2', '22.17.1', '23.5.0', ''])('%s does not', (version) => {
    expect(runsTypeScript(version)).toBe(false);
  });
});
