import { Group, Select, TextInput } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { rangeOf, type Period, type PeriodName } from '@/lib/periods';
import { fromLocalInput, toLocalInput } from '@/lib/time';

const kNames: PeriodName[] = ['today', 'yesterday', 'hour', 'week', 'month', 'custom'];

export function PeriodPicker({ period, onChange }: { period: Period; onChange: (period: Period) => void }) {
  const { t } = useTranslation();
  const range = rangeOf(period, Date.now());
  const limit = (name: 'from' | 'to', label: string) => (
    <TextInput
      type="datetime-local"
      label={label}
      value={toLocalInput(range[name])}
      onChange={(event) => {
        const time = fromLocalInput(event.currentTarget.value);
        if (time !== undefined) onChange({ ...range, name: 'custom', [name]: time });
      }}
    />
  );
  return (
    <Group gap="sm" align="flex-end">
      <Select
        w={185}
        label={t('common.period')}
        allowDeselect={false}
        data={kNames.map((value) => ({ value, label: t(`periods.${value}`) }))}
        value={period.name}
        onChange={(value) => onChange(value === 'custom' ? { name: 'custom', ...range } : { name: (value ?? 'today') as PeriodName })}
      />
      {period.name === 'custom' && (
        <>
          {limit('from', t('common.from'))}
          {limit('to', t('common.to'))}
        </>
      )}
    </Group>
  );
}
