// The signed-in application: settings, the page chosen, and what must work on
// every page (an incoming call).
import { Loader } from '@mantine/core';
import { lazy, Suspense, useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { AgentPage, useDesk, useIncomingAlert } from '@/features/agent';
import { api } from '@/lib/api';
import { usePlatform } from '@/lib/platform';
import { isAgent, pagesFor, type PageName } from '@/lib/session-user';
import { useStore } from '@/lib/store';
import { Empty } from '@/lib/ui/empty';
import { Toasts } from '@/lib/ui/toasts';
import { goTo, page } from './router';
import { Shell } from './shell';

const LivePage = lazy(() => import('@/features/live').then((m) => ({ default: m.LivePage })));
const InteractionsPage = lazy(() => import('@/features/interactions').then((m) => ({ default: m.InteractionsPage })));
const ReportsPage = lazy(() => import('@/features/reports').then((m) => ({ default: m.ReportsPage })));
const TelephonyPage = lazy(() => import('@/features/telephony').then((m) => ({ default: m.TelephonyPage })));

export function Desktop({ onSignOut }: { onSignOut: () => void }) {
  const { t } = useTranslation();
  const { user } = usePlatform();
  const chosen = useStore(page);
  const allowed = pagesFor(user);
  const shown = chosen && allowed.includes(chosen) ? chosen : allowed[0];
  useSettingsLoader();
  return (
    <Shell page={shown} onSignOut={onSignOut}>
      {isAgent(user) && <IncomingWatch page={shown} />}
      <Suspense fallback={<Loader aria-label={t('common.loading')} />}>
        {shown ? <Page name={shown} /> : <Empty icon="users" title={t('pages.none')} text={t('pages.noneText')} />}
      </Suspense>
      <Toasts />
    </Shell>
  );
}

function Page({ name }: { name: PageName }) {
  switch (name) {
    case 'agent':
      return <AgentPage />;
    case 'live':
      return <LivePage />;
    case 'interactions':
      return <InteractionsPage />;
    case 'reports':
      return <ReportsPage />;
    case 'telephony':
      return <TelephonyPage />;
  }
}

// Whatever page the agent looks at, a new call brings the card forward.
function IncomingWatch({ page: shown }: { page: PageName | undefined }) {
  const { incoming } = useDesk();
  useIncomingAlert(incoming);
  const seen = useRef('');
  useEffect(() => {
    const key = incoming?.key ?? '';
    if (key && key !== seen.current && shown !== 'agent') goTo('agent');
    seen.current = key;
  }, [incoming, shown]);
  return null;
}

// Once at the start, and after each break in which changes may have been missed.
function useSettingsLoader(): void {
  const { gateway } = usePlatform();
  const online = useStore(gateway.connection.state).kind === 'online';
  useEffect(() => {
    if (!online) return;
    let timer: ReturnType<typeof setTimeout>;
    let over = false;
    const load = () =>
      api.settings().then(
        (settings) => !over && gateway.state.update((state) => ({ ...state, settings })),
        () => {
          if (!over) timer = setTimeout(() => void load(), 5000);
        },
      );
    void load();
    return () => {
      over = true;
      clearTimeout(timer);
    };
  }, [online, gateway]);
}
