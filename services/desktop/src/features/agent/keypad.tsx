import { Button, Popover, SimpleGrid, Text } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { usePlatform } from '@/lib/platform';
import { Icon } from '@/lib/ui/icon';
import { showToast } from '@/lib/ui/toasts';
import { errorText } from '@/lib/ui/use-action';

const kKeys = ['1', '2', '3', '4', '5', '6', '7', '8', '9', '*', '0', '#'];

// Digits during a talk. Each key press is sent at once, in order.
export function KeypadButton({ callId, disabled }: { callId: string; disabled: boolean }) {
  const { t } = useTranslation();
  const { gateway } = usePlatform();
  const [sent, setSent] = useState('');
  const press = (digit: string) => {
    setSent((text) => (text + digit).slice(-16));
    gateway.sendDigits(callId, digit).catch((error: unknown) => showToast('error', errorText(t, error)));
  };
  return (
    <Popover position="bottom" shadow="md" trapFocus withRoles onOpen={() => setSent('')}>
      <Popover.Target>
        <Button variant="default" size="md" px="xs" leftSection={<Icon name="keypad" />} disabled={disabled}>
          {t('agent.keypad')}
        </Button>
      </Popover.Target>
      <Popover.Dropdown
        aria-label={t('agent.keypad')}
        onKeyDown={(event) => {
          if (/^[0-9*#]$/.test(event.key)) press(event.key);
        }}
      >
        <Text ta="center" h={24} mb="xs" ff="monospace" aria-live="polite">
          {sent || ' '}
        </Text>
        <SimpleGrid cols={3} spacing={6}>
          {kKeys.map((digit) => (
            <Button key={digit} variant="default" w={56} h={44} px={0} onClick={() => press(digit)}>
              {digit}
            </Button>
          ))}
        </SimpleGrid>
      </Popover.Dropdown>
    </Popover>
  );
}
