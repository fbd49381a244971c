// Which links of the page may leave it for the person's browser.
import { parseUrl } from './page-files.ts';

/**
 * Only into the GitLab that this lab is connected to, whose address comes from the core and not from the page.
 * Text that a stranger wrote (a job's name, a commit's message) can so never start another program.
 */
export function mayOpen(url: string, gitlabUrl: string | null): boolean {
  const asked = parseUrl(url);
  const gitlab = gitlabUrl === null ? null : parseUrl(gitlabUrl);
  if (asked === null || gitlab === null) return false;
  const isWeb = asked.protocol === 'https:' || asked.protocol === 'http:';
  return isWeb && asked.username === '' && asked.password === '' && asked.origin === gitlab.origin;
}
