// The page that a person sees who opens the sandbox in a browser.
import type { SandboxContext } from './context.ts';
import { gitlabVersion } from './version.ts';

/** Plain HTML, without anything that has to be loaded. */
export function renderFrontPage({ store, openId }: SandboxContext): string {
  const facts: readonly (readonly [string, number])[] = [
    ['Projects', store.projects.size],
    ['Pipelines', store.pipelines.size],
    ['Jobs waiting', store.jobs.by('status', 'pending').length],
    ['Jobs running', store.jobs.by('status', 'running').length],
    ['Runners', store.runners.size],
  ];
  const rows = facts
    .map(([name, count]) => `<tr><th scope="row">${name}</th><td>${count}</td></tr>`)
    .join('');
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>AutoGit sandbox</title>
<style>
body { font: 16px/1.5 system-ui, sans-serif; max-width: 40rem; margin: 4rem auto; padding: 0 1rem; color-scheme: light dark; }
th { text-align: left; font-weight: normal; padding-right: 2rem; }
td { text-align: right; font-variant-numeric: tabular-nums; }
</style>
</head>
<body>
<h1>AutoGit’s sandbox</h1>
<p>This is not GitLab. It is a small server that speaks the parts of GitLab ${gitlabVersion.text} that AutoGit uses, to try
AutoGit and to test it. It has no web interface: use <code>git</code>, a runner, or the API under
<code>/api/v4</code> and <code>/api/graphql</code>.</p>
<table>${rows}</table>${openId === undefined ? '' : '\n<p><a href="/users/sign_in">Sign in</a></p>'}
</body>
</html>
`;
}
