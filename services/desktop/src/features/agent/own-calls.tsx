// The agent's own interactions of today, newest first, with their sound.
import { ActionIcon, Alert, Box, Card, Collapse, Group, Loader, Stack, Text, Title, UnstyledButton } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { InteractionRecord } from '@/gen/zvon/reporting/v1/reporting_pb';
import { AgentState } from '@/gen/zvon/routing/v1/routing_pb';
import { api } from '@/lib/api';
import { phoneText, shortTimeText } from '@/lib/format';
import { usePlatform, usePlatformState } from '@/lib/platform';
import { Recordings } from '@/lib/player/recordings';
import { nameIn, queueName } from '@/lib/settings';
import { clockText, lengthOf, startOfDay, timeOf } from '@/lib/time';
import { Empty } from '@/lib/ui/empty';
import { Icon } from '@/lib/ui/icon';
import { errorText } from '@/lib/ui/use-action';
import { useLoad } from '@/lib/use-load';

const kPageSize = 50;
// Reporting follows the events by a moment, sometimes by a few.
const kReportDelays = [2000, 8000];

export function OwnCalls() {
  const { t } = useTranslation();
  const { user } = usePlatform();
  const { data, error, loading, reload } = useLoad(
    () =>
      api.listInteractions({
        from: new Date(startOfDay(Date.now())).toISOString(),
        agent: user.userId,
        pageSize: kPageSize,
      }),
    [user.userId],
  );
  useReloadAfterWork(reload);
  return (
    <Card withBorder radius="md" padding="md" component="section" aria-labelledby="own-calls">
      <Group justify="space-between" mb="xs">
        <Title order={2} size="h4" id="own-calls">
          {t('ownCalls.title')}
        </Title>
        <ActionIcon variant="subtle" aria-label={t('common.refresh')} loading={loading && !!data} onClick={reload}>
          <Icon name="refresh" />
        </ActionIcon>
      </Group>
      {error !== undefined && (
        <Alert color="red" mb="xs" icon={<Icon name="warning" />}>
          {errorText(t, error)}
        </Alert>
      )}
      {!data && loading && <Loader size="sm" aria-label={t('common.loading')} />}
      {data?.interactions.length === 0 && (
        <Empty icon="phone" title={t('ownCalls.empty')} text={t('ownCalls.emptyText')} />
      )}
      <Stack gap={2}>
        {data?.interactions.map((record) => <OwnCall key={record.interactionId} record={record} />)}
      </Stack>
    </Card>
  );
}

function useReloadAfterWork(reload: () => void): void {
  const state = usePlatformState().agent?.state;
  const before = useRef(state);
  useEffect(() => {
    const worked = before.current === AgentState.ENGAGED || before.current === AgentState.WRAP_UP;
    const changed = before.current !== state;
    before.current = state;
    if (!worked || !changed) return;
    const timers = kReportDelays.map((delay) => setTimeout(reload, delay));
    return () => timers.forEach(clearTimeout);
  }, [state, reload]);
}

function OwnCall({ record }: { record: InteractionRecord }) {
  const { t, i18n } = useTranslation();
  const { settings } = usePlatformState();
  const [opened, setOpened] = useState(false);
  const start = timeOf(record.startTime);
  const outbound = record.direction === 'outbound';
  const number = outbound ? record.calledNumber : record.callerNumber;
  const disposition = settings.dispositions.get(record.dispositionId);
  const talk = lengthOf(record.talk);
  return (
    <Box>
      <UnstyledButton className="zvon-row" aria-expanded={opened} onClick={() => setOpened(!opened)}>
        <Group wrap="nowrap" gap="sm">
          <Box c={outbound ? 'blue' : 'teal'}>
            <Icon name={outbound ? 'out' : 'in'} />
          </Box>
          <Box flex={1} miw={0}>
            <Text size="sm" fw={600} truncate>
              {record.callerName || phoneText(number) || t('common.unknownNumber')}
            </Text>
            <Text size="xs" c="dimmed" truncate>
              {[
                record.callerName && phoneText(number),
                start !== undefined && shortTimeText(i18n.language, start),
                record.queueId && queueName(settings, record.queueId),
                disposition && nameIn(disposition.names, i18n.language, disposition.id),
              ]
                .filter(Boolean)
                .join(' · ')}
            </Text>
          </Box>
          <Text size="sm" style={{ fontVariantNumeric: 'tabular-nums' }}>
            {talk > 0 ? clockText(talk) : '—'}
          </Text>
          <Icon name={opened ? 'up' : 'down'} size={14} />
        </Group>
      </UnstyledButton>
      <Collapse expanded={opened}>
        {opened && (
          <Box p="sm">
            {record.comment && (
              <Text size="sm" mb="sm" style={{ overflowWrap: 'anywhere' }}>
                {record.comment}
              </Text>
            )}
            <Recordings interactionId={record.interactionId} />
          </Box>
        )}
      </Collapse>
    </Box>
  );
}
