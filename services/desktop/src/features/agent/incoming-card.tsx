import { Button, Card, Group, Progress, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { CallAction_Action as Action } from '@/gen/zvon/gateway/v1/frames_pb';
import { usePlatform } from '@/lib/platform';
import { clockText, remainingText } from '@/lib/time';
import { Icon } from '@/lib/ui/icon';
import { useAction } from '@/lib/ui/use-action';
import { useNow } from '@/lib/use-now';
import { CustomerBlock } from './customer-block';
import { shareLeft, type IncomingView } from './desk-view';
import { KeyHint } from './key-hint';
import { decline } from './use-desk';

export function IncomingCard({ incoming }: { incoming: IncomingView }) {
  const { t } = useTranslation();
  const { gateway } = usePlatform();
  const answer = useAction();
  const refuse = useAction();
  return (
    <Card withBorder radius="md" padding="lg" shadow="md" component="section" aria-label={t('agent.incoming')} className="zvon-incoming">
      <Group justify="space-between" mb="sm">
        <Group gap="xs">
          <Icon name="bell" />
          <Text fw={700}>{t('agent.incoming')}</Text>
        </Group>
        <Waiting incoming={incoming} />
      </Group>
      <CustomerBlock customer={incoming} queueId={incoming.queueId} />
      <Deadline incoming={incoming} />
      <Group mt="lg" gap="sm" grow preventGrowOverflow={false}>
        <Button
          color="#237a33"
          size="md"
          px="xs"
          leftSection={<Icon name="phone" />}
          loading={answer.busy}
          disabled={!incoming.callId}
          onClick={() => void answer.run(() => gateway.callAction(incoming.callId, Action.ANSWER))}
        >
          {t('agent.answer')}
          <KeyHint name="answer" />
        </Button>
        <Button
          variant="light"
          color="red"
          size="md"
          px="xs"
          leftSection={<Icon name="phoneDown" />}
          loading={refuse.busy}
          onClick={() => void refuse.run(() => decline(gateway, incoming))}
        >
          {t('agent.decline')}
        </Button>
      </Group>
      <Text size="xs" c="dimmed" mt="sm">
        {t('agent.answerHint')}
      </Text>
    </Card>
  );
}

function Waiting({ incoming }: { incoming: IncomingView }) {
  const { t } = useTranslation();
  const now = useNow();
  if (incoming.enqueueTime === undefined) return null;
  return (
    <Group gap={6} c="dimmed">
      <Icon name="clock" size={16} />
      <Text size="sm">{t('agent.waited', { time: clockText(now - incoming.enqueueTime) })}</Text>
    </Group>
  );
}

function Deadline({ incoming }: { incoming: IncomingView }) {
  const { t } = useTranslation();
  const now = useNow(250);
  if (incoming.deadline === undefined) return null;
  const share = shareLeft(incoming.offerTime, incoming.deadline, now);
  return (
    <Group mt="md" gap="sm" wrap="nowrap">
      <Progress
        value={share * 100}
        color={share < 0.25 ? 'red' : 'green'}
        size="lg"
        flex={1}
        transitionDuration={250}
        aria-label={t('agent.timeToAnswer')}
      />
      <Text size="sm" w={44} ta="right" style={{ fontVariantNumeric: 'tabular-nums' }}>
        {remainingText(incoming.deadline - now)}
      </Text>
    </Group>
  );
}
