import { Badge, Card, Table, Text, Title, Tooltip } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { percentText } from '@/lib/format';
import { clockText } from '@/lib/time';
import { Empty } from '@/lib/ui/empty';
import { useNow } from '@/lib/use-now';
import { sortRows, type QueueRow, type Sorting } from './live-view';
import { SortHeader } from './sort-header';

export function QueueTable({ rows }: { rows: readonly QueueRow[] }) {
  const { t } = useTranslation();
  const [sorting, setSorting] = useState<Sorting<QueueRow>>({ column: 'name', descending: false });
  const head = (column: keyof QueueRow, label: string, numeric = true) => (
    <SortHeader column={column} label={label} sorting={sorting} onSort={setSorting} numeric={numeric} />
  );
  return (
    <Card withBorder radius="md" padding="md" component="section" aria-labelledby="live-queues">
      <Title order={2} size="h4" id="live-queues" mb="xs">
        {t('live.queues')}
      </Title>
      {rows.length === 0 ? (
        <Empty icon="queue" title={t('live.noQueues')} text={t('live.noQueuesText')} />
      ) : (
        <Table.ScrollContainer minWidth={860} type="native" tabIndex={0}>
          <Table highlightOnHover verticalSpacing="xs" horizontalSpacing={8} className="zvon-numbers" aria-labelledby="live-queues">
            <Table.Thead>
              <Table.Tr>
                {head('name', t('live.queue'), false)}
                {head('waiting', t('live.waiting'))}
                {head('longestSince', t('live.longestWait'))}
                {head('ready', t('live.ready'))}
                {head('engaged', t('live.engaged'))}
                {head('notReady', t('live.notReady'))}
                {head('serviceLevel', t('live.serviceLevel'))}
                {head('answered', t('live.answered'))}
                {head('abandoned', t('live.abandoned'))}
                {head('averageWait', t('live.averageWait'))}
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {sortRows(rows, sorting).map((row) => (
                <QueueLine key={row.id} row={row} />
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      )}
    </Card>
  );
}

function QueueLine({ row }: { row: QueueRow }) {
  const { t, i18n } = useTranslation();
  return (
    <Table.Tr>
      <Table.Td fw={600} style={{ whiteSpace: 'nowrap' }}>
        {row.name}
      </Table.Td>
      <Table.Td ta="right">
        {row.waiting > 0 ? (
          <Badge size="lg" color={row.ready > 0 ? 'orange' : 'red'} variant="light">
            {row.waiting}
          </Badge>
        ) : (
          0
        )}
      </Table.Td>
      <Table.Td ta="right">
        <LongestWait since={row.longestSince} threshold={row.threshold} />
      </Table.Td>
      <Table.Td ta="right">{row.ready}</Table.Td>
      <Table.Td ta="right">{row.engaged}</Table.Td>
      <Table.Td ta="right">{row.notReady}</Table.Td>
      <Table.Td ta="right">
        <Tooltip label={t('live.serviceLevelHint', { seconds: Math.round(row.threshold / 1000) })}>
          <span>{row.serviceLevel === undefined ? '—' : percentText(i18n.language, row.serviceLevel)}</span>
        </Tooltip>
      </Table.Td>
      <Table.Td ta="right">{row.answered}</Table.Td>
      <Table.Td ta="right">{row.abandoned}</Table.Td>
      <Table.Td ta="right">{row.answered > 0 ? clockText(row.averageWait) : '—'}</Table.Td>
    </Table.Tr>
  );
}

function LongestWait({ since, threshold }: { since: number | undefined; threshold: number }) {
  const now = useNow();
  if (since === undefined) return <>—</>;
  const late = now - since > threshold;
  return (
    <Text component="span" size="sm" fw={late ? 700 : 400} className={late ? 'zvon-late' : undefined}>
      {clockText(now - since)}
    </Text>
  );
}
