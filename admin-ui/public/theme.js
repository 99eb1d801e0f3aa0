// Before the first paint, so that a chosen theme never flashes in the other one.
try {
  const theme = localStorage.getItem('allauth.theme');
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
} catch {
  // Storage may be forbidden; then the system's theme holds.
}
