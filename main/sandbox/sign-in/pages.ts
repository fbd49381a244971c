// The few pages that a person sees who signs in. Plain HTML; whatever comes from outside is written as text.

const entities: Readonly<Record<string, string>> = {
  ...{ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' },
};

export function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (sign) => entities[sign] ?? '');
}

/** `body`: HTML. */
export function page(title: string, body: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<style>
body { font: 16px/1.5 system-ui, sans-serif; max-width: 24rem; margin: 4rem auto; padding: 0 1rem; color-scheme: light dark; }
label, input, button { display: block; width: 100%; box-sizing: border-box; font: inherit; }
input, button { margin: 0 0 1rem; padding: 0.4rem; }
</style>
</head>
<body>
<h1>${escapeHtml(title)}</h1>
${body}
</body>
</html>
`;
}

function hidden(csrf: string): string {
  return `<input type="hidden" name="authenticity_token" value="${csrf}" autocomplete="off">`;
}

export interface SignInPage {
  readonly csrf: string;
  readonly notice: string | null;
  /** What the provider's button says; `null`: there is none. */
  readonly label: string | null;
}

/** With the names that forms and fields have on GitLab's own page. */
export function signInPage({ csrf, notice, label }: SignInPage): string {
  const button =
    label === null
      ? ''
      : `<form class="button_to" method="post" action="/users/auth/openid_connect">
<button type="submit" id="oauth-login-openid_connect" data-testid="oidc-login-button"><span class="gl-button-text">${escapeHtml(label)}</span></button>
${hidden(csrf)}</form>`;
  return page(
    'Sign in to the sandbox',
    `${notice === null ? '' : `<p role="alert">${escapeHtml(notice)}</p>`}
<form method="post" action="/users/sign_in">
${hidden(csrf)}
<label for="user_login">Username or primary email</label>
<input id="user_login" name="user[login]" autocomplete="username" required>
<label for="user_password">Password</label>
<input id="user_password" name="user[password]" type="password" autocomplete="current-password" required>
<button type="submit" data-testid="sign-in-button">Sign in</button>
</form>
${button}`,
  );
}

export interface ProfilePage {
  readonly csrf: string;
  readonly notice: string | null;
  readonly rows: readonly (readonly [string, string])[];
}

export function profilePage({ csrf, notice, rows }: ProfilePage): string {
  const list = rows
    .map(([name, value]) => `<dt>${escapeHtml(name)}</dt><dd data-testid="${name}">${escapeHtml(value)}</dd>`)
    .join('\n');
  return page(
    'Profile',
    `${notice === null ? '' : `<p role="alert">${escapeHtml(notice)}</p>`}
<dl>
${list}
</dl>
<form method="post" action="/users/sign_out">
${hidden(csrf)}
<button type="submit" data-testid="sign-out-link">Sign out</button>
</form>`,
  );
}
