// A tape of commands, datagrams and ticks for the core; what must always hold
// is checked after each step.

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <set>
#include <string>

#include "services/common/rtp/rtp_packet.h"
#include "services/media/core/core_rig.h"

namespace zvon::media {
namespace {

class Tape {
 public:
  Tape(const uint8_t* data, size_t size) : data_(data), size_(size) {}
  bool empty() const { return at_ >= size_; }
  uint8_t Byte() { return at_ < size_ ? data_[at_++] : 0; }
  std::vector<uint8_t> Bytes(size_t n) {
    std::vector<uint8_t> out;
    while (out.size() < n && !empty()) out.push_back(Byte());
    return out;
  }

 private:
  const uint8_t* data_;
  size_t size_;
  size_t at_ = 0;
};

void RequireAt(bool holds, int line) {
  if (holds) return;
  std::fprintf(stderr, "broken at line %d\n", line);
  std::abort();
}
#define Require(condition) RequireAt(condition, __LINE__)

// Names from small sets, so that the tape hits things that exist.
std::string Name(Tape& tape, char kind) {
  return std::string(1, kind) + static_cast<char>('0' + tape.Byte() % 4);
}

RemoteDescription AnyRemote(Tape& tape) {
  RemoteDescription remote;
  const uint8_t host = tape.Byte();
  remote.address = *ParseSocketAddress(host % 8 == 0 ? "192.168.0.1" : "127.0.0.1",
                                       host % 5 == 0 ? 0 : 4000 + host % 3);
  remote.codec = static_cast<Codec>(tape.Byte() % 3);
  remote.payload_type = tape.Byte() % 140;
  remote.dtmf_payload_type = tape.Byte() % 2 == 0 ? 0 : 101;
  remote.packet_ms = tape.Byte() % 8 == 0 ? tape.Byte() : 20;
  remote.direction = static_cast<Direction>(tape.Byte() % 4);
  return remote;
}

PlayItem AnyItem(Tape& tape) {
  PlayItem item;
  item.kind = static_cast<PlayItem::Kind>(tape.Byte() % 3);
  item.prompt = tape.Byte() % 4 == 0 ? "ru/none" : "ru/hello";
  item.tone_hz = tape.Byte() * 20;
  item.duration = absl::Milliseconds(tape.Byte() - 10);
  return item;
}

void DoCommand(Tape& tape, CoreRig& rig) {
  const std::string call = Name(tape, 'c');
  switch (tape.Byte() % 14) {
    case 0:
      return rig.Do(CreateEndpoint{Name(tape, 'e'), AnyRemote(tape), 0}, call);
    case 1:
      return rig.Do(UpdateEndpoint{Name(tape, 'e'), AnyRemote(tape)}, call);
    case 2:
      return rig.Do(DeleteEndpoint{Name(tape, 'e')}, call);
    case 3:
      return rig.Do(Play{Name(tape, 'e'),
                         Name(tape, 'p'),
                         {AnyItem(tape), AnyItem(tape)},
                         tape.Byte() % 2 == 0,
                         tape.Byte() % 2 == 0,
                         absl::Milliseconds(tape.Byte())},
                    call);
    case 4:
      return rig.Do(StopPlay{Name(tape, 'e'), tape.Byte() % 2 == 0 ? "" : Name(tape, 'p')}, call);
    case 5:
      return rig.Do(Bridge{Name(tape, 'e'), Name(tape, 'e')}, call);
    case 6:
      return rig.Do(Unbridge{Name(tape, 'e')}, call);
    case 7:
      return rig.Do(
          StartRecording{Name(tape, 'r'), "demo", "i", Name(tape, 'e'), Name(tape, 'e'), ""}, call);
    case 8:
      return rig.Do(PauseRecording{Name(tape, 'r'), "card"}, call);
    case 9:
      return rig.Do(ResumeRecording{Name(tape, 'r')}, call);
    case 10:
      return rig.Do(StopRecording{Name(tape, 'r')}, call);
    case 11:
      return rig.Do(
          SendDigits{Name(tape, 'e'), std::string(tape.Byte() % 5, "5#*Ax"[tape.Byte() % 5])},
          call);
    case 12:
      return rig.Do(Echo{Name(tape, 'e')}, call);
    default:
      return rig.Do(DeleteCall{}, call);
  }
}

void DoPacket(Tape& tape, CoreRig& rig, const std::set<Slot>& open) {
  if (open.empty()) return;
  auto slot = open.begin();
  std::advance(slot, tape.Byte() % open.size());
  const auto source = *ParseSocketAddress("127.0.0.1", 4000 + tape.Byte() % 4);
  const uint8_t kind = tape.Byte();
  std::vector<uint8_t> bytes;
  if (kind % 4 == 0) {
    bytes = tape.Bytes(kind);
  } else {
    bytes.resize(kRtpHeaderSize);
    const uint8_t types[] = {0, 8, 101, 13};
    WriteRtpHeader({types[tape.Byte() % 4], tape.Byte() % 8 == 0,
                    static_cast<uint16_t>(tape.Byte() << (tape.Byte() % 9)),
                    static_cast<uint32_t>(tape.Byte()) << (tape.Byte() % 25), tape.Byte() % 2u},
                   absl::MakeSpan(bytes));
    const std::vector<uint8_t> payload =
        kind % 2 == 0 ? tape.Bytes(4) : std::vector<uint8_t>(tape.Byte() * 6, kind);
    bytes.insert(bytes.end(), payload.begin(), payload.end());
  }
  if (kind % 16 == 1) {
    rig.core.HandleRtcp(*slot, source, bytes, rig.now, rig.effects);
  } else {
    rig.core.HandleRtp(*slot, source, bytes, rig.now, rig.effects);
  }
  rig.Tick(0);
}

// Follows the effects: who is open, what each recording has.
struct Checker {
  std::set<Slot> open;
  std::map<std::string, int64_t> recordings;  // Open writers: next frame.
  size_t events = 0;
  size_t sent = 0;
  size_t ops = 0;
  size_t closed = 0;

  void Check(CoreRig& rig) {
    for (; events < rig.events.size(); ++events) {
      const auto* ready = std::get_if<EndpointReady>(&rig.events[events].body);
      if (ready != nullptr) open.insert(static_cast<Slot>((ready->port - 20000) / 2));
    }
    for (; sent < rig.sent.size(); ++sent) {
      Require(open.count(rig.sent[sent].slot) == 1);
      Require(rig.sent[sent].to.port != 0);
      if (!rig.sent[sent].rtcp) Require(ParseRtp(rig.sent[sent].bytes).has_value());
    }
    for (; closed < rig.closed.size(); ++closed) Require(open.erase(rig.closed[closed]) == 1);
    for (; ops < rig.recording.size(); ++ops) CheckOp(rig.recording[ops]);
    Require(rig.core.endpoint_count() == open.size());
  }
  // Every frame of a recording once, in order, between its open and close.
  void CheckOp(const RecordingOp& op) {
    if (op.kind == RecordingOp::Kind::kOpen) {
      Require(recordings.emplace(op.writer_id, 0).second);
      return;
    }
    const auto it = recordings.find(op.writer_id);
    Require(it != recordings.end());
    Require(op.frame == it->second);
    it->second += static_cast<int64_t>(op.pcm.size() / 2);
    if (op.kind == RecordingOp::Kind::kClose) recordings.erase(it);
  }
};

}  // namespace
}  // namespace zvon::media

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace zvon::media;  // NOLINT
  if (size > 4096) return 0;
  Tape tape(data, size);
  MediaCoreOptions options;
  options.endpoints_max = 6;
  options.comfort_silence = tape.Byte() % 4 == 0;
  options.rtp_timeout = absl::Seconds(1);
  CoreRig rig(options);
  Checker checker;
  while (!tape.empty()) {
    switch (tape.Byte() % 4) {
      case 0:
        DoCommand(tape, rig);
        break;
      case 1:
      case 2:
        DoPacket(tape, rig, checker.open);
        break;
      default:
        rig.Tick(1 + tape.Byte() % 16);
        break;
    }
    checker.Check(rig);
  }
  for (const std::string& call : rig.core.CallIds()) rig.Do(DeleteCall{}, call);
  checker.Check(rig);
  Require(rig.core.endpoint_count() == 0);
  Require(checker.recordings.empty());
  return 0;
}
