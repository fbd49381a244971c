// Runs before anything is drawn, so that no page flashes in another look than its reader chose; state/look.ts goes on from here.
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
