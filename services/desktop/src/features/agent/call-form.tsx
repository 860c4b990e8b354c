import { Button, Card, Group, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { usePlatform } from '@/lib/platform';
import { Icon } from '@/lib/ui/icon';
import { useAction } from '@/lib/ui/use-action';
import { diallable } from './transfer-targets';
import { startCall } from './use-desk';

// Calls a number: the agent's own phone rings first.
export function CallForm() {
  const { t } = useTranslation();
  const { gateway } = usePlatform();
  const [text, setText] = useState('');
  const [wrong, setWrong] = useState(false);
  const { busy, run } = useAction();
  const submit = async () => {
    const number = diallable(text);
    setWrong(!number);
    if (number && (await run(() => startCall(gateway, number)))) setText('');
  };
  return (
    <Card withBorder radius="md" padding="md">
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        <Group align="flex-start" gap="sm" wrap="nowrap">
          <TextInput
            flex={1}
            type="tel"
            label={t('agent.newCall')}
            placeholder={t('agent.numberPlaceholder')}
            autoComplete="off"
            value={text}
            error={wrong && t('agent.numberWrong')}
            onChange={(event) => {
              setText(event.currentTarget.value);
              setWrong(false);
            }}
          />
          <Button type="submit" mt={25} leftSection={<Icon name="phone" />} loading={busy}>
            {t('agent.call')}
          </Button>
        </Group>
      </form>
    </Card>
  );
}
