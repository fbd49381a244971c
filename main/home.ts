// The home alone, for whoever needs it before the whole core: reading the core takes some 250 ms on a slow machine.
export { homePaths } from './adapters/host/home.ts';
export { prepareHome } from './adapters/host/prepare-home.ts';
