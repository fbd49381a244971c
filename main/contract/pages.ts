// The pages that there are, by the first word of their addresses: for the page itself, and for links to it.

export const pageNames = [
  'overview',
  'jobs',
  'runners',
  'pools',
  'hardware',
  'stack',
  'backups',
  'certificates',
  'people',
  'engines',
  'notifications',
  'settings',
  'audit',
  'about',
  'setup',
] as const;
export type PageName = (typeof pageNames)[number];
