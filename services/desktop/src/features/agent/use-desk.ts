// The agent's view model as a hook, and what the agent can do.
import { useEffect, useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { CallAction_Action as Action } from '@/gen/zvon/gateway/v1/frames_pb';
import type { GatewayClient } from '@/lib/gateway/gateway';
import { usePlatformState } from '@/lib/platform';
import { Store, useStore } from '@/lib/store';
import { showToast } from '@/lib/ui/toasts';
import { failureOf } from './call-end';
import { deskView, type DeskView, type IncomingView } from './desk-view';

const kStartedKey = 'zvon.started-calls';
const kStartedMax = 20;

function storedStarted(): ReadonlySet<string> {
  try {
    const list: unknown = JSON.parse(sessionStorage.getItem(kStartedKey) ?? '[]');
    return new Set(Array.isArray(list) ? list.filter((id) => typeof id === 'string') : []);
  } catch {
    return new Set();
  }
}

const startedCallIds = new Store<ReadonlySet<string>>(storedStarted());

export async function startCall(gateway: GatewayClient, number: string): Promise<void> {
  const callId = await gateway.startCall(number);
  if (!callId) return;
  const ids = [...startedCallIds.get(), callId].slice(-kStartedMax);
  sessionStorage.setItem(kStartedKey, JSON.stringify(ids));
  startedCallIds.set(new Set(ids));
}

// A queue's offer is declined at the router, a direct call is hung up.
export function decline(gateway: GatewayClient, incoming: IncomingView): Promise<string> {
  return incoming.offerId
    ? gateway.declineOffer(incoming.offerId)
    : gateway.callAction(incoming.callId, Action.HANG_UP);
}

export function useDesk(): DeskView {
  const { agent, calls, answerTimes } = usePlatformState();
  const started = useStore(startedCallIds);
  return useMemo(
    () => deskView({ agent, calls, answerTimes, startedCallIds: started }),
    [agent, calls, answerTimes, started],
  );
}

// Says why a call of one's own was not put through.
export function useFailureNotice(): void {
  const { t } = useTranslation();
  const { endedCall } = usePlatformState();
  useEffect(() => {
    const cause = failureOf(endedCall, startedCallIds.get());
    if (cause) showToast('error', t('agent.callFailed', { cause: t(`endCauses.${cause}` as 'endCauses.busy') }));
  }, [endedCall, t]);
}

// Adds key handling; the newest handler is always the one called.
export function useKeyDown(handler: (event: KeyboardEvent) => void): void {
  useEffect(() => {
    window.addEventListener('keydown', handler);
    return () => window.removeEventListener('keydown', handler);
  }, [handler]);
}
