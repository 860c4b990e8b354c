#pragma once
// For tests: a MediaCore in virtual time with its effects kept.

#include <cmath>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "services/common/rtp/rtp_packet.h"
#include "services/media/core/media_core.h"

namespace zvon::media {

class RigPrompts final : public PromptSource {
 public:
  absl::StatusOr<PromptPtr> Find(const std::string& name) const override {
    if (name != "ru/hello") return absl::NotFoundError("no prompt '" + name + "'");
    auto prompt = std::make_shared<Prompt>();
    prompt->a_law.assign(400, 0x11);
    prompt->mu_law.assign(400, 0x22);
    return PromptPtr(prompt);
  }
};

struct SentPacket {
  Slot slot;
  bool rtcp;
  SocketAddress to;
  std::vector<uint8_t> bytes;
  absl::Time time;
  RtpPacket rtp() const { return *ParseRtp(bytes); }
};

class CoreRig {
 public:
  explicit CoreRig(MediaCoreOptions options = {}, DigitDetectorFactory detector = nullptr)
      : core(options, SeededRandom(1), prompts, std::move(detector)) {}

  template <class Body>
  void Do(Body body, const std::string& call = "call") {
    core.Handle({call, std::move(body)}, now, effects);
    Drain();
  }
  // An endpoint whose remote is 127.0.0.1:`port`.
  void Create(const std::string& id, int port, Codec codec = Codec::kPcma, uint8_t dtmf = 101) {
    Do(CreateEndpoint{id, Remote(port, codec, dtmf), 0});
  }
  static RemoteDescription Remote(int port, Codec codec = Codec::kPcma, uint8_t dtmf = 101) {
    RemoteDescription remote;
    remote.address = *ParseSocketAddress("127.0.0.1", port);
    remote.codec = codec;
    remote.payload_type = codec == Codec::kPcma ? 8 : 0;
    remote.dtmf_payload_type = dtmf;
    return remote;
  }
  // A packet from 127.0.0.1:`port` to the endpoint; numbers go on by themselves.
  void Receive(const std::string& id, int port, uint8_t type, std::vector<uint8_t> payload,
               bool marker = false) {
    Stream& s = streams_[{id, port}];
    std::vector<uint8_t> bytes(kRtpHeaderSize);
    WriteRtpHeader({type, marker, s.sequence++, s.timestamp, static_cast<uint32_t>(port)},
                   absl::MakeSpan(bytes));
    if (type == 8 || type == 0) s.timestamp += static_cast<uint32_t>(payload.size());
    bytes.insert(bytes.end(), payload.begin(), payload.end());
    core.HandleRtp(slots.at(id), *ParseSocketAddress("127.0.0.1", port), bytes, now, effects);
    Drain();
  }
  void ReceiveAudio(const std::string& id, int port, uint8_t fill, uint8_t type = 8) {
    Receive(id, port, type, std::vector<uint8_t>(160, fill));
  }
  void SkipTimestamp(const std::string& id, int port, uint32_t by) {
    streams_[{id, port}].timestamp += by;
  }
  // 0 = only takes the effects of what was given to the core directly.
  void Tick(int times = 1) {
    Drain();
    for (int i = 0; i < times; ++i) {
      now += MediaCore::kTick;
      core.Tick(now, effects);
      Drain();
    }
  }
  template <class Body>
  std::vector<Body> All() const {
    std::vector<Body> found;
    for (const Event& event : events) {
      if (const Body* body = std::get_if<Body>(&event.body)) found.push_back(*body);
    }
    return found;
  }
  // RTP packets that went to 127.0.0.1:`port`.
  std::vector<SentPacket> SentTo(int port) const {
    std::vector<SentPacket> found;
    for (const SentPacket& packet : sent) {
      if (!packet.rtcp && packet.to.port == port) found.push_back(packet);
    }
    return found;
  }

  RigPrompts prompts;
  MediaCore core;
  absl::Time now = absl::FromUnixSeconds(1'750'000'000);
  Effects effects;
  std::vector<SentPacket> sent;
  std::vector<Event> events;
  std::vector<RecordingOp> recording;
  std::map<std::string, Slot> slots;
  std::vector<Slot> closed;
  absl::Status port_error;

 private:
  struct Stream {
    uint16_t sequence = 1000;
    uint32_t timestamp = 1;
  };
  void Drain() {
    while (!effects.opens.empty()) {
      const Effects::Open open = effects.opens.back();
      effects.opens.pop_back();
      absl::StatusOr<int> port = 20000 + 2 * static_cast<int>(open.slot);
      if (!port_error.ok()) port = port_error;
      last_slot_ = open.slot;
      core.HandlePortOpened(open.slot, port, now, effects);
    }
    for (const auto& packet : effects.packets) {
      const auto bytes = effects.BytesOf(packet);
      sent.push_back({packet.slot, packet.rtcp, packet.to, {bytes.begin(), bytes.end()}, now});
    }
    for (const Event& event : effects.events) {
      if (const auto* ready = std::get_if<EndpointReady>(&event.body)) {
        slots[ready->endpoint_id] = static_cast<Slot>((ready->port - 20000) / 2);
      }
      events.push_back(event);
    }
    for (const auto& op : effects.recording) recording.push_back(op);
    closed.insert(closed.end(), effects.closes.begin(), effects.closes.end());
    effects.Clear();
  }
  Slot last_slot_ = 0;
  std::map<std::pair<std::string, int>, Stream> streams_;
};

}  // namespace zvon::media
