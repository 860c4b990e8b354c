import { Box, Group, Stack, Table, Text, Tooltip } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { timeText } from '@/lib/format';
import { useSettings } from '@/lib/platform';
import { queueName, userName } from '@/lib/settings';
import { clockText } from '@/lib/time';
import { outcomeText, segmentText } from './texts';
import { segmentColor, wholeSeconds, type Stretch, type Timeline } from './timeline-view';

// A bar for the eye, a table for the rest; together every second.
export function SegmentTimeline({ timeline }: { timeline: Timeline }) {
  const { t } = useTranslation();
  const whole = clockText(wholeSeconds(timeline.start, timeline.end));
  return (
    <Stack gap="xs">
      <Bar stretches={timeline.stretches} />
      <Text size="xs" c={timeline.unaccounted > 0 ? undefined : 'dimmed'} className={timeline.unaccounted > 0 ? 'zvon-late' : undefined}>
        {timeline.unaccounted > 0
          ? t('interactions.unaccounted', { length: clockText(timeline.unaccounted) })
          : t('interactions.accounted', { length: whole })}
      </Text>
      <Table.ScrollContainer minWidth={420} type="native" tabIndex={0}>
        <Table verticalSpacing={6} className="zvon-numbers" aria-label={t('interactions.timeline')}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t('interactions.start')}</Table.Th>
              <Table.Th>{t('interactions.kind')}</Table.Th>
              <Table.Th ta="right">{t('interactions.length')}</Table.Th>
              <Table.Th>{t('interactions.who')}</Table.Th>
              <Table.Th>{t('interactions.outcome')}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {timeline.stretches.map((stretch, index) => (
              <Line key={index} stretch={stretch} />
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </Stack>
  );
}

// For the eye only: the table says the same.
function Bar({ stretches }: { stretches: readonly Stretch[] }) {
  const { t } = useTranslation();
  return (
    <Group gap={1} wrap="nowrap" h={22} aria-hidden style={{ borderRadius: 6, overflow: 'hidden' }}>
      {stretches.map((stretch, index) => (
        <Tooltip key={index} label={`${segmentText(t, stretch.kind)} · ${clockText(stretch.end - stretch.start)}`}>
          <Box h="100%" miw={2} style={{ flex: `${Math.max(stretch.share, 0.004)} 1 0`, background: segmentColor(stretch.kind) }} />
        </Tooltip>
      ))}
    </Group>
  );
}

function Line({ stretch }: { stretch: Stretch }) {
  const { t, i18n } = useTranslation();
  const settings = useSettings();
  const who = stretch.agentId
    ? userName(settings, stretch.agentId)
    : stretch.kind === 'queue' && stretch.queueId
      ? queueName(settings, stretch.queueId)
      : '';
  return (
    <Table.Tr>
      <Table.Td>{timeText(i18n.language, stretch.start)}</Table.Td>
      <Table.Td>
        <Group gap={8} wrap="nowrap">
          <span className="zvon-dot" style={{ background: segmentColor(stretch.kind) }} aria-hidden />
          {segmentText(t, stretch.kind)}
        </Group>
      </Table.Td>
      <Table.Td ta="right">{clockText(wholeSeconds(stretch.start, stretch.end))}</Table.Td>
      <Table.Td>{who || '—'}</Table.Td>
      <Table.Td>{outcomeText(t, stretch.outcome) || '—'}</Table.Td>
    </Table.Tr>
  );
}
