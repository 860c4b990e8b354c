import { Alert, Card, SimpleGrid, Stack, Text, Title, VisuallyHidden } from '@mantine/core';
import { useEffect, useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { numberText } from '@/lib/format';
import { usePlatform, usePlatformState } from '@/lib/platform';
import { useStore } from '@/lib/store';
import { Icon } from '@/lib/ui/icon';
import { Empty } from '@/lib/ui/empty';
import { AgentTable } from './agent-table';
import { agentRows, queueRows, totalsOf, warningsOf, type Totals, type Warning } from './live-view';
import { QueueTable } from './queue-table';

export function LivePage() {
  const { t, i18n } = useTranslation();
  const { gateway } = usePlatform();
  const { settings, liveAgents, liveQueues } = usePlatformState();
  const error = useStore(gateway.liveError);
  useEffect(() => gateway.useLive(), [gateway]);

  const queues = useMemo(() => queueRows(settings, liveQueues), [settings, liveQueues]);
  const agents = useMemo(
    () => agentRows(settings, liveAgents, i18n.language),
    [settings, liveAgents, i18n.language],
  );
  if (error === 'PERMISSION_DENIED') return <Empty icon="live" title={t('live.forbidden')} text={t('errors.PERMISSION_DENIED')} />;
  return (
    <Stack gap="md">
      <VisuallyHidden>
        <Title order={1}>{t('pages.live')}</Title>
      </VisuallyHidden>
      <Warnings warnings={warningsOf(queues)} />
      <Tiles totals={totalsOf(queues, agents)} />
      <QueueTable rows={queues} />
      <AgentTable rows={agents} />
    </Stack>
  );
}

function Warnings({ warnings }: { warnings: readonly Warning[] }) {
  const { t } = useTranslation();
  return (
    <Stack gap="xs" aria-live="polite">
      {warnings.map(({ kind, queue, count }) => (
        <Alert key={`${kind} ${queue}`} color={kind === 'unservable' ? 'red' : 'yellow'} py="xs" icon={<Icon name="warning" />}>
          {t(`live.${kind}`, { queue, count })}
        </Alert>
      ))}
    </Stack>
  );
}

function Tiles({ totals }: { totals: Totals }) {
  const { t, i18n } = useTranslation();
  const tiles = [
    ['waitingTotal', totals.waiting, totals.waiting > 0 ? 'var(--zvon-flowed)' : undefined],
    ['readyTotal', totals.ready, 'var(--zvon-answered)'],
    ['engagedTotal', totals.engaged, undefined],
    ['answeredTotal', totals.answered, undefined],
    ['abandonedTotal', totals.abandoned, undefined],
  ] as const;
  return (
    <SimpleGrid cols={{ base: 2, sm: 3, lg: 5 }} spacing="sm">
      {tiles.map(([name, value, color]) => (
        <Card key={name} withBorder radius="md" padding="sm" style={{ borderTop: `3px solid ${color ?? 'var(--mantine-color-default-border)'}` }}>
          <Text size="sm" c="dimmed">
            {t(`live.${name}`)}
          </Text>
          <Text fz={30} fw={700} lh={1.2} className="zvon-numbers">
            {numberText(i18n.language, value)}
          </Text>
        </Card>
      ))}
    </SimpleGrid>
  );
}
