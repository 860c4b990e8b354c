#pragma once
// The values that go into and out of the media core. They mirror
// zvon.mediaservice.v1, which says what each means.

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "services/common/audio/g711.h"
#include "services/media/core/socket_address.h"

namespace zvon::media {

enum class Codec { kNone, kPcmu, kPcma };
constexpr G711Law LawOf(Codec codec) {
  return codec == Codec::kPcma ? G711Law::kALaw : G711Law::kMuLaw;
}

// As seen from us.
enum class Direction { kSendRecv, kSendOnly, kRecvOnly, kInactive };
constexpr bool Sends(Direction d) { return d == Direction::kSendRecv || d == Direction::kSendOnly; }
constexpr bool Receives(Direction d) {
  return d == Direction::kSendRecv || d == Direction::kRecvOnly;
}

struct RemoteDescription {
  SocketAddress address;  // Port 0 = unknown: nothing is sent, nothing learnt.
  Codec codec = Codec::kNone;
  uint8_t payload_type = 0;
  uint8_t dtmf_payload_type = 0;  // 0 = none.
  int packet_ms = 20;             // 10 to 60, a multiple of 10.
  Direction direction = Direction::kSendRecv;
  friend bool operator==(const RemoteDescription&, const RemoteDescription&) = default;
};

struct PlayItem {
  enum class Kind { kPrompt, kSilence, kTone };
  Kind kind = Kind::kSilence;
  std::string prompt;
  int tone_hz = 0;
  absl::Duration duration;  // Of silence and tones.
};

struct CreateEndpoint {
  std::string endpoint_id;
  std::optional<RemoteDescription> remote;
  int port = 0;
};
struct UpdateEndpoint {
  std::string endpoint_id;
  RemoteDescription remote;
};
struct DeleteEndpoint {
  std::string endpoint_id;
};
struct Play {
  std::string endpoint_id;
  std::string play_id;
  std::vector<PlayItem> items;
  bool loop = false;
  bool stop_on_digit = false;
  absl::Duration offset;
};
struct StopPlay {
  std::string endpoint_id;
  std::string play_id;
};
struct Bridge {
  std::string endpoint_id;
  std::string other_endpoint_id;
};
struct Unbridge {
  std::string endpoint_id;
};
struct StartRecording {
  std::string recording_id;
  std::string tenant_id;
  std::string interaction_id;
  std::string left_endpoint_id;
  std::string right_endpoint_id;
  std::string right_agent_id;
};
struct PauseRecording {
  std::string recording_id;
  std::string reason;
};
struct ResumeRecording {
  std::string recording_id;
};
struct StopRecording {
  std::string recording_id;
};
struct SendDigits {
  std::string endpoint_id;
  std::string digits;
};
struct Echo {
  std::string endpoint_id;
};
struct DeleteCall {};

struct Command {
  std::string call_id;
  std::variant<CreateEndpoint, UpdateEndpoint, DeleteEndpoint, Play, StopPlay, Bridge, Unbridge,
               StartRecording, PauseRecording, ResumeRecording, StopRecording, SendDigits, Echo,
               DeleteCall>
      body;
};

struct MediaQuality {
  uint64_t packets_received = 0;
  uint64_t packets_sent = 0;
  uint64_t packets_lost = 0;
  uint64_t packets_refused = 0;
  absl::Duration jitter;
};
struct EndpointReady {
  std::string endpoint_id;
  int port = 0;
};
struct CommandFailed {
  std::string command;
  std::string endpoint_id;
  absl::Status status;
};
struct PlayFinished {
  enum class Reason { kEnd, kDigit, kStopped, kFailed };
  std::string endpoint_id;
  std::string play_id;
  Reason reason = Reason::kEnd;
  absl::Duration played;
  std::string message;
};
struct DigitReceived {
  std::string endpoint_id;
  char digit = '\0';
  absl::Duration duration;
};
struct MediaTimeout {
  std::string endpoint_id;
};
struct EndpointClosed {
  std::string endpoint_id;
  MediaQuality quality;
};
struct RecordingStarted {
  std::string recording_id;
};
struct RecordingStopped {
  std::string recording_id;
  absl::Duration recorded;
};

struct Event {
  std::string call_id;
  absl::Time time;
  std::variant<EndpointReady, CommandFailed, PlayFinished, DigitReceived, MediaTimeout,
               EndpointClosed, RecordingStarted, RecordingStopped>
      body;
};

// Index of an endpoint within its core, for the packet path.
using Slot = uint32_t;

struct RecordingChannel {
  std::string leg_id;
  std::string agent_id;
};

// What a recording tap tells its writer; ops of one recording come in order.
struct RecordingOp {
  enum class Kind {
    kOpen,      // Everything below but `pcm`.
    kAudio,     // `pcm` belongs at `frame`.
    kChannels,  // From `frame` on other people are in the channels.
    kGapBegin,  // From `frame` on nothing is stored, for `reason`.
    kGapEnd,
    kClose,  // `frame` = length.
  };
  Kind kind = Kind::kAudio;
  std::string writer_id;
  int64_t frame = 0;
  std::vector<int16_t> pcm;  // Interleaved left, right.
  std::string recording_id;
  std::string tenant_id;
  std::string interaction_id;
  std::string call_id;
  absl::Time start_time;
  RecordingChannel left;
  RecordingChannel right;
  std::string reason;
};

// What is to be done, in order within each list. The shell clears and reuses
// it, so that the packet path does not allocate.
struct Effects {
  struct Packet {
    Slot slot = 0;
    bool rtcp = false;
    SocketAddress to;
    uint32_t offset = 0;  // Into `bytes`.
    uint32_t size = 0;
  };
  // The shell opens a pair of ports and answers with HandlePortOpened.
  struct Open {
    Slot slot = 0;
    int port = 0;  // 0 = any.
  };
  std::vector<Packet> packets;
  std::vector<uint8_t> bytes;
  std::vector<Event> events;
  std::vector<Open> opens;
  // After the packets were sent.
  std::vector<Slot> closes;
  std::vector<RecordingOp> recording;

  // Room for a packet of `size` bytes; valid until the next Add.
  absl::Span<uint8_t> Add(Slot slot, bool rtcp, const SocketAddress& to, size_t size) {
    packets.push_back(
        {slot, rtcp, to, static_cast<uint32_t>(bytes.size()), static_cast<uint32_t>(size)});
    bytes.resize(bytes.size() + size);
    return absl::MakeSpan(bytes).last(size);
  }
  absl::Span<const uint8_t> BytesOf(const Packet& packet) const {
    return absl::MakeConstSpan(bytes).subspan(packet.offset, packet.size);
  }
  void Clear() {
    packets.clear();
    bytes.clear();
    events.clear();
    opens.clear();
    closes.clear();
    recording.clear();
  }
};

}  // namespace zvon::media
