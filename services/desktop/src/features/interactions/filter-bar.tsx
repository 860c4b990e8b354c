import { Button, Group, Select, TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useSettings } from '@/lib/platform';
import { Icon } from '@/lib/ui/icon';
import { PeriodPicker } from '@/lib/ui/period-picker';
import { hashOf, noFilters, outcomes, type Filters } from './filters';
import { outcomeText } from './texts';

interface Props {
  filters: Filters;
  onChange: (filters: Filters) => void;
}

export function FilterBar({ filters, onChange }: Props) {
  const { t } = useTranslation();
  const settings = useSettings();
  const byLabel = (a: { label: string }, b: { label: string }) => a.label.localeCompare(b.label);
  const queues = [...settings.queues.values()].map(({ id, name }) => ({ value: id, label: name })).sort(byLabel);
  const agents = [...settings.users.values()]
    .filter(({ internalNumber }) => internalNumber)
    .map(({ id, name, internalNumber }) => ({ value: id, label: `${name} (${internalNumber})` }))
    .sort(byLabel);
  const choice = (name: 'queue' | 'agent' | 'outcome', data: { value: string; label: string }[], width: number) => (
    <Select
      w={width}
      clearable
      searchable={name === 'agent'}
      label={t(`interactions.${name}`)}
      placeholder={t('common.all')}
      data={data}
      value={filters[name] || null}
      onChange={(value) => onChange({ ...filters, [name]: value ?? '' })}
    />
  );
  return (
    <Group gap="sm" align="flex-end">
      <PeriodPicker period={filters.period} onChange={(period) => onChange({ ...filters, period })} />
      {choice('queue', queues, 150)}
      {choice('agent', agents, 175)}
      {choice('outcome', outcomes.map((value) => ({ value, label: outcomeText(t, value) })), 150)}
      <NumberInput filters={filters} onChange={onChange} />
      {hashOf(filters) !== hashOf(noFilters) && (
        <Button variant="subtle" px="xs" leftSection={<Icon name="cross" size={16} />} onClick={() => onChange(noFilters)}>
          {t('common.reset')}
        </Button>
      )}
    </Group>
  );
}

const kTypingPause = 400;

function NumberInput({ filters, onChange }: Props) {
  const { t } = useTranslation();
  const [text, setText] = useState(filters.number);
  const [known, setKnown] = useState(filters.number);
  const tell = useDebouncedCallback((number: string) => onChange({ ...filters, number }), kTypingPause);
  // Changed from outside (reset, a link): shown.
  if (known !== filters.number) {
    setKnown(filters.number);
    setText(filters.number);
  }
  return (
    <TextInput
      w={130}
      type="search"
      inputMode="tel"
      label={t('interactions.number')}
      placeholder={t('interactions.numberHint')}
      value={text}
      onChange={(event) => {
        setText(event.currentTarget.value);
        tell(event.currentTarget.value);
      }}
    />
  );
}
