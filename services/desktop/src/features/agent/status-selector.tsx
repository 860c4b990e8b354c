// The agent's own state with its timer, and the menu to change it.
import { Button, Group, Menu, Text, VisuallyHidden } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { AgentState, type AgentStatus } from '@/gen/zvon/routing/v1/routing_pb';
import { usePlatform, usePlatformState } from '@/lib/platform';
import { nameIn, selectableReasons, type Settings } from '@/lib/settings';
import { clockText, timeOf } from '@/lib/time';
import { StateDot, stateKey } from '@/lib/ui/agent-state';
import { Icon } from '@/lib/ui/icon';
import { useAction } from '@/lib/ui/use-action';
import { useNow } from '@/lib/use-now';

function reasonText(settings: Settings, language: string, id: string): string {
  const reason = settings.reasons.get(id);
  return reason ? nameIn(reason.names, language, id) : id;
}

export function StatusSelector() {
  const { t, i18n } = useTranslation();
  const { gateway } = usePlatform();
  const { agent, settings } = usePlatformState();
  const { busy, run } = useAction();
  const state = agent?.state ?? AgentState.OFFLINE;
  const label = agent?.reasonId && state === AgentState.NOT_READY
    ? reasonText(settings, i18n.language, agent.reasonId)
    : t(stateKey(state));
  const choose = (next: AgentState, reasonId = '') => run(() => gateway.setState(next, reasonId));
  const chosen = (next: AgentState, reasonId = '') => isChosen(agent, next, reasonId);

  return (
    <Menu position="bottom-end" width={260} shadow="md">
      <Menu.Target>
        <Button
          variant="default"
          size="sm"
          px="sm"
          loading={busy}
          leftSection={<StateDot state={state} size={12} />}
          rightSection={<Icon name="down" size={14} />}
        >
          <Group gap={8} wrap="nowrap">
            <VisuallyHidden>{t('agent.status')}: </VisuallyHidden>
            <Text component="span" size="sm" fw={600} truncate maw={{ base: 120, sm: 170 }}>
              {label}
            </Text>
            <StateTimer agent={agent} />
          </Group>
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item
          leftSection={<StateDot state={AgentState.READY} />}
          rightSection={chosen(AgentState.READY) ? <Icon name="check" size={16} /> : null}
          onClick={() => void choose(AgentState.READY)}
        >
          {t('agentState.ready')}
        </Menu.Item>
        <Menu.Divider />
        <Menu.Label>{t('agentState.notReady')}</Menu.Label>
        {selectableReasons(settings).map((reason) => (
          <Menu.Item
            key={reason.id}
            leftSection={<StateDot state={AgentState.NOT_READY} />}
            rightSection={chosen(AgentState.NOT_READY, reason.id) ? <Icon name="check" size={16} /> : null}
            onClick={() => void choose(AgentState.NOT_READY, reason.id)}
          >
            {nameIn(reason.names, i18n.language, reason.id)}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

function isChosen(agent: AgentStatus | undefined, state: AgentState, reasonId: string): boolean {
  if (!agent) return false;
  const [current, reason] =
    agent.nextState !== AgentState.UNSPECIFIED
      ? [agent.nextState, agent.nextReasonId]
      : [agent.state, agent.reasonId];
  return current === state && reason === reasonId;
}

function StateTimer({ agent }: { agent: AgentStatus | undefined }) {
  const now = useNow();
  const since = timeOf(agent?.stateTime);
  if (since === undefined) return null;
  return (
    <Text component="span" size="sm" c="dimmed" style={{ fontVariantNumeric: 'tabular-nums' }}>
      {clockText(now - since)}
    </Text>
  );
}

// "After this call: Lunch", where the agent asked for it in mid-call.
export function useNextStateText(): string {
  const { t, i18n } = useTranslation();
  const { agent, settings } = usePlatformState();
  if (!agent || agent.nextState === AgentState.UNSPECIFIED) return '';
  const state = agent.nextReasonId
    ? reasonText(settings, i18n.language, agent.nextReasonId)
    : t(stateKey(agent.nextState));
  return t('agent.nextState', { state });
}
