import type { ConnectionPorts, SocketPort } from '@/lib/gateway/connection';
import { kSubprotocol } from '@/lib/gateway/connection';
import { serverClock } from '@/lib/gateway/server-clock';
import { checkSession } from './session';

function newId(): string {
  // randomUUID exists only in secure contexts; a plain-HTTP desktop in a
  // closed network is not one.
  if (typeof crypto.randomUUID === 'function') return crypto.randomUUID();
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

export const browserPorts: ConnectionPorts = {
  open: (): SocketPort => {
    const url = `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/ws`;
    return new WebSocket(url, kSubprotocol) as unknown as SocketPort;
  },
  random: Math.random,
  newId,
  clock: serverClock,
  checkSession,
};
