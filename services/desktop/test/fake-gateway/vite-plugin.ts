// `npm run dev`: the pages with hot reload over the fake gateway, with calls
// coming in by themselves and other agents at work.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Plugin } from 'vite';
import { keepBusy } from './traffic';
import { FakeGateway } from './fake-gateway';

type Next = () => void;

export function fakeGatewayPlugin(): Plugin {
  const gateway = new FakeGateway();
  const rest = (request: IncomingMessage, response: ServerResponse, next: Next) =>
    request.url?.startsWith('/api/') ? gateway.handle(request, response) : next();
  const upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    if (request.url === '/ws') gateway.upgrade(request, socket, head);
  };
  return {
    name: 'zvon-fake-gateway',
    configureServer(server) {
      keepBusy(gateway);
      server.middlewares.use(rest);
      server.httpServer?.on('upgrade', upgrade);
    },
    configurePreviewServer(server) {
      keepBusy(gateway);
      server.middlewares.use(rest);
      server.httpServer.on('upgrade', upgrade);
    },
  };
}
