// The program's version, from package.json.
import packageJson from '../package.json' with { type: 'json' };

/** Semantic version of this build. */
export const { version } = packageJson;
