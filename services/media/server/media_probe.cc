#include "services/media/server/media_probe.h"

namespace zvon::media {

void MediaProbe::Count(const std::string& name, const std::string& help, uint64_t total) {
  uint64_t& last = last_[name];
  prometheus::Counter& counter = metrics_.Counter(name, help);
  if (total > last) counter.Increment(static_cast<double>(total - last));
  last = total;
}

void MediaProbe::Set(const std::string& name, const std::string& help, double value) {
  metrics_.Gauge(name, help).Set(value);
}

void MediaProbe::Update(const std::vector<MediaWorkerCounts>& workers) {
  MediaWorkerCounts sum;
  for (const MediaWorkerCounts& w : workers) {
    sum.media.rtp_received += w.media.rtp_received;
    sum.media.rtp_refused += w.media.rtp_refused;
    sum.media.rtp_sent += w.media.rtp_sent;
    sum.media.rtcp_received += w.media.rtcp_received;
    sum.media.rtcp_refused += w.media.rtcp_refused;
    sum.media.recording_samples_lost += w.media.recording_samples_lost;
    sum.send_failed += w.send_failed;
    sum.late_ticks += w.late_ticks;
    sum.calls += w.calls;
    sum.endpoints += w.endpoints;
  }
  Count("zvon_media_rtp_received_total", "RTP packets taken", sum.media.rtp_received);
  Count("zvon_media_rtp_refused_total", "RTP packets of a wrong source, type or form",
        sum.media.rtp_refused);
  Count("zvon_media_rtp_sent_total", "RTP packets sent", sum.media.rtp_sent);
  Count("zvon_media_rtcp_received_total", "RTCP packets taken", sum.media.rtcp_received);
  Count("zvon_media_rtcp_refused_total", "RTCP packets refused", sum.media.rtcp_refused);
  Count("zvon_media_send_failed_total", "Packets that the socket did not take", sum.send_failed);
  Count("zvon_media_late_ticks_total", "Ticks of 20 ms that came late", sum.late_ticks);
  Count("zvon_media_recording_late_samples_total", "Samples that came too late to be recorded",
        sum.media.recording_samples_lost);
  Set("zvon_media_calls", "Calls with media here", static_cast<double>(sum.calls));
  Set("zvon_media_endpoints", "Endpoints open", static_cast<double>(sum.endpoints));
}

void MediaProbe::Update(const SegmentWriterCounts& writer, const SegmentUploaderCounts& uploader) {
  Count("zvon_media_segments_closed_total", "Recording segments written", writer.segments_closed);
  Count("zvon_media_segment_bytes_total", "Bytes of recorded sound written", writer.bytes_written);
  Count("zvon_media_segment_write_errors_total", "Failed writes of segments", writer.write_errors);
  Count("zvon_media_segment_frames_left_out_total",
        "Frames of 1/8000 s not stored (disk slow or full); declared as gaps",
        writer.frames_left_out);
  Set("zvon_media_segment_queue_bytes", "Recorded sound waiting for the disk",
      static_cast<double>(writer.queue_bytes));
  Set("zvon_media_segments_open", "Segments being written",
      static_cast<double>(writer.open_segments));
  Set("zvon_media_segment_disk_failing", "1 = no folder can be written to", writer.failing ? 1 : 0);
  Count("zvon_media_segments_sent_total", "Segments that recording has taken", uploader.sent);
  Count("zvon_media_segments_refused_total", "Segments that recording refused; kept aside",
        uploader.refused);
  Count("zvon_media_segment_send_failures_total", "Failed tries to send a segment",
        uploader.failed);
  Set("zvon_media_segments_waiting", "Closed segments not yet sent",
      static_cast<double>(uploader.waiting));
}

void MediaProbe::Update(const MediaServer& server) {
  Set("zvon_media_control_streams", "Control streams open", static_cast<double>(server.sessions()));
  Set("zvon_media_orphan_calls", "Calls without a control stream",
      static_cast<double>(server.orphans()));
  Count("zvon_media_events_dropped_total", "Events lost to a full mailbox",
        server.events_dropped());
}

}  // namespace zvon::media
