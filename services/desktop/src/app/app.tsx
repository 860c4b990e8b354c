import { Button, Center, Loader, Stack } from '@mantine/core';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { SignInPage } from '@/features/sign-in';
import { api } from '@/lib/api';
import { GatewayClient } from '@/lib/gateway/gateway';
import { PlatformProvider } from '@/lib/platform';
import { isAgent, type SessionUser } from '@/lib/session-user';
import { useStore } from '@/lib/store';
import { Empty } from '@/lib/ui/empty';
import { browserPorts } from './browser-ports';
import { LanguageSwitch, ThemeSwitch } from './controls';
import { Desktop } from './desktop';
import { beginSession, endSession, restoreSession, session } from './session';

export function App() {
  const { t } = useTranslation();
  const state = useStore(session);
  useEffect(() => void restoreSession(), []);
  if (state.kind === 'loading') {
    return (
      <Center mih="100dvh">
        <Loader aria-label={t('common.loading')} />
      </Center>
    );
  }
  if (state.kind === 'unreachable') return <Unreachable />;
  if (state.kind === 'signedOut') {
    const notice = state.why && t(state.why === 'expired' ? 'signIn.expired' : 'signIn.replaced');
    return <SignInPage notice={notice} controls={<Controls />} onSignedIn={beginSession} />;
  }
  return <SignedIn key={`${state.user.tenantId}/${state.user.userId}`} user={state.user} />;
}

function Controls() {
  return (
    <>
      <LanguageSwitch />
      <ThemeSwitch />
    </>
  );
}

function Unreachable() {
  const { t } = useTranslation();
  return (
    <Center mih="100dvh" component="main">
      <Stack>
        <Empty icon="warning" title={t('connection.unreachable')} text={t('connection.unreachableText')}>
          <Button onClick={() => void restoreSession()}>{t('connection.retryNow')}</Button>
        </Empty>
      </Stack>
    </Center>
  );
}

// One gateway client for as long as this user is signed in.
function SignedIn({ user }: { user: SessionUser }) {
  const { i18n } = useTranslation();
  const [gateway] = useState(() => new GatewayClient(browserPorts));

  useEffect(() => {
    gateway.start({ token: api.token, language: i18n.language, agent: isAgent(user) });
    const check = () => {
      if (!document.hidden) gateway.connection.check();
    };
    window.addEventListener('online', check);
    document.addEventListener('visibilitychange', check);
    const unsubscribe = gateway.connection.state.subscribe(() => {
      const state = gateway.connection.state.get();
      if (state.kind !== 'closed') return;
      if (state.reason === 'unauthenticated') endSession('expired');
      if (state.reason === 'replaced') endSession('replaced');
    });
    return () => {
      window.removeEventListener('online', check);
      document.removeEventListener('visibilitychange', check);
      unsubscribe();
      gateway.stop();
    };
    // The language of a running connection stays; texts of ours follow at once.
  }, [gateway, user]);

  const signOut = async () => {
    await gateway.signOut().catch(() => undefined);
    gateway.stop();
    await api.signOut().catch(() => undefined);
    endSession();
  };
  return (
    <PlatformProvider value={{ user, gateway }}>
      <Desktop onSignOut={() => void signOut()} />
    </PlatformProvider>
  );
}
