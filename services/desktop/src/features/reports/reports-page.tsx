import { Alert, Button, Card, Group, LoadingOverlay, Select, Stack, Text, Title } from '@mantine/core';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { GetQueueSummaryResponse } from '@/gen/zvon/reportingservice/v1/reporting_service_pb';
import { api } from '@/lib/api';
import { dateText, dateTimeText } from '@/lib/format';
import { queryOf, rangeOf, type Period, type Range } from '@/lib/periods';
import { useSettings } from '@/lib/platform';
import { queueName } from '@/lib/settings';
import { formatDurationJson, timeOf, timeZone } from '@/lib/time';
import { Empty } from '@/lib/ui/empty';
import { Icon } from '@/lib/ui/icon';
import { PeriodPicker } from '@/lib/ui/period-picker';
import { errorText } from '@/lib/ui/use-action';
import { useLoad } from '@/lib/use-load';
import { FiguresTable } from './figures-table';
import { IntervalChart } from './interval-chart';
import { grandTotal, intervalRows, queueRows } from './report-view';

const kIntervals = ['15', '30', '60', '1440'] as const;
type Minutes = (typeof kIntervals)[number];
// More rows help nobody and take long.
const kRowsMax = 800;

export function ReportsPage() {
  const { t } = useTranslation();
  const settings = useSettings();
  const [period, setPeriod] = useState<Period>({ name: 'today' });
  const [minutes, setMinutes] = useState<Minutes>('60');
  const [queue, setQueue] = useState('');
  const length = Number(minutes) * 60_000;
  const range = rangeOf(period, Date.now());
  const tooMuch = (range.to - range.from) / length > kRowsMax;
  const query = { ...queryOf(range), interval: formatDurationJson(length), queue, timeZone: timeZone() };
  const { data, error, loading, reload } = useLoad(
    () => (tooMuch ? Promise.resolve(undefined) : api.queueSummary(query)),
    [period, minutes, queue],
  );
  const queues = [...settings.queues.values()].map(({ id, name }) => ({ value: id, label: name }));
  return (
    <Stack gap="md">
      <Group justify="space-between">
        <Title order={1} size="h3">
          {t('reports.title')}
        </Title>
        <Group gap="xs">
          <Button variant="default" leftSection={<Icon name="refresh" size={16} />} loading={loading} onClick={reload}>
            {t('common.refresh')}
          </Button>
          <Button
            component="a"
            variant="default"
            download
            href={api.csvUrl('/reports/queues.csv', query)}
            leftSection={<Icon name="download" size={16} />}
          >
            {t('common.exportCsv')}
          </Button>
        </Group>
      </Group>
      <Card withBorder radius="md" padding="md">
        <Group gap="sm" align="flex-end">
          <PeriodPicker period={period} onChange={(next) => changePeriod(next, setPeriod, setMinutes)} />
          <Select
            w={140}
            label={t('reports.interval')}
            allowDeselect={false}
            data={kIntervals.map((value) => ({ value, label: t(`reports.intervals.${value}`) }))}
            value={minutes}
            onChange={(value) => setMinutes((value ?? '60') as Minutes)}
          />
          <Select
            w={180}
            clearable
            label={t('reports.queue')}
            placeholder={t('common.all')}
            data={queues}
            value={queue || null}
            onChange={(value) => setQueue(value ?? '')}
          />
        </Group>
      </Card>
      {tooMuch && <Alert color="yellow">{t('common.tooMuch')}</Alert>}
      {error !== undefined && (
        <Alert color="red" icon={<Icon name="warning" />}>
          {errorText(t, error)}
        </Alert>
      )}
      {!tooMuch && data && <Report data={data} length={length} range={range} />}
      {loading && !data && (
        <Card mih={200} pos="relative">
          <LoadingOverlay visible zIndex={1} />
        </Card>
      )}
    </Stack>
  );
}

// A longer period is wanted in longer intervals, as a first guess.
function changePeriod(next: Period, setPeriod: (period: Period) => void, setMinutes: (minutes: Minutes) => void): void {
  setPeriod(next);
  if (next.name === 'week' || next.name === 'month') setMinutes('1440');
  else if (next.name === 'hour') setMinutes('15');
  else if (next.name !== 'custom') setMinutes('60');
}

interface ReportProps {
  data: GetQueueSummaryResponse;
  length: number;
  range: Range;
}

function Report({ data, length, range }: ReportProps) {
  const { t, i18n } = useTranslation();
  const settings = useSettings();
  const rows = useMemo(() => intervalRows(data.intervals, length), [data, length]);
  const queues = useMemo(() => queueRows(data.totals), [data]);
  const total = grandTotal(queues);
  const byDay = length >= 86_400_000;
  const complete = timeOf(data.completeTime);
  if (total.offered === 0) {
    return (
      <Card withBorder radius="md">
        <Empty icon="chart" title={t('reports.empty')} text={t('reports.emptyText')} />
      </Card>
    );
  }
  return (
    <>
      <Card withBorder radius="md" padding="md" component="section" aria-label={t('reports.chart')}>
        <Group justify="space-between" mb="sm">
          <Title order={2} size="h4">
            {t('reports.chart')}
          </Title>
          {complete !== undefined && complete < range.to && (
            <Text size="xs" c="dimmed">
              {t('reports.complete', { time: dateTimeText(i18n.language, complete) })}
            </Text>
          )}
        </Group>
        <IntervalChart rows={rows} byDay={byDay} />
      </Card>
      <Card withBorder radius="md" padding="md">
        <Title order={2} size="h4" mb="xs">
          {t('reports.byQueue')}
        </Title>
        <FiguresTable
          title={t('reports.byQueue')}
          nameHead={t('reports.queue')}
          total={total}
          lines={queues.map((row) => ({ key: row.queueId, name: queueName(settings, row.queueId), figures: row }))}
        />
      </Card>
      <Card withBorder radius="md" padding="md">
        <Title order={2} size="h4" mb="xs">
          {t('reports.byInterval')}
        </Title>
        <FiguresTable
          title={t('reports.byInterval')}
          nameHead={t('reports.start')}
          total={grandTotal(rows)}
          lines={rows.map((row) => ({
            key: String(row.start),
            name: byDay ? dateText(i18n.language, row.start) : dateTimeText(i18n.language, row.start).replace(/:00$/, ''),
            figures: row,
          }))}
        />
      </Card>
    </>
  );
}
