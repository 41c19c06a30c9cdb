// theme: light, dark, or what the system says; remembered in this browser.
export type Theme = 'system' | 'light' | 'dark';

const order: readonly Theme[] = ['system', 'light', 'dark'];

export function readTheme(): Theme {
  try {
    const kept = localStorage.getItem('comity-theme');
    return order.find((theme) => theme === kept) ?? 'system';
  } catch {
    return 'system';
  }
}

export function applyTheme(theme: Theme = readTheme()): void {
  if (theme === 'system') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  try {
    localStorage.setItem('comity-theme', theme);
  } catch {
    // a browser that keeps nothing: the choice lasts as long as the page
  }
}

export function nextTheme(theme: Theme): Theme {
  return order[(order.indexOf(theme) + 1) % order.length] ?? 'system';
}
