import { Alert, Box, Button, Card, Center, Group, PasswordInput, Stack, Text, TextInput, Title } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { api, ApiError, type Session } from '@/lib/api';
import { Icon } from '@/lib/ui/icon';
import { errorText } from '@/lib/ui/use-action';
import { loadRemembered, saveRemembered } from './remembered';

interface Props {
  // Why the user is here again: the session is over, or taken elsewhere.
  notice: string;
  // Language and theme.
  controls: ReactNode;
  onSignedIn: (session: Session) => void;
}

type Field = 'tenant' | 'login' | 'password';

export function SignInPage({ notice, controls, onSignedIn }: Props) {
  const { t } = useTranslation();
  return (
    <Center mih="100dvh" p="md" component="main">
      <Box w="100%" maw={400}>
        <Stack align="center" gap={4} mb="lg">
          <img src="/icon.svg" width={56} height={56} alt="" />
          <Title order={1} size="h2">
            Zvon
          </Title>
          <Text c="dimmed">{t('signIn.subtitle')}</Text>
        </Stack>
        <Card withBorder radius="md" padding="xl" shadow="sm">
          {notice && (
            <Alert color="yellow" mb="md" icon={<Icon name="warning" />}>
              {notice}
            </Alert>
          )}
          <SignInForm onSignedIn={onSignedIn} />
        </Card>
        <Group justify="center" mt="md">
          {controls}
        </Group>
      </Box>
    </Center>
  );
}

function SignInForm({ onSignedIn }: Pick<Props, 'onSignedIn'>) {
  const { t } = useTranslation();
  const [remembered] = useState(() => loadRemembered(localStorage));
  const [values, setValues] = useState({ ...remembered, password: '' });
  const [missing, setMissing] = useState<Field[]>([]);
  const [failure, setFailure] = useState('');
  const [busy, setBusy] = useState(false);

  const submit = async () => {
    const empty = (['tenant', 'login', 'password'] as const).filter((name) => !values[name].trim());
    setMissing(empty);
    setFailure('');
    if (empty.length > 0) return;
    setBusy(true);
    try {
      const [tenant, login] = [values.tenant.trim(), values.login.trim()];
      const session = await api.signIn(tenant, login, values.password);
      saveRemembered(localStorage, { tenant, login });
      onSignedIn(session);
    } catch (error) {
      setFailure(signInError(t, error));
      setBusy(false);
    }
  };
  const field = (name: Field) => ({
    name,
    label: t(`signIn.${name}`),
    value: values[name],
    error: missing.includes(name) && t('signIn.required'),
    autoCapitalize: 'none',
    spellCheck: false,
    onChange: (event: { currentTarget: HTMLInputElement }) =>
      setValues({ ...values, [name]: event.currentTarget.value }),
  });
  const first: Field = !remembered.tenant ? 'tenant' : !remembered.login ? 'login' : 'password';
  return (
    <form
      noValidate
      aria-label={t('signIn.title')}
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      <Stack>
        <TextInput {...field('tenant')} autoComplete="organization" autoFocus={first === 'tenant'} />
        <TextInput {...field('login')} autoComplete="username" autoFocus={first === 'login'} />
        <PasswordInput
          {...field('password')}
          autoComplete="current-password"
          autoFocus={first === 'password'}
          visibilityToggleButtonProps={{ 'aria-label': t('signIn.showPassword') }}
        />
        {failure && (
          <Alert color="red" role="alert" icon={<Icon name="warning" />}>
            {failure}
          </Alert>
        )}
        <Button type="submit" size="md" loading={busy}>
          {t('signIn.submit')}
        </Button>
      </Stack>
    </form>
  );
}

function signInError(t: ReturnType<typeof useTranslation>['t'], error: unknown): string {
  const code = error instanceof ApiError ? error.code : '';
  if (code === 'UNAUTHENTICATED') return t('signIn.wrong');
  if (code === 'RESOURCE_EXHAUSTED') return t('signIn.tooMany');
  return errorText(t, error);
}
