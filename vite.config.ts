// Builds the page that the desktop's window and `autogit serve` show.
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

// Whoever builds gets what people get: a test's NODE_ENV would put React's slow development half into the page.
process.env['NODE_ENV'] = 'production';

export default defineConfig({
  root: 'renderer',
  // Both doors have the page at the root of an origin of their own.
  base: '/',
  plugins: [react()],
  build: {
    outDir: '../dist/renderer',
    emptyOutDir: true,
    target: 'chrome120',
    // Nothing inline: the doors allow scripts, styles and images of their own origin only.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
});
