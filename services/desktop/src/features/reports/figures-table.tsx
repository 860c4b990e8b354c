import { Table } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { numberText, percentText } from '@/lib/format';
import { clockText } from '@/lib/time';
import type { Figures } from './report-view';

export interface FiguresLine {
  key: string;
  name: string;
  figures: Figures;
}

interface Props {
  title: string;
  nameHead: string;
  lines: readonly FiguresLine[];
  total: Figures;
}

export function FiguresTable({ title, nameHead, lines, total }: Props) {
  const { t } = useTranslation();
  const heads = [
    t('reports.offered'),
    t('reports.answered'),
    t('reports.abandoned'),
    t('reports.shortAbandoned'),
    t('reports.flowedOut'),
    t('reports.waiting'),
    t('reports.serviceLevel'),
    t('reports.averageWait'),
    t('reports.handleTime'),
  ];
  return (
    <Table.ScrollContainer minWidth={900} type="native" tabIndex={0}>
      <Table highlightOnHover verticalSpacing={6} className="zvon-numbers" aria-label={title}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{nameHead}</Table.Th>
            {heads.map((head) => (
              <Table.Th key={head} ta="right">
                {head}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {lines.map(({ key, name, figures }) => (
            <Table.Tr key={key}>
              <Table.Td style={{ whiteSpace: 'nowrap' }}>{name}</Table.Td>
              <Cells figures={figures} />
            </Table.Tr>
          ))}
        </Table.Tbody>
        <Table.Tfoot>
          <Table.Tr fw={700}>
            <Table.Th scope="row">{t('common.total')}</Table.Th>
            <Cells figures={total} />
          </Table.Tr>
        </Table.Tfoot>
      </Table>
    </Table.ScrollContainer>
  );
}

function Cells({ figures }: { figures: Figures }) {
  const { i18n } = useTranslation();
  const time = (length: number | undefined) => (length === undefined ? '—' : clockText(Math.round(length / 1000) * 1000));
  const counts = [figures.offered, figures.answered, figures.abandoned, figures.shortAbandoned, figures.flowedOut, figures.waiting];
  const texts = [
    ...counts.map((count) => numberText(i18n.language, count)),
    figures.serviceLevel === undefined ? '—' : percentText(i18n.language, figures.serviceLevel),
    time(figures.averageWait),
    time(figures.averageHandle),
  ];
  return texts.map((text, index) => (
    <Table.Td key={index} ta="right">
      {text}
    </Table.Td>
  ));
}
