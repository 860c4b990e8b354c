import { Badge, Button, Group, Modal, ScrollArea, Stack, Tabs, Text, TextInput, UnstyledButton } from '@mantine/core';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { TransferTarget } from '@/lib/gateway/gateway';
import { usePlatform, usePlatformState } from '@/lib/platform';
import { StateDot, stateKey } from '@/lib/ui/agent-state';
import { Empty } from '@/lib/ui/empty';
import { Icon } from '@/lib/ui/icon';
import { useAction } from '@/lib/ui/use-action';
import { agentTargets, diallable, queueTargets, type TargetView } from './transfer-targets';

interface Props {
  callId: string;
  opened: boolean;
  onClose: () => void;
}

export function TransferDialog({ callId, opened, onClose }: Props) {
  const { t } = useTranslation();
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={<Text fw={700}>{t('transfer.title')}</Text>}
      closeButtonProps={{ 'aria-label': t('common.close') }}
    >
      <TransferForm callId={callId} onDone={onClose} />
    </Modal>
  );
}

function TransferForm({ callId, onDone }: { callId: string; onDone: () => void }) {
  const { t } = useTranslation();
  const { gateway, user } = usePlatform();
  const { settings, liveAgents, liveQueues } = usePlatformState();
  const { busy, run } = useAction();
  const [tab, setTab] = useState('agents');
  const [search, setSearch] = useState('');
  // Live states while the dialog is open.
  useEffect(() => gateway.useLive(), [gateway]);

  const input = { settings, liveAgents, liveQueues, ownUserId: user.userId, search };
  const number = diallable(search);
  const transfer = async (target: TransferTarget) => {
    if (await run(() => gateway.transfer(callId, target))) onDone();
  };
  return (
    <Stack gap="sm">
      <TextInput
        data-autofocus
        label={t('transfer.search')}
        placeholder={t('transfer.searchPlaceholder')}
        leftSection={<Icon name="search" />}
        value={search}
        onChange={(event) => setSearch(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && number) void transfer({ kind: 'number', id: number });
        }}
      />
      {number && (
        <Button
          variant="light"
          justify="flex-start"
          leftSection={<Icon name="phone" />}
          loading={busy}
          onClick={() => void transfer({ kind: 'number', id: number })}
        >
          {t('transfer.toNumber', { number })}
        </Button>
      )}
      <Tabs value={tab} onChange={(value) => setTab(value ?? 'agents')}>
        <Tabs.List>
          <Tabs.Tab value="agents">{t('transfer.agents')}</Tabs.Tab>
          <Tabs.Tab value="queues">{t('transfer.queues')}</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="agents" pt="xs">
          <TargetList targets={agentTargets(input)} busy={busy} onChoose={transfer} />
        </Tabs.Panel>
        <Tabs.Panel value="queues" pt="xs">
          <TargetList targets={queueTargets(input)} busy={busy} onChoose={transfer} />
        </Tabs.Panel>
      </Tabs>
    </Stack>
  );
}

interface ListProps {
  targets: TargetView[];
  busy: boolean;
  onChoose: (target: TransferTarget) => void;
}

function TargetList({ targets, busy, onChoose }: ListProps) {
  const { t } = useTranslation();
  if (targets.length === 0) return <Empty icon="search" title={t('transfer.nobody')} />;
  return (
    <ScrollArea.Autosize mah={320} type="auto">
      <Stack gap={2}>
        {targets.map((one) => (
          <UnstyledButton
            key={one.target.id}
            className="zvon-row"
            disabled={busy}
            onClick={() => onChoose(one.target)}
          >
            <Group wrap="nowrap" gap="sm">
              {one.state !== undefined ? <StateDot state={one.state} /> : <Icon name={one.target.kind === 'queue' ? 'queue' : 'user'} />}
              <Text flex={1} truncate>
                {one.name}
              </Text>
              <TargetDetail target={one} />
            </Group>
          </UnstyledButton>
        ))}
      </Stack>
    </ScrollArea.Autosize>
  );
}

function TargetDetail({ target }: { target: TargetView }) {
  const { t } = useTranslation();
  return (
    <Group gap="xs" wrap="nowrap">
      {target.state !== undefined && (
        <Text size="xs" c="dimmed">
          {t(stateKey(target.state))}
        </Text>
      )}
      {target.waiting !== undefined && (
        <Text size="xs" c="dimmed">
          {t('transfer.queueDetail', { waiting: target.waiting, ready: target.ready ?? 0 })}
        </Text>
      )}
      {target.detail && (
        <Badge variant="default" tt="none">
          {target.detail}
        </Badge>
      )}
    </Group>
  );
}
