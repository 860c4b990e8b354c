import { Button, Card, Chip, Fieldset, Group, Progress, Text, Textarea } from '@mantine/core';
import { useCallback, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { usePlatform, useSettings } from '@/lib/platform';
import { dispositionsOf, nameIn } from '@/lib/settings';
import { clockText, remainingText } from '@/lib/time';
import { Icon } from '@/lib/ui/icon';
import { useAction } from '@/lib/ui/use-action';
import { useNow } from '@/lib/use-now';
import { CustomerBlock } from './customer-block';
import { shareLeft, type Customer, type WrapUpView } from './desk-view';
import { KeyHint } from './key-hint';
import { shortcutOf } from './shortcuts';
import { useKeyDown } from './use-desk';
import { useWrapUpForm } from './use-wrap-up-form';
import { kCommentMax } from './wrap-up-draft';

interface FormProps {
  interactionId: string;
  queueId: string;
  // In mid-talk there is nothing to finish yet.
  finishable: boolean;
}

// Dispositions and comment. Keyed by interaction, so that it starts afresh.
export function WrapUpForm({ interactionId, queueId, finishable }: FormProps) {
  const { t, i18n } = useTranslation();
  const { gateway } = usePlatform();
  const settings = useSettings();
  const { draft, change, finish } = useWrapUpForm(gateway, interactionId);
  const { busy, run } = useAction();
  const [missing, setMissing] = useState(false);
  const choices = dispositionsOf(settings, queueId);

  const submit = useCallback(() => {
    if (choices.length > 0 && !draft.dispositionId) return setMissing(true);
    void run(finish);
  }, [choices.length, draft.dispositionId, run, finish]);
  useKeyDown((event) => {
    if (!finishable || !shortcutOf(event, ['finish'])) return;
    event.preventDefault();
    submit();
  });

  return (
    <>
      {choices.length > 0 && (
        <Fieldset
          legend={t('wrapUp.disposition')}
          variant="unstyled"
          mt="md"
          styles={{ legend: { fontSize: 14, fontWeight: 600, paddingInline: 0, marginBottom: 4 }, root: { marginInline: 0 } }}
        >
          <Chip.Group
            value={draft.dispositionId || null}
            onChange={(value) => {
              setMissing(false);
              change({ dispositionId: String(value) });
            }}
          >
            <Group gap="xs" mt={4}>
              {choices.map(({ id, names }) => (
                <Chip key={id} value={id} size="md">
                  {nameIn(names, i18n.language, id)}
                </Chip>
              ))}
            </Group>
          </Chip.Group>
          {missing && (
            <Text role="alert" size="sm" c="red" mt={6}>
              {t('wrapUp.dispositionMissing')}
            </Text>
          )}
        </Fieldset>
      )}
      <Textarea
        mt="md"
        label={t('wrapUp.comment')}
        autosize
        minRows={2}
        maxRows={8}
        maxLength={kCommentMax}
        value={draft.comment}
        onChange={(event) => change({ comment: event.currentTarget.value })}
      />
      {finishable && (
        <Button
          mt="md"
          size="md"
          leftSection={<Icon name="check" />}
          loading={busy}
          onClick={submit}
        >
          {t('wrapUp.finish')}
          <KeyHint name="finish" />
        </Button>
      )}
    </>
  );
}

export function WrapUpPanel({ wrapUp }: { wrapUp: WrapUpView & Customer }) {
  const { t } = useTranslation();
  return (
    <Card withBorder radius="md" padding="lg" component="section" aria-label={t('wrapUp.title')} className="zvon-wrap-up">
      <Countdown wrapUp={wrapUp} />
      <CustomerBlock customer={wrapUp} queueId={wrapUp.queueId} />
      <WrapUpForm key={wrapUp.interactionId} interactionId={wrapUp.interactionId} queueId={wrapUp.queueId} finishable />
    </Card>
  );
}

function Countdown({ wrapUp }: { wrapUp: WrapUpView }) {
  const { t } = useTranslation();
  const now = useNow(500);
  const { since, deadline } = wrapUp;
  return (
    <>
      <Group justify="space-between" mb={6}>
        <Text fw={700}>
          {t('wrapUp.title')}
        </Text>
        <Text role="timer" fw={600} style={{ fontVariantNumeric: 'tabular-nums' }}>
          {deadline !== undefined
            ? t('wrapUp.left', { time: remainingText(deadline - now) })
            : since !== undefined && clockText(now - since)}
        </Text>
      </Group>
      {deadline !== undefined && (
        <Progress
          mb="md"
          color="violet"
          value={shareLeft(since, deadline, now) * 100}
          transitionDuration={500}
          aria-label={t('wrapUp.timeLeft')}
        />
      )}
    </>
  );
}
