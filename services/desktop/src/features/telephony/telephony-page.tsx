import { Alert, Badge, Button, Card, Group, Loader, Stack, Table, Text, Title } from '@mantine/core';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import type { EndpointStatus, GetTelephonyStatusResponse, TrunkStatus } from '@/gen/zvon/signalingservice/v1/signaling_service_pb';
import { api } from '@/lib/api';
import { dateTimeText } from '@/lib/format';
import { useSettings } from '@/lib/platform';
import { userName } from '@/lib/settings';
import { timeOf } from '@/lib/time';
import { Empty } from '@/lib/ui/empty';
import { Icon } from '@/lib/ui/icon';
import { errorText } from '@/lib/ui/use-action';
import { useLoad } from '@/lib/use-load';

const kPeriod = 5000;

export function TelephonyPage() {
  const { t } = useTranslation();
  const { data, error, loading, reload } = useLoad(() => api.telephony(), []);
  useEffect(() => {
    const timer = setInterval(() => {
      if (!document.hidden) reload();
    }, kPeriod);
    return () => clearInterval(timer);
  }, [reload]);
  return (
    <Stack gap="md">
      <Group justify="space-between">
        <Group gap="md" align="baseline">
          <Title order={1} size="h3">
            {t('telephony.title')}
          </Title>
          {data && <Text c="dimmed">{t('telephony.callsActive', { count: data.callsActive })}</Text>}
        </Group>
        <Button variant="default" leftSection={<Icon name="refresh" size={16} />} loading={loading && !data} onClick={reload}>
          {t('common.refresh')}
        </Button>
      </Group>
      {error !== undefined && (
        <Alert color="red" icon={<Icon name="warning" />}>
          {errorText(t, error)}
        </Alert>
      )}
      {!data && error === undefined && <Loader aria-label={t('common.loading')} />}
      {data && <Status status={data} />}
    </Stack>
  );
}

function Status({ status }: { status: GetTelephonyStatusResponse }) {
  const { t } = useTranslation();
  const registered = status.endpoints.filter((one) => one.registered).length;
  return (
    <>
      <Card withBorder radius="md" padding="md" component="section" aria-labelledby="trunks">
        <Title order={2} size="h4" mb="xs" id="trunks">
          {t('telephony.trunks')}
        </Title>
        {status.trunks.length === 0 ? (
          <Empty icon="tower" title={t('telephony.noTrunks')} text={t('telephony.emptyText')} />
        ) : (
          <TrunkTable trunks={status.trunks} />
        )}
      </Card>
      <Card withBorder radius="md" padding="md" component="section" aria-labelledby="phones">
        <Group gap="sm" align="baseline" mb="xs">
          <Title order={2} size="h4" id="phones">
            {t('telephony.phones')}
          </Title>
          <Text size="sm" c="dimmed">
            {t('telephony.phonesRegistered', { registered, total: status.endpoints.length })}
          </Text>
        </Group>
        {status.endpoints.length === 0 ? (
          <Empty icon="phone" title={t('telephony.noPhones')} text={t('telephony.emptyText')} />
        ) : (
          <PhoneTable phones={status.endpoints} />
        )}
      </Card>
    </>
  );
}

function TrunkTable({ trunks }: { trunks: readonly TrunkStatus[] }) {
  const { t } = useTranslation();
  const settings = useSettings();
  return (
    <Table.ScrollContainer minWidth={480} type="native" tabIndex={0}>
      <Table verticalSpacing="xs" aria-labelledby="trunks">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t('telephony.trunk')}</Table.Th>
            <Table.Th>{t('telephony.state')}</Table.Th>
            <Table.Th ta="right">{t('telephony.calls')}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {trunks.map((trunk) => (
            <Table.Tr key={trunk.trunkId}>
              <Table.Td fw={600}>{settings.trunks.get(trunk.trunkId)?.name ?? trunk.trunkId}</Table.Td>
              <Table.Td>
                <StateBadge good={trunk.healthy} text={t(trunk.healthy ? 'telephony.healthy' : 'telephony.unhealthy')} />
                {trunk.reason && (
                  <Text size="xs" c="dimmed" mt={2} style={{ overflowWrap: 'anywhere' }}>
                    {trunk.reason}
                  </Text>
                )}
              </Table.Td>
              <Table.Td ta="right">{trunk.callsActive}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

function PhoneTable({ phones }: { phones: readonly EndpointStatus[] }) {
  const { t, i18n } = useTranslation();
  const settings = useSettings();
  const sorted = [...phones].sort((a, b) => a.endpointId.localeCompare(b.endpointId, undefined, { numeric: true }));
  return (
    <Table.ScrollContainer minWidth={640} type="native" tabIndex={0}>
      <Table verticalSpacing="xs" aria-labelledby="phones">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t('telephony.phone')}</Table.Th>
            <Table.Th>{t('telephony.user')}</Table.Th>
            <Table.Th>{t('telephony.state')}</Table.Th>
            <Table.Th>{t('telephony.device')}</Table.Th>
            <Table.Th>{t('telephony.expires')}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {sorted.map((phone) => {
            const expires = timeOf(phone.expireTime);
            return (
              <Table.Tr key={phone.endpointId}>
                <Table.Td fw={600}>{phone.endpointId}</Table.Td>
                <Table.Td>{phone.userId ? userName(settings, phone.userId) : '—'}</Table.Td>
                <Table.Td>
                  <StateBadge good={phone.registered} text={t(phone.registered ? 'telephony.registered' : 'telephony.unregistered')} />
                </Table.Td>
                {/* As the phone says: shown as text, whatever it is. */}
                <Table.Td style={{ overflowWrap: 'anywhere' }}>{phone.userAgent || '—'}</Table.Td>
                <Table.Td>{phone.registered && expires !== undefined ? dateTimeText(i18n.language, expires) : '—'}</Table.Td>
              </Table.Tr>
            );
          })}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

function StateBadge({ good, text }: { good: boolean; text: string }) {
  return (
    <Badge variant="dot" color={good ? 'green' : 'red'} tt="none" fw={500}>
      {text}
    </Badge>
  );
}
