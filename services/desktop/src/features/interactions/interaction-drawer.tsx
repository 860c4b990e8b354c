import { Alert, Badge, Box, Drawer, Group, Loader, SimpleGrid, Stack, Text, Title } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { InteractionRecord } from '@/gen/zvon/reporting/v1/reporting_pb';
import { api } from '@/lib/api';
import { dateTimeText, phoneText } from '@/lib/format';
import { usePlatform, useSettings } from '@/lib/platform';
import { Recordings } from '@/lib/player/recordings';
import { may } from '@/lib/session-user';
import { nameIn, queueName, userName } from '@/lib/settings';
import { clockText, lengthOf, timeOf } from '@/lib/time';
import { Icon } from '@/lib/ui/icon';
import { errorText } from '@/lib/ui/use-action';
import { useLoad } from '@/lib/use-load';
import { directionText, endCauseText, outcomeColor, outcomeText } from './texts';
import { SegmentTimeline } from './segment-timeline';
import { timelineOf } from './timeline-view';

interface Props {
  record: InteractionRecord | undefined;
  onClose: () => void;
}

export function InteractionDrawer({ record, onClose }: Props) {
  const { t } = useTranslation();
  return (
    <Drawer
      opened={record !== undefined}
      onClose={onClose}
      position="right"
      size="lg"
      title={<Text fw={700}>{t('interactions.details')}</Text>}
      closeButtonProps={{ 'aria-label': t('common.close') }}
    >
      {record && <Details key={record.interactionId} listed={record} />}
    </Drawer>
  );
}

function Details({ listed }: { listed: InteractionRecord }) {
  const { t } = useTranslation();
  const { user } = usePlatform();
  const { data, error } = useLoad(() => api.getInteraction(listed.interactionId), [listed.interactionId]);
  const record = data?.interaction ?? listed;
  const timeline = data && timelineOf(data.segments);
  return (
    <Stack gap="lg">
      <Head record={record} />
      <Facts record={record} />
      <section aria-labelledby="timeline-title">
        <Title order={2} size="h5" mb="xs" id="timeline-title">
          {t('interactions.timeline')}
        </Title>
        {error !== undefined && (
          <Alert color="red" icon={<Icon name="warning" />}>
            {errorText(t, error)}
          </Alert>
        )}
        {!data && error === undefined && <Loader size="sm" aria-label={t('common.loading')} />}
        {timeline && <SegmentTimeline timeline={timeline} />}
        {data && !timeline && <Text c="dimmed">{t('interactions.noSegments')}</Text>}
      </section>
      <section aria-labelledby="recordings-title">
        <Title order={2} size="h5" mb="xs" id="recordings-title">
          {t('interactions.recordings')}
        </Title>
        {may(user, 'recordings.listen') ? (
          <Recordings interactionId={record.interactionId} />
        ) : (
          <Text c="dimmed">{t('interactions.noListen')}</Text>
        )}
      </section>
      <Text size="xs" c="dimmed" style={{ overflowWrap: 'anywhere' }}>
        {t('interactions.id')}: {record.interactionId}
      </Text>
    </Stack>
  );
}

function Head({ record }: { record: InteractionRecord }) {
  const { t } = useTranslation();
  const number = record.direction === 'outbound' ? record.calledNumber : record.callerNumber;
  return (
    <Box>
      <Text fz={24} fw={700} lh={1.2} style={{ overflowWrap: 'anywhere' }}>
        {record.callerName || phoneText(number) || t('common.unknownNumber')}
      </Text>
      <Group gap="sm" mt={6}>
        {record.callerName && <Text c="dimmed">{phoneText(number)}</Text>}
        <Badge color={outcomeColor(record.outcome)} variant="dot" size="lg" tt="none">
          {outcomeText(t, record.outcome)}
        </Badge>
        <Text size="sm" c="dimmed">
          {directionText(t, record.direction)}
        </Text>
      </Group>
    </Box>
  );
}

function Facts({ record }: { record: InteractionRecord }) {
  const { t, i18n } = useTranslation();
  const settings = useSettings();
  const start = timeOf(record.startTime);
  const disposition = settings.dispositions.get(record.dispositionId);
  const facts: [string, string][] = [
    [t('interactions.start'), start === undefined ? '' : dateTimeText(i18n.language, start)],
    [t('interactions.calledNumber'), phoneText(record.calledNumber)],
    [t('interactions.queue'), record.queueId && queueName(settings, record.queueId)],
    [t('interactions.agent'), record.agentId && userName(settings, record.agentId)],
    [t('interactions.wait'), clockText(lengthOf(record.wait))],
    [t('interactions.talk'), clockText(lengthOf(record.talk))],
    [t('interactions.hold'), clockText(lengthOf(record.hold))],
    [t('interactions.wrapUp'), clockText(lengthOf(record.wrapUp))],
    [t('interactions.ended'), endCauseText(t, record.endCause)],
    [t('interactions.disposition'), disposition ? nameIn(disposition.names, i18n.language, disposition.id) : record.dispositionId],
    [t('interactions.comment'), record.comment],
  ];
  return (
    <SimpleGrid component="dl" cols={{ base: 2, xs: 3 }} spacing="sm" m={0}>
      {facts
        .filter(([, value]) => value)
        .map(([name, value]) => (
          <Box key={name}>
            <Text component="dt" size="xs" c="dimmed">
              {name}
            </Text>
            <Text component="dd" m={0} size="sm" fw={500} className="zvon-numbers" style={{ overflowWrap: 'anywhere' }}>
              {value}
            </Text>
          </Box>
        ))}
    </SimpleGrid>
  );
}
