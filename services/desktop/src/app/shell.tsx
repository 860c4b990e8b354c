import { AppShell, Box, Burger, Button, Group, Menu, Modal, NavLink, Text, VisuallyHidden } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useEffect, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { StatusSelector } from '@/features/agent';
import { usePlatform, usePlatformState } from '@/lib/platform';
import { isAgent, pagesFor, type PageName } from '@/lib/session-user';
import { setPageTitle } from '@/lib/ui/title';
import { Icon, type IconName } from '@/lib/ui/icon';
import { ConnectionBanner, ConnectionIndicator } from './connection-status';
import { LanguageSwitch, ThemeSwitch } from './controls';

const kIcons: Record<PageName, IconName> = {
  agent: 'headset',
  live: 'live',
  interactions: 'list',
  reports: 'chart',
  telephony: 'tower',
};

interface Props {
  page: PageName | undefined;
  onSignOut: () => void;
  children: ReactNode;
}

export function Shell({ page, onSignOut, children }: Props) {
  const { t } = useTranslation();
  const { user } = usePlatform();
  const [opened, { toggle, close }] = useDisclosure();
  useEffect(() => {
    setPageTitle(page ? `${t(`pages.${page}`)} · Zvon` : 'Zvon');
  }, [page, t]);
  return (
    <AppShell header={{ height: 60 }} navbar={{ width: 232, breakpoint: 'md', collapsed: { mobile: !opened } }} padding="md">
      <AppShell.Header px="md">
        <Group h="100%" justify="space-between" wrap="nowrap" gap="xs">
          <Group gap="sm" wrap="nowrap">
            <Burger opened={opened} onClick={toggle} hiddenFrom="md" size="sm" aria-label={t('common.menu')} aria-expanded={opened} />
            <Group gap="sm" wrap="nowrap" visibleFrom="sm">
              <img src="/icon.svg" width={32} height={32} alt="" />
              <Text fw={800} fz="lg">
                Zvon
              </Text>
            </Group>
            <ConnectionIndicator />
          </Group>
          <Group gap="xs" wrap="nowrap">
            {isAgent(user) && <StatusSelector />}
            <Group gap="xs" wrap="nowrap" visibleFrom="md">
              <LanguageSwitch />
              <ThemeSwitch />
            </Group>
            <UserMenu onSignOut={onSignOut} />
          </Group>
        </Group>
      </AppShell.Header>
      <AppShell.Navbar p="sm" aria-label={t('common.menu')}>
        {pagesFor(user).map((name) => (
          <NavLink
            key={name}
            href={`#/${name}`}
            active={name === page}
            aria-current={name === page ? 'page' : undefined}
            label={t(`pages.${name}`)}
            leftSection={<Icon name={kIcons[name]} />}
            onClick={close}
            style={{ borderRadius: 'var(--mantine-radius-md)' }}
          />
        ))}
        <Group mt="auto" hiddenFrom="md">
          <LanguageSwitch />
          <ThemeSwitch />
        </Group>
      </AppShell.Navbar>
      <AppShell.Main>
        <Box mx="calc(var(--mantine-spacing-md) * -1)" mt="calc(var(--mantine-spacing-md) * -1)" mb="md">
          <ConnectionBanner />
        </Box>
        {children}
      </AppShell.Main>
    </AppShell>
  );
}

function UserMenu({ onSignOut }: { onSignOut: () => void }) {
  const { t } = useTranslation();
  const { user } = usePlatform();
  const inCall = usePlatformState().calls.size > 0;
  const [asking, { open: ask, close: stay }] = useDisclosure();
  return (
    <>
      <Menu position="bottom-end" width={220} shadow="md">
        <Menu.Target>
          <Button variant="subtle" color="gray" px="xs" maw={210}>
            <Icon name="user" />
            <Text component="span" size="sm" fw={600} truncate ml={8} visibleFrom="sm">
              {user.displayName}
            </Text>
            <VisuallyHidden hiddenFrom="sm">{user.displayName}</VisuallyHidden>
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Label>
            {user.displayName}
            {user.internalNumber && ` · ${user.internalNumber}`}
            <br />
            {user.tenantId}
          </Menu.Label>
          <Menu.Item leftSection={<Icon name="exit" />} onClick={inCall ? ask : onSignOut}>
            {t('signIn.signOut')}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <Modal
        opened={asking}
        onClose={stay}
        title={<Text fw={700}>{t('signIn.signOut')}</Text>}
        closeButtonProps={{ 'aria-label': t('common.close') }}
      >
        <Text mb="md">{t('signIn.signOutInCall')}</Text>
        <Group justify="flex-end">
          <Button variant="default" data-autofocus onClick={stay}>
            {t('signIn.stay')}
          </Button>
          <Button color="red.8" onClick={onSignOut}>
            {t('signIn.signOut')}
          </Button>
        </Group>
      </Modal>
    </>
  );
}
