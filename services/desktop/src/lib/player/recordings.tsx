// All recordings of one interaction, each with its player.
import { Alert, Loader, Stack, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { Recording_State, type Recording } from '@/gen/zvon/recording/v1/recording_pb';
import { api } from '@/lib/api';
import { timeText } from '@/lib/format';
import { lengthOf, timeOf } from '@/lib/time';
import { Icon } from '@/lib/ui/icon';
import { errorText } from '@/lib/ui/use-action';
import { useLoad } from '@/lib/use-load';
import { StereoPlayer } from './stereo-player';

const kFramesPerMs = 8;

export function Recordings({ interactionId }: { interactionId: string }) {
  const { t } = useTranslation();
  const { data, error } = useLoad(() => api.listRecordings(interactionId), [interactionId]);
  if (error) {
    return (
      <Alert color="red" icon={<Icon name="warning" />}>
        {errorText(t, error)}
      </Alert>
    );
  }
  if (!data) return <Loader size="sm" aria-label={t('common.loading')} />;
  if (data.recordings.length === 0) return <Text c="dimmed">{t('player.none')}</Text>;
  return (
    <Stack gap="lg">
      {data.recordings.map((recording) => (
        <OneRecording key={recording.recordingId} recording={recording} />
      ))}
    </Stack>
  );
}

function OneRecording({ recording }: { recording: Recording }) {
  const { t, i18n } = useTranslation();
  if (recording.state === Recording_State.MISSING) {
    return (
      <Alert color="red" icon={<Icon name="warning" />}>
        {t('player.missing')}
      </Alert>
    );
  }
  if (recording.state === Recording_State.OPEN) return <Text c="dimmed">{t('player.open')}</Text>;
  const start = timeOf(recording.startTime);
  const gaps = recording.gaps.map((gap) => ({
    start: Number(gap.startFrame) / kFramesPerMs,
    end: Number(gap.startFrame + gap.frames) / kFramesPerMs,
  }));
  return (
    <div>
      {start !== undefined && (
        <Text size="xs" c="dimmed" mb={4}>
          {t('player.startedAt', { time: timeText(i18n.language, start) })}
          {gaps.length > 0 && ` · ${t('player.gaps', { count: gaps.length })}`}
        </Text>
      )}
      <StereoPlayer
        url={api.audioUrl(recording.recordingId)}
        downloadUrl={api.audioUrl(recording.recordingId, { format: 'wav', download: 1 })}
        length={lengthOf(recording.length)}
        gaps={gaps}
      />
    </div>
  );
}
