#pragma once
// The media of the calls of one worker: commands and datagrams in, datagrams,
// events and recorded sound out. Pure: time and chance are arguments, sockets
// are slots, files are ops.
//
//   MediaCore core(options, random, prompts, detector_factory);
//   core.Handle({call_id, CreateEndpoint{…}}, now, effects);   // effects.opens
//   core.HandlePortOpened(slot, 20000, now, effects);          // EndpointReady
//   core.HandleRtp(slot, source, datagram, now, effects);      // effects.packets
//   core.Tick(now, effects);                                   // every 20 ms

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "services/common/ids/ids.h"
#include "services/media/core/endpoint.h"
#include "services/media/core/media_types.h"
#include "services/media/ports/prompt_source.h"

namespace zvon::media {

struct MediaCoreOptions {
  absl::Duration rtp_timeout = absl::Seconds(30);
  absl::Duration report_interval = absl::Seconds(5);
  // Send silence where there is nothing else to send, from the first moment
  // an address is known (opens NATs, keeps phones quiet).
  bool comfort_silence = false;
  size_t endpoints_max = 5000;
};

// Counters of what never becomes an event.
struct MediaCounts {
  uint64_t rtp_received = 0;
  uint64_t rtp_refused = 0;
  uint64_t rtp_sent = 0;
  uint64_t rtcp_received = 0;
  uint64_t rtcp_refused = 0;
  uint64_t recording_samples_lost = 0;
};

class MediaCore {
 public:
  static constexpr absl::Duration kTick = absl::Milliseconds(20);
  static constexpr size_t kTickSamples = 160;

  // `prompts` outlives the core.
  MediaCore(MediaCoreOptions options, RandomSource random, const PromptSource& prompts,
            DigitDetectorFactory make_detector);
  ~MediaCore();

  void Handle(const Command& command, absl::Time now, Effects& out);
  // The answer to an Open; an error closes the endpoint and is told.
  void HandlePortOpened(Slot slot, const absl::StatusOr<int>& port, absl::Time now, Effects& out);
  void HandleRtp(Slot slot, const SocketAddress& source, absl::Span<const uint8_t> datagram,
                 absl::Time now, Effects& out);
  void HandleRtcp(Slot slot, const SocketAddress& source, absl::Span<const uint8_t> datagram,
                  absl::Time now, Effects& out);
  // Every 20 ms; a tick that is late by n ticks is given n times.
  void Tick(absl::Time now, Effects& out);

  std::vector<std::string> CallIds() const;
  bool HasCall(const std::string& call_id) const { return calls_.contains(call_id); }
  // When any endpoint of the call last received a packet; InfinitePast for none.
  absl::Time LastReceived(const std::string& call_id) const;
  size_t endpoint_count() const { return endpoint_count_; }
  size_t call_count() const { return calls_.size(); }
  const MediaCounts& counts() const { return counts_; }

 private:
  struct Call {
    std::map<std::string, Endpoint*> endpoints;
    std::map<std::string, std::unique_ptr<RecordingTap>> recordings;
  };

  // media_core_commands.cc: one function a command.
  absl::Status Do(const std::string& call_id, const CreateEndpoint& c, absl::Time now,
                  Effects& out);
  absl::Status Do(const std::string& call_id, const UpdateEndpoint& c, absl::Time now,
                  Effects& out);
  absl::Status Do(const std::string& call_id, const DeleteEndpoint& c, absl::Time now,
                  Effects& out);
  absl::Status Do(const std::string& call_id, const Play& c, absl::Time now, Effects& out);
  absl::Status Do(const std::string& call_id, const StopPlay& c, absl::Time now, Effects& out);
  absl::Status Do(const std::string& call_id, const Bridge& c, absl::Time now, Effects& out);
  absl::Status Do(const std::string& call_id, const Unbridge& c, absl::Time now, Effects& out);
  absl::Status Do(const std::string& call_id, const SendDigits& c, absl::Time now, Effects& out);
  absl::Status Do(const std::string& call_id, const Echo& c, absl::Time now, Effects& out);
  absl::Status Do(const std::string& call_id, const DeleteCall& c, absl::Time now, Effects& out);
  // media_core_recording.cc
  absl::Status Do(const std::string& call_id, const StartRecording& c, absl::Time now,
                  Effects& out);
  absl::Status Do(const std::string& call_id, const PauseRecording& c, absl::Time now,
                  Effects& out);
  absl::Status Do(const std::string& call_id, const ResumeRecording& c, absl::Time now,
                  Effects& out);
  absl::Status Do(const std::string& call_id, const StopRecording& c, absl::Time now, Effects& out);

  Endpoint* Find(const std::string& call_id, const std::string& endpoint_id);
  RecordingTap* FindRecording(const std::string& call_id, const std::string& recording_id);
  void SetRemote(Endpoint& e, const RemoteDescription& remote, absl::Time now);
  void Remove(Endpoint& e, absl::Time now, Effects& out);
  void FinishPlay(Endpoint& e, PlayFinished::Reason reason, absl::Time now, Effects& out);
  void Separate(Endpoint& e);

  void Retap(Call& call);
  void TakeAudio(RecordingTap& tap, std::vector<int16_t> pcm, int64_t frame, Effects& out);
  void StopTap(const std::string& call_id, RecordingTap& tap, absl::Time now, Effects& out);
  void TickRecordings(absl::Time now, Effects& out);
  void Record(Endpoint& e, const RtpPacket& packet, absl::Time now);

  // media_core_packets.cc
  void HandleEvent(Endpoint& e, const RtpPacket& packet, absl::Time now, Effects& out);
  void SoundDigit(Endpoint& from, char digit);
  void HearDigits(Endpoint& e, const RtpPacket& packet, absl::Time now, Effects& out);
  void Forward(Endpoint& from, Endpoint& to, const RtpPacket& packet, absl::Time now, Effects& out);
  void DigitStarted(Endpoint& e, absl::Time now, Effects& out);
  void DigitEnded(Endpoint& e, char digit, absl::Duration duration, absl::Time now, Effects& out);

  // media_core_tick.cc
  void TickEndpoint(Endpoint& e, absl::Time now, Effects& out);
  void SendDigit(Endpoint& e, absl::Time now, Effects& out);
  void SendPlayed(Endpoint& e, absl::Time now, Effects& out);
  void SendAudio(Endpoint& e, absl::Span<const uint8_t> codes, absl::Time now, Effects& out);
  void SendReport(Endpoint& e, bool bye, absl::Time now, Effects& out);
  void CheckTimeout(Endpoint& e, absl::Time now, Effects& out);

  template <class Body>
  void Tell(const std::string& call_id, Body body, absl::Time now, Effects& out) {
    out.events.push_back({call_id, now, std::move(body)});
  }

  MediaCoreOptions options_;
  RandomSource random_;
  const PromptSource& prompts_;
  DigitDetectorFactory make_detector_;
  absl::flat_hash_map<std::string, Call> calls_;
  std::vector<std::unique_ptr<Endpoint>> slots_;  // Null = free.
  std::vector<Slot> free_slots_;
  size_t endpoint_count_ = 0;
  MediaCounts counts_;
};

}  // namespace zvon::media
