// Who is signed in, and what that lets one see.

export interface SessionUser {
  tenantId: string;
  userId: string;
  displayName: string;
  roleIds?: string[];
  permissions?: string[];
  internalNumber?: string;
  language?: string;
}

export type Permission =
  | 'calls.handle'
  | 'live.read'
  | 'reports.read'
  | 'recordings.listen'
  | 'telephony.read';

// The gateway's rule: the permission itself, one above it ("recordings.listen"
// holds "recordings.listen.own"), an area's "live.*", or "*".
export function may(user: SessionUser, permission: Permission): boolean {
  return (user.permissions ?? []).some((held) => {
    const above = held.endsWith('.*') ? held.slice(0, -2) : held;
    return held === '*' || above === permission || permission.startsWith(`${above}.`);
  });
}

// Takes interactions: who is called so, or may and has a phone. A supervisor
// who may but only looks must not appear among the agents.
export function isAgent(user: SessionUser): boolean {
  const named = (user.roleIds ?? []).includes('agent') || Boolean(user.internalNumber);
  return named && may(user, 'calls.handle');
}

export type PageName = 'agent' | 'live' | 'interactions' | 'reports' | 'telephony';

// The pages a user may open, in the order of the menu; the first is home.
export function pagesFor(user: SessionUser): PageName[] {
  const pages: PageName[] = [];
  if (isAgent(user)) pages.push('agent');
  if (may(user, 'live.read')) pages.push('live');
  if (may(user, 'reports.read')) pages.push('interactions', 'reports');
  if (may(user, 'telephony.read') || may(user, 'live.read')) pages.push('telephony');
  return pages;
}
