// A component as it stands on a page: theme, texts, a signed-in user and a
// gateway client whose other end is the test.
import { fromJson } from '@bufbuild/protobuf';
import { MantineProvider } from '@mantine/core';
import { render } from '@testing-library/react';
import type { ReactNode } from 'react';
import { ServerFrameSchema, type ServerFrameJson } from '@/gen/zvon/gateway/v1/frames_pb';
import { startI18n } from '@/i18n/i18n';
import { GatewayClient } from '@/lib/gateway/gateway';
import { applyFrame } from '@/lib/gateway/platform-state';
import { ServerClock } from '@/lib/gateway/server-clock';
import { PlatformProvider } from '@/lib/platform';
import type { SessionUser } from '@/lib/session-user';
import { parseSettings } from '@/lib/settings';
import { settings } from './fake-gateway/demo';
import { FakeSocket } from './fake-socket';

export const agentUser: SessionUser = {
  tenantId: 'demo',
  userId: 'agent1',
  displayName: 'Анна Белова',
  roleIds: ['agent'],
  permissions: ['calls.handle'],
};

export function renderOnPage(children: ReactNode, user: SessionUser = agentUser) {
  startI18n({ getItem: () => 'ru' }, []);
  const socket = new FakeSocket();
  let id = 0;
  const gateway = new GatewayClient({
    open: () => socket,
    random: () => 0.5,
    newId: () => `id${++id}`,
    clock: new ServerClock(),
    checkSession: () => Promise.resolve('valid' as const),
  });
  gateway.start({ token: 't', language: 'ru', agent: true });
  socket.accept();
  socket.welcome('s1');
  gateway.state.update((state) => ({ ...state, settings: parseSettings(settings as never) }));
  const view = render(
    <MantineProvider env="test">
      <PlatformProvider value={{ user, gateway }}>{children}</PlatformProvider>
    </MantineProvider>,
  );
  const tell = (frame: ServerFrameJson) =>
    gateway.state.update((state) => applyFrame(state, fromJson(ServerFrameSchema, frame)));
  return { ...view, gateway, socket, tell };
}
