// Pages by the address's fragment ("#/interactions"): the gateway serves
// plain files and needs to know nothing of the pages.
import { Store } from '@/lib/store';
import type { PageName } from '@/lib/session-user';

const kPages: readonly PageName[] = ['agent', 'live', 'interactions', 'reports', 'telephony'];

export function pageOf(hash: string): PageName | undefined {
  const name = hash.replace(/^#\/?/, '').split(/[/?]/)[0];
  return kPages.find((page) => page === name);
}

export const page = new Store<PageName | undefined>(pageOf(location.hash));
window.addEventListener('hashchange', () => page.set(pageOf(location.hash)));

export function goTo(name: PageName): void {
  location.hash = `#/${name}`;
}
