// Builds the page that the desktop's window and `autogit serve` show.
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

// Whoever builds gets what people get: a test's NODE_ENV would put React's slow development half into the page.
process.env['NODE_ENV'] = 'production';

/**
 * Widths of the window as the size of its text leaves them: text of twice the size makes of 1280 px the layout of 640.
 * CSS says `@media (max-width: …)`, `vw` and `vh`, as everybody reads it; what is built asks the body instead.
 */
const byTextSize = {
  postcssPlugin: 'by-text-size',
  AtRule: {
    media: (rule: { name: string; params: string }): void => {
      if (/^\((?:max|min)-(?:width|height): \d+px\)$/.test(rule.params)) rule.name = 'container';
    },
  },
  Declaration: (declaration: { value: string }): void => {
    const value = declaration.value.replaceAll(/(\d)v([wh])\b/g, '$1cq$2');
    if (value !== declaration.value) declaration.value = value;
  },
};

/**
 * Few scripts: each is a question to the desktop's one thread, and those that others name are asked for only then. All that
 * is needed before a page is drawn is one, what several of the other pages share another.
 */
const scripts = [
  { name: 'start', tags: ['$initial' as const], priority: 2 },
  { name: 'contract', test: /[\\/]main[\\/](?:contract|model)[\\/]/, priority: 1 },
  { name: 'shared', minShareCount: 2 },
];

export default defineConfig({
  root: 'renderer',
  // Both doors have the page at the root of an origin of their own.
  base: '/',
  plugins: [react()],
  css: { postcss: { plugins: [byTextSize] } },
  build: {
    outDir: '../dist/renderer',
    emptyOutDir: true,
    target: 'chrome120',
    // Nothing inline: the doors allow scripts, styles and images of their own origin only.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // Styles stay one file, in one order, and are there before anything is drawn.
    cssCodeSplit: false,
    rolldownOptions: { output: { codeSplitting: { groups: scripts } } },
  },
});
