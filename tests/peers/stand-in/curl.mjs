// Of curl in GitLab's container, what AutoGit asks of it: whether an address answers, and if not, by its exit codes why.
try {
  const { ok } = await fetch(process.argv.at(-1) ?? '', { redirect: 'error' });
  process.exit(ok ? 0 : 22);
} catch (error) {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  process.stderr.write(`curl: ${cause instanceof Error ? cause.message : cause}\n`);
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  process.exit(code === 'ENOTFOUND' ? 6 : /CERT|SIGNATURE|SELF_SIGNED/.test(code) ? 60 : 7);
}
