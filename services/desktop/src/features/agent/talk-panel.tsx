import { Badge, Button, Card, Group, SimpleGrid, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { CallAction_Action as Action } from '@/gen/zvon/gateway/v1/frames_pb';
import { usePlatform } from '@/lib/platform';
import { clockText } from '@/lib/time';
import { Icon } from '@/lib/ui/icon';
import { useAction } from '@/lib/ui/use-action';
import { useNow } from '@/lib/use-now';
import { CustomerBlock } from './customer-block';
import type { TalkView } from './desk-view';
import { KeyHint } from './key-hint';
import { KeypadButton } from './keypad';
import { useNextStateText } from './status-selector';
import { TransferDialog } from './transfer-dialog';

interface Props {
  talk: TalkView;
  transferOpened: boolean;
  onTransfer: (opened: boolean) => void;
}

export function TalkPanel({ talk, transferOpened, onTransfer }: Props) {
  const { t } = useTranslation();
  const next = useNextStateText();
  return (
    <Card withBorder radius="md" padding="lg" component="section" aria-label={t('agent.talk')} className={talk.held ? 'zvon-held' : 'zvon-talk'}>
      <TalkHeader talk={talk} />
      <CustomerBlock customer={talk} queueId={talk.queueId} />
      <TalkButtons talk={talk} onTransfer={() => onTransfer(true)} />
      {!talk.callId && (
        <Text size="sm" c="dimmed" mt="sm">
          {t('agent.noCallControl')}
        </Text>
      )}
      {next && (
        <Text size="sm" c="dimmed" mt="sm">
          {next}
        </Text>
      )}
      <TransferDialog callId={talk.callId} opened={transferOpened} onClose={() => onTransfer(false)} />
    </Card>
  );
}

function TalkHeader({ talk }: { talk: TalkView }) {
  const { t } = useTranslation();
  const now = useNow();
  const [text, color] = talk.calling
    ? [t('agent.calling'), 'gray']
    : talk.held
      ? [t('agent.onHold'), 'orange']
      : [t('agent.talk'), 'blue'];
  return (
    <Group justify="space-between" mb="sm">
      <Group gap="xs">
        <Badge size="lg" color={color} variant="light" tt="none">
          {text}
          {talk.heldSince !== undefined && ` · ${clockText(now - talk.heldSince)}`}
        </Badge>
        {talk.recording && (
          <Badge size="lg" color="red" variant="light" tt="none" leftSection={<Icon name="record" size={10} filled />}>
            {t('agent.recording')}
          </Badge>
        )}
      </Group>
      {talk.since !== undefined && (
        <Text fz={22} fw={700} role="timer" aria-label={t('agent.talkTime')} style={{ fontVariantNumeric: 'tabular-nums' }}>
          {clockText(now - talk.since)}
        </Text>
      )}
    </Group>
  );
}

function TalkButtons({ talk, onTransfer }: { talk: TalkView; onTransfer: () => void }) {
  const { t } = useTranslation();
  const { gateway } = usePlatform();
  const hold = useAction();
  const end = useAction();
  const idle = !talk.callId || talk.calling;
  return (
    <SimpleGrid mt="lg" cols={2} spacing="sm">
      <Button
        variant={talk.held ? 'filled' : 'default'}
        color="#b84300"
        size="md"
        px="xs"
        leftSection={<Icon name={talk.held ? 'play' : 'pause'} />}
        loading={hold.busy}
        disabled={idle}
        onClick={() => void hold.run(() => gateway.callAction(talk.callId, talk.held ? Action.RESUME : Action.HOLD))}
      >
        {talk.held ? t('agent.resume') : t('agent.hold')}
        <KeyHint name="hold" />
      </Button>
      <Button
        variant="default"
        size="md"
        px="xs"
        leftSection={<Icon name="transfer" />}
        disabled={idle}
        onClick={onTransfer}
      >
        {t('agent.transfer')}
        <KeyHint name="transfer" />
      </Button>
      <KeypadButton callId={talk.callId} disabled={idle} />
      <Button
        color="red.8"
        size="md"
        px="xs"
        leftSection={<Icon name="phoneDown" />}
        loading={end.busy}
        disabled={!talk.callId}
        onClick={() => void end.run(() => gateway.callAction(talk.callId, Action.HANG_UP))}
      >
        {t('agent.hangUp')}
      </Button>
    </SimpleGrid>
  );
}
