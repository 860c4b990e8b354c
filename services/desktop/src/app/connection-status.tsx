// The state of the connection: a dot while all is well, a banner when not.
import { Alert, Button, Group, Text, Tooltip } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { ConnectionState } from '@/lib/gateway/connection';
import { usePlatform, usePlatformState } from '@/lib/platform';
import { useStore } from '@/lib/store';
import { Icon } from '@/lib/ui/icon';
import { useEffect, useState } from 'react';

export function ConnectionIndicator() {
  const { t } = useTranslation();
  const { gateway } = usePlatform();
  const state = useStore(gateway.connection.state);
  const [text, color] = look(state);
  return (
    <Tooltip label={t(text)}>
      <Group gap={6} wrap="nowrap" role="status" aria-label={t(text)} data-connection={state.kind}>
        <span className="zvon-dot" style={{ background: `var(--mantine-color-${color}-6)` }} aria-hidden />
        <Text size="xs" c="dimmed" visibleFrom="lg">
          {t(text)}
        </Text>
      </Group>
    </Tooltip>
  );
}

function look(state: ConnectionState) {
  switch (state.kind) {
    case 'online':
      return ['connection.online', 'green'] as const;
    case 'connecting':
      return ['connection.connecting', 'yellow'] as const;
    case 'waiting':
      return ['connection.broken', 'red'] as const;
    default:
      return ['connection.closed', 'gray'] as const;
  }
}

export function ConnectionBanner() {
  const { t } = useTranslation();
  const { gateway } = usePlatform();
  const state = useStore(gateway.connection.state);
  const { degraded } = usePlatformState();
  if (state.kind === 'waiting' || (state.kind === 'connecting' && state.attempt > 1)) {
    return (
      <Alert color="red" radius={0} py="xs" role="alert" icon={<Icon name="warning" />}>
        <Group justify="space-between" gap="sm">
          <div>
            <Text size="sm" fw={600}>
              {t('connection.lost')}
            </Text>
            <RetryText state={state} />
          </div>
          <Button size="xs" variant="default" disabled={state.kind !== 'waiting'} onClick={() => gateway.connection.retryNow()}>
            {t('connection.retryNow')}
          </Button>
        </Group>
      </Alert>
    );
  }
  if (degraded.length === 0) return null;
  const names = degraded.map((name) => t(`services.${name}` as 'services.routing', { defaultValue: name }));
  return (
    <Alert color="yellow" radius={0} py="xs" role="status" icon={<Icon name="warning" />}>
      {t('connection.degraded', { services: names.join(', ') })}
    </Alert>
  );
}

function RetryText({ state }: { state: ConnectionState }) {
  const { t } = useTranslation();
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 500);
    return () => clearInterval(timer);
  }, []);
  const text =
    state.kind === 'waiting'
      ? t('connection.retryIn', { count: Math.max(1, Math.ceil((state.retryAt - now) / 1000)) })
      : t('connection.retrying');
  // Not spoken each second: the alert above has been.
  return (
    <Text size="xs" aria-live="off">
      {text}
    </Text>
  );
}
