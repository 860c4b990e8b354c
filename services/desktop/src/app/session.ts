// Who is signed in on this page.
//
// The bearer token lives in this tab's sessionStorage: it survives a reload
// and two tabs can be two users. The HttpOnly cookie serves what cannot carry
// a header (<audio>, downloads) and lets a new tab in.
import { api, ApiError, type Session } from '@/lib/api';
import type { SessionUser } from '@/lib/session-user';
import { Store } from '@/lib/store';

export type SessionState =
  | { kind: 'loading' }
  | { kind: 'signedOut'; why: '' | 'expired' | 'replaced' }
  | { kind: 'unreachable' }
  | { kind: 'signedIn'; user: SessionUser };

const kTokenKey = 'zvon.token';
export const session = new Store<SessionState>({ kind: 'loading' });

export async function restoreSession(): Promise<void> {
  session.set({ kind: 'loading' });
  api.token = sessionStorage.getItem(kTokenKey) ?? '';
  try {
    session.set({ kind: 'signedIn', user: await api.me() });
  } catch (error) {
    const known = error instanceof ApiError && (error.status === 401 || error.status === 403);
    if (known) endSession(api.token ? 'expired' : '');
    else session.set({ kind: 'unreachable' });
  }
}

export function beginSession({ token, user }: Session): void {
  api.token = token;
  sessionStorage.setItem(kTokenKey, token);
  session.set({ kind: 'signedIn', user });
}

export function endSession(why: '' | 'expired' | 'replaced' = ''): void {
  api.token = '';
  sessionStorage.removeItem(kTokenKey);
  session.set({ kind: 'signedOut', why });
}

api.onUnauthenticated = () => {
  if (session.get().kind === 'signedIn') endSession('expired');
};

// Is the session still good? Asked when the WebSocket cannot be opened.
export async function checkSession(): Promise<'valid' | 'invalid' | 'unknown'> {
  try {
    await api.me();
    return 'valid';
  } catch (error) {
    return error instanceof ApiError && error.status === 401 ? 'invalid' : 'unknown';
  }
}
