import { Box, Group, Text } from '@mantine/core';
import { useElementSize } from '@mantine/hooks';
import { useTranslation } from 'react-i18next';
import { dateText, dateTimeText, shortTimeText } from '@/lib/format';
import { axisSteps, type IntervalRow } from './report-view';

const kHeight = 240;
const kLeft = 36;
const kTop = 10;
const kBottom = 26;
const kParts = [
  ['answered', 'var(--zvon-answered)'],
  ['abandoned', 'var(--zvon-abandoned)'],
  ['flowedOut', 'var(--zvon-flowed)'],
  ['waiting', 'var(--zvon-waiting)'],
] as const;

// Stacked bars; the table below says the same in figures.
export function IntervalChart({ rows, byDay }: { rows: readonly IntervalRow[]; byDay: boolean }) {
  const { t, i18n } = useTranslation();
  const { ref, width } = useElementSize();
  const heights = rows.map((row) => kParts.reduce((sum, [part]) => sum + row[part], 0));
  const steps = axisSteps(Math.max(...heights));
  const top = steps.at(-1) ?? 1;
  const plot = kHeight - kTop - kBottom;
  const y = (value: number) => kTop + plot * (1 - value / top);
  const slot = Math.max(0, width - kLeft) / Math.max(1, rows.length);
  const label = (time: number) => (byDay ? dateText(i18n.language, time) : shortTimeText(i18n.language, time));
  const every = Math.max(1, Math.ceil((byDay ? 56 : 48) / Math.max(slot, 0.1)));
  return (
    <Box>
      <Box ref={ref}>
        <svg width="100%" height={kHeight} role="img" aria-label={t('reports.chartLabel')} style={{ display: 'block' }}>
          {steps.map((step) => (
            <g key={step}>
              <line x1={kLeft} x2={width} y1={y(step)} y2={y(step)} stroke="var(--mantine-color-default-border)" />
              <text x={kLeft - 8} y={y(step) + 4} textAnchor="end" fontSize={11} fill="var(--mantine-color-dimmed)">
                {step}
              </text>
            </g>
          ))}
          {rows.map((row, index) => (
            <g key={row.start}>
              <Bar row={row} x={kLeft + index * slot} slot={slot} scale={plot / top} title={barTitle(row)} />
              {index % every === 0 && (
                <text x={kLeft + (index + 0.5) * slot} y={kHeight - 8} textAnchor="middle" fontSize={11} fill="var(--mantine-color-dimmed)">
                  {label(row.start)}
                </text>
              )}
            </g>
          ))}
        </svg>
      </Box>
      <Group gap="md" mt={4} justify="center">
        {kParts.map(([part, color]) => (
          <Group key={part} gap={6}>
            <span className="zvon-dot" style={{ background: color }} aria-hidden />
            <Text size="xs">{t(`reports.${part}`)}</Text>
          </Group>
        ))}
      </Group>
    </Box>
  );

  function barTitle(row: IntervalRow): string {
    const parts = kParts.filter(([part]) => row[part] > 0).map(([part]) => `${t(`reports.${part}`)}: ${row[part]}`);
    return [dateTimeText(i18n.language, row.start), ...parts].join('\n');
  }
}

interface BarProps {
  row: IntervalRow;
  x: number;
  slot: number;
  // Pixels of one call.
  scale: number;
  title: string;
}

function Bar({ row, x, slot, scale, title }: BarProps) {
  const width = Math.max(1, Math.min(44, slot * 0.72));
  let bottom = kHeight - kBottom;
  return (
    <g>
      <title>{title}</title>
      {kParts.map(([part, color]) => {
        const height = row[part] * scale;
        bottom -= height;
        return height > 0 && <rect key={part} x={x + (slot - width) / 2} y={bottom} width={width} height={height} fill={color} />;
      })}
      {/* Catches the mouse over the whole slot. */}
      <rect x={x} y={kTop} width={slot} height={kHeight - kTop - kBottom} fill="transparent" />
    </g>
  );
}
