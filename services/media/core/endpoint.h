#pragma once
// One leg's media: what is known of its remote, what it plays, who hears it.
// Owned by MediaCore.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "services/common/dtmf/dtmf_receiver.h"
#include "services/common/dtmf/dtmf_sender.h"
#include "services/common/rtp/reception_statistics.h"
#include "services/media/core/media_types.h"
#include "services/media/core/outgoing_stream.h"
#include "services/media/core/player.h"
#include "services/media/core/recording_timeline.h"
#include "services/media/core/source_lock.h"
#include "services/media/ports/digit_detector.h"

namespace zvon::media {

// A recording of one call; `left` and `right` name endpoints of that call.
struct RecordingTap {
  RecordingTap(std::string id, absl::Time now) : recording_id(std::move(id)), timeline(now) {}
  std::string recording_id;
  std::string writer_id;
  std::string left_endpoint_id;
  std::string right_endpoint_id;
  std::string right_agent_id;
  RecordingTimeline timeline;
  absl::Time start;
  bool paused = false;
  bool stopped = false;  // Kept until the call's end, so that a repeat is known.
  absl::Duration recorded;
};

struct Endpoint {
  Endpoint(std::string call, std::string id, Slot slot_in, OutgoingStream stream)
      : call_id(std::move(call)), endpoint_id(std::move(id)), slot(slot_in), out(stream) {}

  std::string call_id;
  std::string endpoint_id;
  Slot slot;
  int port = 0;  // 0 until it is open.
  int wanted_port = 0;
  std::string cname;

  std::optional<RemoteDescription> remote;
  SourceLock source;
  ReceptionStatistics received;
  uint64_t refused = 0;
  absl::Time last_received;  // Or since when packets are expected.
  bool timed_out = false;

  OutgoingStream out;
  uint64_t packets_at_last_report = 0;
  absl::Time next_report;

  std::optional<Player> player;
  std::vector<uint8_t> played;  // Samples that wait for a packet to be full.
  std::optional<PlayFinished> last_play;

  DtmfReceiver digits_in;
  DtmfSender digits_out;
  std::unique_ptr<DigitDetector> detector;
  ToneGenerator tone_low{0, 8000, 0};
  ToneGenerator tone_high{0, 8000, 0};

  Endpoint* peer = nullptr;  // The other leg of a bridge; peer->peer == this.
  bool echo = false;

  struct Tap {
    RecordingTap* recording;
    int channel;
  };
  std::vector<Tap> taps;

  bool MaySend() const {
    return remote && remote->codec != Codec::kNone && Sends(remote->direction) &&
           source.target().port != 0;
  }
  bool Expects() const {
    return remote && remote->address.port != 0 && Receives(remote->direction);
  }
  // Something of our own goes out: what the peer says must wait.
  bool Busy() const { return player || digits_out.active(); }
};

}  // namespace zvon::media
