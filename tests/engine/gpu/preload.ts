// Loaded before AutoGit by the tests of graphics cards: detection looks at a made-up machine.
import { registerHooks } from 'node:module';

const madeUp = new URL('two-cards.ts', import.meta.url).href;

registerHooks({
  resolve: (specifier, context, next) =>
    next(specifier.endsWith('/adapters/host/probe.ts') ? madeUp : specifier, context),
});
