import { Card, Group, Select, Switch, Table, Text, TextInput, Title } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { AgentState } from '@/gen/zvon/routing/v1/routing_pb';
import { phoneText } from '@/lib/format';
import { useSettings } from '@/lib/platform';
import { queueName } from '@/lib/settings';
import { clockText } from '@/lib/time';
import { StateDot, stateKey } from '@/lib/ui/agent-state';
import { Empty } from '@/lib/ui/empty';
import { Icon } from '@/lib/ui/icon';
import { useNow } from '@/lib/use-now';
import { filterAgents, sortRows, type AgentFilter, type AgentRow, type Sorting } from './live-view';
import { SortHeader } from './sort-header';

const kStates = [
  AgentState.READY,
  AgentState.OFFERED,
  AgentState.ENGAGED,
  AgentState.WRAP_UP,
  AgentState.NOT_READY,
  AgentState.OFFLINE,
];

export function AgentTable({ rows }: { rows: readonly AgentRow[] }) {
  const { t } = useTranslation();
  const [filter, setFilter] = useState<AgentFilter>({ text: '', state: undefined, offline: false });
  const [sorting, setSorting] = useState<Sorting<AgentRow>>({ column: 'state', descending: false });
  const shown = sortRows(filterAgents(rows, filter), sorting);
  const head = (column: keyof AgentRow, label: string, numeric = false) => (
    <SortHeader column={column} label={label} sorting={sorting} onSort={setSorting} numeric={numeric} />
  );
  return (
    <Card withBorder radius="md" padding="md" component="section" aria-labelledby="live-agents">
      <Group justify="space-between" mb="xs" align="flex-end">
        <Group gap="sm" align="baseline">
          <Title order={2} size="h4" id="live-agents">
            {t('live.agents')}
          </Title>
          <Text size="sm" c="dimmed" aria-live="polite">
            {t('live.agentCount', { count: shown.length })}
          </Text>
        </Group>
        <Filters filter={filter} onChange={setFilter} />
      </Group>
      {shown.length === 0 ? (
        <Empty icon="users" title={t('live.noAgents')} text={t('live.noAgentsText')} />
      ) : (
        <Table.ScrollContainer minWidth={760} type="native" tabIndex={0}>
          <Table highlightOnHover verticalSpacing="xs" horizontalSpacing={8} className="zvon-numbers" aria-labelledby="live-agents">
            <Table.Thead>
              <Table.Tr>
                {head('name', t('live.agent'))}
                {head('number', t('live.number'))}
                {head('state', t('live.state'))}
                {head('since', t('live.inState'), true)}
                {head('reason', t('live.reason'))}
                {head('customer', t('live.customer'))}
                {head('handled', t('live.handled'), true)}
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {shown.map((row) => (
                <AgentLine key={row.id} row={row} />
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      )}
    </Card>
  );
}

function Filters({ filter, onChange }: { filter: AgentFilter; onChange: (filter: AgentFilter) => void }) {
  const { t } = useTranslation();
  return (
    <Group gap="sm" align="center">
      <TextInput
        size="sm"
        w={180}
        aria-label={t('live.filterAgents')}
        placeholder={t('live.filterAgents')}
        leftSection={<Icon name="search" size={16} />}
        value={filter.text}
        onChange={(event) => onChange({ ...filter, text: event.currentTarget.value })}
      />
      <Select
        size="sm"
        w={170}
        clearable
        aria-label={t('live.filterState')}
        placeholder={t('live.filterState')}
        data={kStates.map((state) => ({ value: String(state), label: t(stateKey(state)) }))}
        value={filter.state === undefined ? null : String(filter.state)}
        onChange={(value) => onChange({ ...filter, state: value === null ? undefined : Number(value) })}
      />
      <Switch
        label={t('live.showOffline')}
        checked={filter.offline}
        onChange={(event) => onChange({ ...filter, offline: event.currentTarget.checked })}
      />
    </Group>
  );
}

function AgentLine({ row }: { row: AgentRow }) {
  const { t } = useTranslation();
  const settings = useSettings();
  return (
    <Table.Tr>
      <Table.Td fw={600} style={{ whiteSpace: 'nowrap' }}>
        {row.name}
      </Table.Td>
      <Table.Td>{row.number || '—'}</Table.Td>
      <Table.Td>
        <Group gap="xs" wrap="nowrap">
          <StateDot state={row.state} />
          <Text component="span" size="sm" style={{ whiteSpace: 'nowrap' }}>
            {t(stateKey(row.state))}
          </Text>
        </Group>
      </Table.Td>
      <Table.Td ta="right">
        <InState since={row.since} />
      </Table.Td>
      <Table.Td>{row.reason || '—'}</Table.Td>
      <Table.Td style={{ overflowWrap: 'anywhere' }}>
        {row.customer ? phoneText(row.customer) : '—'}
        {row.queueId && (
          <Text component="span" size="xs" c="dimmed">
            {' '}
            · {queueName(settings, row.queueId)}
          </Text>
        )}
      </Table.Td>
      <Table.Td ta="right">{row.handled}</Table.Td>
    </Table.Tr>
  );
}

function InState({ since }: { since: number | undefined }) {
  const now = useNow();
  return <>{since === undefined ? '—' : clockText(now - since)}</>;
}
