// Tenant and login of the last log-in on this browser; never the password.

export interface Remembered {
  tenant: string;
  login: string;
}

const kKey = 'zvon.sign-in';

export function loadRemembered(storage: Storage): Remembered {
  try {
    const value = JSON.parse(storage.getItem(kKey) ?? '{}') as Record<string, unknown>;
    const text = (name: string) => (typeof value[name] === 'string' ? value[name] : '');
    return { tenant: text('tenant'), login: text('login') };
  } catch {
    return { tenant: '', login: '' };
  }
}

export function saveRemembered(storage: Storage, { tenant, login }: Remembered): void {
  try {
    storage.setItem(kKey, JSON.stringify({ tenant, login }));
  } catch {
    // Without storage one types it again.
  }
}
