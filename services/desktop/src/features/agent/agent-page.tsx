import { Card, Grid, Group, Kbd, Stack, Switch, Text, Title, VisuallyHidden } from '@mantine/core';
import { useCallback, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { CallAction_Action as Action } from '@/gen/zvon/gateway/v1/frames_pb';
import { AgentState } from '@/gen/zvon/routing/v1/routing_pb';
import { phoneText } from '@/lib/format';
import { usePlatform, usePlatformState } from '@/lib/platform';
import { queueName } from '@/lib/settings';
import { useStore } from '@/lib/store';
import { StateDot, stateKey } from '@/lib/ui/agent-state';
import { showToast } from '@/lib/ui/toasts';
import { errorText } from '@/lib/ui/use-action';
import { CallForm } from './call-form';
import type { DeskView } from './desk-view';
import { IncomingCard } from './incoming-card';
import { OwnCalls } from './own-calls';
import { shortcutOf, shortcuts, type ShortcutName } from './shortcuts';
import { TalkPanel } from './talk-panel';
import { setSound, soundOn } from './use-incoming-alert';
import { decline, useDesk, useFailureNotice, useKeyDown } from './use-desk';
import { WrapUpForm, WrapUpPanel } from './wrap-up-panel';

export function AgentPage() {
  const { t } = useTranslation();
  const desk = useDesk();
  const [transferFor, setTransferFor] = useState('');
  useFailureNotice();
  useDeskShortcuts(desk, () => setTransferFor(desk.talk?.callId ?? ''));
  const { incoming, talk, wrapUp } = desk;
  return (
    <>
      <VisuallyHidden>
        <Title order={1}>{t('pages.agent')}</Title>
      </VisuallyHidden>
      <Announcer desk={desk} />
      <Grid gap="md">
        <Grid.Col span={{ base: 12, md: 7 }}>
          <Stack gap="md">
            {incoming && <IncomingCard key={incoming.key} incoming={incoming} />}
            {talk && (
              <TalkPanel
                talk={talk}
                transferOpened={transferFor !== '' && transferFor === talk.callId}
                onTransfer={(opened) => setTransferFor(opened ? talk.callId : '')}
              />
            )}
            {wrapUp && <WrapUpPanel wrapUp={wrapUp} />}
            {talk?.interactionId && talk.queueId && !wrapUp && (
              <Card withBorder radius="md" padding="md" component="section" aria-label={t('wrapUp.notes')}>
                <Text fw={600}>{t('wrapUp.notes')}</Text>
                <WrapUpForm key={talk.interactionId} interactionId={talk.interactionId} queueId={talk.queueId} finishable={false} />
              </Card>
            )}
            {!incoming && !talk && !wrapUp && <IdleCard />}
            {!talk && <CallForm />}
          </Stack>
        </Grid.Col>
        <Grid.Col span={{ base: 12, md: 5 }}>
          <Stack gap="md">
            <OwnCalls />
            <Preferences />
          </Stack>
        </Grid.Col>
      </Grid>
    </>
  );
}

function useDeskShortcuts({ incoming, talk }: DeskView, onTransfer: () => void): void {
  const { t } = useTranslation();
  const { gateway } = usePlatform();
  useKeyDown(
    useCallback(
      (event: KeyboardEvent) => {
        const possible: ShortcutName[] = [];
        if (incoming) possible.push('answer', 'decline');
        if (talk?.callId && !talk.calling) possible.push('hold', 'transfer');
        if (talk?.callId) possible.push('hangUp');
        const name = shortcutOf(event, possible);
        if (!name) return;
        event.preventDefault();
        const work = {
          answer: () => incoming && gateway.callAction(incoming.callId, Action.ANSWER),
          decline: () => incoming && decline(gateway, incoming),
          hold: () => talk && gateway.callAction(talk.callId, talk.held ? Action.RESUME : Action.HOLD),
          transfer: onTransfer,
          hangUp: () => talk && gateway.callAction(talk.callId, Action.HANG_UP),
          finish: () => undefined,
        }[name]();
        Promise.resolve(work).catch((error: unknown) => showToast('error', errorText(t, error)));
      },
      [incoming, talk, gateway, onTransfer, t],
    ),
  );
}

// Tells screen readers what happens to calls, at once.
function Announcer({ desk }: { desk: DeskView }) {
  const { t } = useTranslation();
  const { settings } = usePlatformState();
  const { incoming, talk, wrapUp } = desk;
  const name = incoming ? incoming.name || phoneText(incoming.number) || t('common.unknownNumber') : '';
  const text = incoming
    ? t('agent.incomingSpoken', { name, queue: incoming.queueId ? queueName(settings, incoming.queueId) : '—' })
    : talk
      ? t(talk.held ? 'agent.onHold' : 'agent.talk')
      : wrapUp
        ? t('wrapUp.title')
        : '';
  return (
    <VisuallyHidden aria-live="assertive" role="alert">
      {text}
    </VisuallyHidden>
  );
}

function IdleCard() {
  const { t } = useTranslation();
  const { agent } = usePlatformState();
  const state = agent?.state ?? AgentState.OFFLINE;
  const text =
    state === AgentState.READY
      ? t('agent.idleReady')
      : state === AgentState.NOT_READY
        ? t('agent.idleNotReady')
        : t('agent.idleOffline');
  return (
    <Card withBorder radius="md" padding="xl" component="section" aria-label={t('agent.status')}>
      <Stack align="center" gap={6} py="md">
        <Group gap="sm">
          <StateDot state={state} size={14} />
          <Text fz={24} fw={700}>
            {t(stateKey(state))}
          </Text>
        </Group>
        <Text c="dimmed" ta="center">
          {text}
        </Text>
        {!!agent?.handledToday && (
          <Text size="sm" c="dimmed">
            {t('agent.handledToday', { count: agent.handledToday })}
          </Text>
        )}
      </Stack>
    </Card>
  );
}

const kShown: ShortcutName[] = ['answer', 'decline', 'hold', 'transfer', 'hangUp', 'finish'];

function Preferences() {
  const { t } = useTranslation();
  const sound = useStore(soundOn);
  return (
    <Card withBorder radius="md" padding="md" component="section" aria-labelledby="preferences">
      <Title order={2} size="h4" id="preferences" mb="sm">
        {t('preferences.title')}
      </Title>
      <Switch label={t('preferences.sound')} checked={sound} onChange={(event) => setSound(event.currentTarget.checked)} />
      <NotificationSwitch />
      <Stack gap={6} mt="md" visibleFrom="sm">
        {kShown.map((name) => (
          <Group key={name} justify="space-between">
            <Text size="sm">{t(`shortcuts.${name}`)}</Text>
            <Kbd>{shortcuts[name].label}</Kbd>
          </Group>
        ))}
      </Stack>
    </Card>
  );
}

function NotificationSwitch() {
  const { t } = useTranslation();
  const [permission, setPermission] = useState(() =>
    'Notification' in window ? Notification.permission : 'denied',
  );
  if (!('Notification' in window)) return null;
  return (
    <Switch
      mt="xs"
      label={t('preferences.notifications')}
      description={permission === 'denied' ? t('preferences.notificationsDenied') : undefined}
      checked={permission === 'granted'}
      disabled={permission !== 'default'}
      onChange={() => void Notification.requestPermission().then(setPermission)}
    />
  );
}
