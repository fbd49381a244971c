// Runs before the page's own script: asks for the state that ahead.ts takes over, so that it is there when the script is, and
// sets the look, so that no page flashes in another than its reader chose; state/look.ts goes on from here.
(() => {
  const bridge = window.autogit;
  if (bridge === undefined) return;
  const opened = bridge.open('snapshot.changes', {});
  const first = opened.then((answer) => (answer.ok ? bridge.next(answer.value) : answer));
  // Whoever takes it over hears of it; nobody may.
  first.catch(() => undefined);
  window.autogitAhead = { opened, first };
})();

(() => {
  const root = document.documentElement;
  let look = {};
  try {
    look = JSON.parse(localStorage.getItem('autogit.look') ?? '{}') ?? {};
  } catch {
    // Storage that is refused or broken: the usual look.
  }
  const isDark =
    look.theme === 'dark' || (look.theme !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches);
  root.dataset.theme = isDark ? 'dark' : 'light';
  if (typeof look.text === 'string') root.dataset.text = look.text;
  if (look.motion === 'reduced') root.dataset.motion = 'reduced';
})();
