import { Group, Table, Text, UnstyledButton } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { Icon } from '@/lib/ui/icon';
import type { Sorting } from './live-view';

interface Props<T> {
  column: keyof T;
  label: string;
  sorting: Sorting<T>;
  onSort: (sorting: Sorting<T>) => void;
  numeric?: boolean;
}

// A column's head that sorts by it; a second press turns the order round.
export function SortHeader<T>({ column, label, sorting, onSort, numeric }: Props<T>) {
  const { t } = useTranslation();
  const active = sorting.column === column;
  const descending = active ? !sorting.descending : numeric === true;
  return (
    <Table.Th aria-sort={active ? (sorting.descending ? 'descending' : 'ascending') : 'none'} ta={numeric ? 'right' : 'left'}>
      <UnstyledButton title={t('live.sortBy', { column: label })} onClick={() => onSort({ column, descending })}>
        <Group gap={4} wrap="nowrap" justify={numeric ? 'flex-end' : 'flex-start'}>
          <Text component="span" size="sm" fw={600} lh={1.25} ta={numeric ? 'right' : 'left'}>
            {label}
          </Text>
          <span style={{ width: 10, flexShrink: 0, opacity: active ? 1 : 0.25 }}>
            <Icon name={active && !sorting.descending ? 'up' : 'down'} size={10} />
          </span>
        </Group>
      </UnstyledButton>
    </Table.Th>
  );
}
