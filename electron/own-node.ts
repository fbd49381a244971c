// The Node that ships beside a packaged desktop: the sandbox's image is made with it, because Electron is no Node there.
import path from 'node:path';

/** A search path with the package's own Node first. `resources`: the folder of the packaged program's resources. */
export function withOwnNode(searchPath: string, resources: string): string {
  const own = path.join(resources, 'autogit', 'bin');
  return [own, ...searchPath.split(path.delimiter).filter((folder) => folder !== '')].join(path.delimiter);
}
