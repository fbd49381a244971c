// Loaded before AutoGit by the test of hostile tools: detection looks at a made-up machine, with real programs as its tools.
import { registerHooks } from 'node:module';

const madeUp = new URL('eight-cards.ts', import.meta.url).href;

registerHooks({
  resolve: (specifier, context, next) =>
    next(specifier.endsWith('/adapters/host/probe.ts') ? madeUp : specifier, context),
});
