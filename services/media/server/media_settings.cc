#include "services/media/server/media_settings.h"

namespace zvon::media {

void MediaSettings::BindTo(SettingsReader& reader) {
  reader.Bind("grpc.listen", &listen, "Address of the internal gRPC port");
  reader.Bind("rtp.address", &rtp_address, "Local address of the RTP sockets");
  reader.Bind("rtp.advertised_address", &rtp_advertised_address,
              "Address that SDP tells to the other side");
  reader.Bind("rtp.port_min", &rtp_port_min, "First UDP port for RTP and RTCP", 1024, 65534);
  reader.Bind("rtp.port_max", &rtp_port_max, "Last UDP port for RTP and RTCP", 1025, 65535);
  reader.Bind("rtp.timeout", &rtp_timeout, "Silence of a remote that is told as MediaTimeout");
  reader.Bind("rtp.comfort_silence", &rtp_comfort_silence,
              "Send silence to legs that nothing else is sent to");
  reader.Bind("media.workers", &workers, "Worker threads; 0 = one a core", 0, 256);
  reader.Bind("media.endpoints_max", &endpoints_max, "Most endpoints of this process", 1, 100'000);
  reader.Bind("media.prompts", &prompts, "Folders of WAV prompts, NAME=FOLDER each");
  reader.Bind("media.prompts_interval", &prompts_interval,
              "How often prompt folders are looked at");
  reader.Bind("control.grace", &control_grace,
              "How long a silent call outlives its control stream");
  reader.Bind("control.orphan_max", &control_orphan_max,
              "How long any call outlives its control stream");
  reader.Bind("recording.address", &recording_address, "gRPC address of the recording service");
  reader.Bind("recording.segment_length", &recording_segment_length,
              "Length of one recording segment");
  reader.Bind("recording.spill_dir", &recording_spill_dir,
              "Second folder for segments, for when data.dir cannot be written to");
  reader.Bind("recording.queue_megabytes", &recording_queue_megabytes,
              "Recorded sound that may wait for the disk in memory", 1, 65536);
  tls.BindTo(reader);
}

}  // namespace zvon::media
