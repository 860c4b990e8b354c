// Who the customer is and what the scenario collected. All of it comes from
// outside: shown as text only.
import { Badge, Box, Group, SimpleGrid, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { phoneText } from '@/lib/format';
import { useSettings } from '@/lib/platform';
import { queueName } from '@/lib/settings';
import { Icon } from '@/lib/ui/icon';
import type { Customer } from './desk-view';

export function CustomerBlock({ customer, queueId }: { customer: Customer; queueId: string }) {
  const { t } = useTranslation();
  const settings = useSettings();
  const number = phoneText(customer.number) || t('common.unknownNumber');
  return (
    <Box>
      <Text fz={26} fw={700} lh={1.2} style={{ overflowWrap: 'anywhere' }}>
        {customer.name || number}
      </Text>
      <Group gap="sm" mt={6}>
        {customer.name && (
          <Text size="lg" c="dimmed" style={{ overflowWrap: 'anywhere' }}>
            {number}
          </Text>
        )}
        {queueId && (
          <Badge variant="light" size="lg" tt="none" leftSection={<Icon name="queue" size={14} />}>
            {queueName(settings, queueId)}
          </Badge>
        )}
        {customer.calledNumber && (
          <Text size="sm" c="dimmed">
            {t('agent.calledNumber', { number: phoneText(customer.calledNumber) })}
          </Text>
        )}
      </Group>
      <CustomerData data={customer.data} />
    </Box>
  );
}

function CustomerData({ data }: { data: Customer['data'] }) {
  const { t } = useTranslation();
  if (data.length === 0) return null;
  return (
    <SimpleGrid component="dl" cols={{ base: 1, xs: 2 }} spacing="xs" mt="md" mb={0} aria-label={t('agent.customerData')}>
      {data.map(([name, value]) => (
        <Box key={name} style={{ borderLeft: '2px solid var(--mantine-color-default-border)', paddingLeft: 10 }}>
          <Text component="dt" size="xs" c="dimmed" style={{ overflowWrap: 'anywhere' }}>
            {name}
          </Text>
          <Text component="dd" m={0} size="sm" fw={500} style={{ overflowWrap: 'anywhere' }}>
            {value || '—'}
          </Text>
        </Box>
      ))}
    </SimpleGrid>
  );
}
