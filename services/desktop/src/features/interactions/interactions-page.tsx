import { Alert, Badge, Box, Button, Card, Group, LoadingOverlay, Stack, Table, Text, Title, Tooltip } from '@mantine/core';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { InteractionRecord } from '@/gen/zvon/reporting/v1/reporting_pb';
import { api } from '@/lib/api';
import { dateTimeText, phoneText } from '@/lib/format';
import { useSettings } from '@/lib/platform';
import { nameIn, queueName, userName } from '@/lib/settings';
import { clockText, lengthOf, timeOf, timeZone } from '@/lib/time';
import { Empty } from '@/lib/ui/empty';
import { Icon } from '@/lib/ui/icon';
import { errorText } from '@/lib/ui/use-action';
import { useLoad } from '@/lib/use-load';
import { FilterBar } from './filter-bar';
import { filterQuery, filtersFromHash, hashOf, type Filters } from './filters';
import { InteractionDrawer } from './interaction-drawer';
import { outcomeColor, outcomeText } from './texts';

const kPageSize = 50;

export function InteractionsPage() {
  const { t } = useTranslation();
  const [filters, setFilters] = useState<Filters>(() => filtersFromHash(location.hash));
  // Tokens of the pages turned so far; the last is the page shown.
  const [tokens, setTokens] = useState(['']);
  const [opened, setOpened] = useState<InteractionRecord>();
  useEffect(() => {
    history.replaceState(null, '', hashOf(filters));
  }, [filters]);

  const pageToken = tokens.at(-1) ?? '';
  const { data, error, loading, reload } = useLoad(
    () => api.listInteractions({ ...filterQuery(filters, Date.now()), pageSize: kPageSize, pageToken }),
    [filters, pageToken],
  );
  const change = (next: Filters) => {
    setFilters(next);
    setTokens(['']);
  };
  return (
    <Stack gap="md">
      <Group justify="space-between">
        <Title order={1} size="h3">
          {t('interactions.title')}
        </Title>
        <Group gap="xs">
          <Button variant="default" leftSection={<Icon name="refresh" size={16} />} loading={loading} onClick={reload}>
            {t('common.refresh')}
          </Button>
          <Button
            component="a"
            variant="default"
            download
            href={api.csvUrl('/interactions.csv', { ...filterQuery(filters, Date.now()), timeZone: timeZone() })}
            leftSection={<Icon name="download" size={16} />}
          >
            {t('common.exportCsv')}
          </Button>
        </Group>
      </Group>
      <Card withBorder radius="md" padding="md">
        <FilterBar filters={filters} onChange={change} />
      </Card>
      {error !== undefined && (
        <Alert color="red" icon={<Icon name="warning" />}>
          <Group justify="space-between">
            {errorText(t, error)}
            <Button size="xs" variant="default" onClick={reload}>
              {t('common.tryAgain')}
            </Button>
          </Group>
        </Alert>
      )}
      <Card withBorder radius="md" padding={0} pos="relative">
        <LoadingOverlay visible={loading && !data} zIndex={1} />
        <Box mih={data ? 0 : 160}>
          {data?.interactions.length === 0 && (
            <Empty icon="list" title={t('interactions.empty')} text={t('interactions.emptyText')} />
          )}
          {data && data.interactions.length > 0 && <RecordTable records={data.interactions} onOpen={setOpened} />}
        </Box>
      </Card>
      {data && (tokens.length > 1 || data.nextPageToken) && (
        <Group justify="center" gap="md">
          <Button
            variant="default"
            disabled={tokens.length === 1}
            leftSection={<Icon name="left" size={16} />}
            onClick={() => setTokens(tokens.slice(0, -1))}
          >
            {t('interactions.newer')}
          </Button>
          <Text size="sm">{t('interactions.page', { page: tokens.length })}</Text>
          <Button
            variant="default"
            disabled={!data.nextPageToken}
            rightSection={<Icon name="right" size={16} />}
            onClick={() => setTokens([...tokens, data.nextPageToken])}
          >
            {t('interactions.older')}
          </Button>
        </Group>
      )}
      <InteractionDrawer record={opened} onClose={() => setOpened(undefined)} />
    </Stack>
  );
}

interface TableProps {
  records: readonly InteractionRecord[];
  onOpen: (record: InteractionRecord) => void;
}

function RecordTable({ records, onOpen }: TableProps) {
  const { t } = useTranslation();
  return (
    <Table.ScrollContainer minWidth={960} type="native" tabIndex={0}>
      <Table highlightOnHover verticalSpacing="xs" horizontalSpacing={8} className="zvon-numbers" aria-label={t('interactions.title')}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t('interactions.start')}</Table.Th>
            <Table.Th>{t('interactions.customer')}</Table.Th>
            <Table.Th>{t('interactions.queue')}</Table.Th>
            <Table.Th>{t('interactions.agent')}</Table.Th>
            <Table.Th>{t('interactions.outcome')}</Table.Th>
            <Table.Th ta="right">{t('interactions.wait')}</Table.Th>
            <Table.Th ta="right">{t('interactions.talk')}</Table.Th>
            <Table.Th>{t('interactions.disposition')}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {records.map((record) => (
            <RecordLine key={record.interactionId} record={record} onOpen={onOpen} />
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

function RecordLine({ record, onOpen }: { record: InteractionRecord; onOpen: TableProps['onOpen'] }) {
  const { t, i18n } = useTranslation();
  const settings = useSettings();
  const start = timeOf(record.startTime);
  const time = start === undefined ? '' : dateTimeText(i18n.language, start);
  const disposition = settings.dispositions.get(record.dispositionId);
  const number = record.direction === 'outbound' ? record.calledNumber : record.callerNumber;
  const name = record.callerName || phoneText(number) || t('common.unknownNumber');
  return (
    <Table.Tr style={{ cursor: 'pointer' }} onClick={() => onOpen(record)}>
      <Table.Td style={{ whiteSpace: 'nowrap' }}>
        {/* The row opens by mouse anywhere, by keyboard here. */}
        <Button
          variant="transparent"
          size="compact-sm"
          px={0}
          aria-label={t('interactions.open', { name, time })}
          onClick={(event) => {
            event.stopPropagation();
            onOpen(record);
          }}
        >
          {time}
        </Button>
      </Table.Td>
      <Table.Td miw={170} style={{ overflowWrap: 'anywhere' }}>
        <Group gap={6} wrap="nowrap">
          <Icon name={record.direction === 'outbound' ? 'out' : 'in'} size={14} />
          <div>
            <Text size="sm" fw={500}>
              {name}
            </Text>
            {record.callerName && (
              <Text size="xs" c="dimmed">
                {phoneText(number)}
              </Text>
            )}
          </div>
        </Group>
      </Table.Td>
      <Table.Td>{record.queueId ? queueName(settings, record.queueId) : '—'}</Table.Td>
      <Table.Td>{record.agentId ? userName(settings, record.agentId) : '—'}</Table.Td>
      <Table.Td>
        <Badge color={outcomeColor(record.outcome)} variant="dot" tt="none" fw={500} style={{ flexShrink: 0, overflow: 'visible' }} styles={{ label: { overflow: 'visible' } }}>
          {outcomeText(t, record.outcome)}
        </Badge>
      </Table.Td>
      <Table.Td ta="right">{clockText(lengthOf(record.wait))}</Table.Td>
      <Table.Td ta="right">
        <Group gap={6} wrap="nowrap" justify="flex-end">
          {record.recordingIds.length > 0 && (
            <Tooltip label={t('interactions.recorded')}>
              <span role="img" aria-label={t('interactions.recorded')}>
                <Icon name="volume" size={14} />
              </span>
            </Tooltip>
          )}
          {record.talk ? clockText(lengthOf(record.talk)) : '—'}
        </Group>
      </Table.Td>
      <Table.Td>{disposition ? nameIn(disposition.names, i18n.language, disposition.id) : record.dispositionId || '—'}</Table.Td>
    </Table.Tr>
  );
}
