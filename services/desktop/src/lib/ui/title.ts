// The window's title: the page's, or an alert's for as long as it lasts.

let base = 'Zvon';
let alert = '';

function show(): void {
  document.title = alert || base;
}

export function setPageTitle(text: string): void {
  base = text;
  show();
}

// '' ends the alert.
export function setAlertTitle(text: string): void {
  alert = text;
  show();
}
