// The store on its other library: the same suites, loaded again over libsql.
import { vi } from 'vitest';

vi.mock(import('../../../../main/adapters/store/driver.ts'), async (original) => {
  const driver = await original();
  return { ...driver, loadDriver: () => driver.loadDriver('libsql') };
});

await import('./open-store.test.ts');
await import('./migrate.test.ts');
await import('./failures.test.ts');
await import('./core-lock.test.ts');
