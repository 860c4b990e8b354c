#include "services/media/server/media_conversion.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"

namespace zvon::media {
namespace {

namespace pb = zvon::mediaservice::v1;
namespace mpb = zvon::media::v1;

absl::Duration FromProto(const google::protobuf::Duration& d) {
  return absl::Seconds(d.seconds()) + absl::Nanoseconds(d.nanos());
}

void Set(absl::Duration d, google::protobuf::Duration* out) {
  const int64_t nanos = absl::ToInt64Nanoseconds(d);
  out->set_seconds(nanos / 1'000'000'000);
  out->set_nanos(static_cast<int32_t>(nanos % 1'000'000'000));
}

absl::StatusOr<RemoteDescription> FromProto(const mpb::RemoteDescription& proto) {
  RemoteDescription remote;
  if (!proto.address().empty()) {
    absl::StatusOr<SocketAddress> address = ParseSocketAddress(proto.address(), proto.port());
    if (!address.ok()) return address.status();
    remote.address = *address;
  }
  remote.codec = proto.codec() == mpb::CODEC_PCMA   ? Codec::kPcma
                 : proto.codec() == mpb::CODEC_PCMU ? Codec::kPcmu
                                                    : Codec::kNone;
  for (const int type : {proto.payload_type(), proto.dtmf_payload_type()}) {
    if (type < 0 || type > 127) {
      return absl::InvalidArgumentError(
          absl::StrCat("payload type ", type, " is not within 0 to 127"));
    }
  }
  remote.payload_type = static_cast<uint8_t>(proto.payload_type());
  remote.dtmf_payload_type = static_cast<uint8_t>(proto.dtmf_payload_type());
  if (proto.has_packet_time()) {
    remote.packet_ms = static_cast<int>(
        std::clamp<int64_t>(absl::ToInt64Milliseconds(FromProto(proto.packet_time())), 0, 1000));
  }
  switch (proto.direction()) {
    case mpb::DIRECTION_SENDONLY:
      remote.direction = Direction::kSendOnly;
      break;
    case mpb::DIRECTION_RECVONLY:
      remote.direction = Direction::kRecvOnly;
      break;
    case mpb::DIRECTION_INACTIVE:
      remote.direction = Direction::kInactive;
      break;
    default:
      break;
  }
  return remote;
}

absl::StatusOr<PlayItem> FromProto(const mpb::PlayItem& proto) {
  PlayItem item;
  switch (proto.kind_case()) {
    case mpb::PlayItem::kPrompt:
      item.kind = PlayItem::Kind::kPrompt;
      item.prompt = proto.prompt();
      return item;
    case mpb::PlayItem::kSilence:
      item.kind = PlayItem::Kind::kSilence;
      item.duration = FromProto(proto.silence());
      return item;
    case mpb::PlayItem::kToneHz:
      item.kind = PlayItem::Kind::kTone;
      item.tone_hz = proto.tone_hz();
      item.duration = proto.has_duration() ? FromProto(proto.duration()) : absl::Milliseconds(200);
      return item;
    default:
      return absl::InvalidArgumentError("a play item is neither prompt, silence nor tone");
  }
}

absl::StatusOr<Command> FromProto(const std::string& call_id, const pb::CreateEndpoint& proto) {
  CreateEndpoint create{proto.endpoint_id(), std::nullopt, proto.port()};
  if (proto.has_remote()) {
    absl::StatusOr<RemoteDescription> remote = FromProto(proto.remote());
    if (!remote.ok()) return remote.status();
    create.remote = *remote;
  }
  return Command{call_id, std::move(create)};
}

absl::StatusOr<Command> FromProto(const std::string& call_id, const pb::Play& proto) {
  Play play{proto.endpoint_id(), proto.play_id(),       {},
            proto.loop(),        proto.stop_on_digit(), FromProto(proto.offset())};
  constexpr int kItemsMax = 1000;
  if (proto.items_size() > kItemsMax) {
    return absl::InvalidArgumentError(
        absl::StrCat(proto.items_size(), " items to play, ", kItemsMax, " at most"));
  }
  for (const mpb::PlayItem& item : proto.items()) {
    absl::StatusOr<PlayItem> converted = FromProto(item);
    if (!converted.ok()) return converted.status();
    play.items.push_back(*std::move(converted));
  }
  return Command{call_id, std::move(play)};
}

pb::PlayFinished::Reason ToProto(PlayFinished::Reason reason) {
  switch (reason) {
    case PlayFinished::Reason::kEnd:
      return pb::PlayFinished::REASON_END;
    case PlayFinished::Reason::kDigit:
      return pb::PlayFinished::REASON_DIGIT;
    case PlayFinished::Reason::kStopped:
      return pb::PlayFinished::REASON_STOPPED;
    case PlayFinished::Reason::kFailed:
      return pb::PlayFinished::REASON_FAILED;
  }
  return pb::PlayFinished::REASON_UNSPECIFIED;
}

void Set(const MediaQuality& quality, mpb::MediaQuality* out) {
  out->set_packets_received(quality.packets_received);
  out->set_packets_sent(quality.packets_sent);
  out->set_packets_lost(quality.packets_lost);
  out->set_packets_refused(quality.packets_refused);
  Set(quality.jitter, out->mutable_jitter());
}

void SetTime(absl::Time time, pb::MediaEvent* out) {
  const int64_t nanos = absl::ToUnixNanos(time);
  out->mutable_occur_time()->set_seconds(nanos / 1'000'000'000);
  out->mutable_occur_time()->set_nanos(static_cast<int32_t>(nanos % 1'000'000'000));
}

// One overload for each event of the core.
void Fill(const EndpointReady& e, const std::string& address, pb::MediaEvent* out) {
  auto* ready = out->mutable_endpoint_ready();
  ready->set_endpoint_id(e.endpoint_id);
  ready->set_local_address(address);
  ready->set_local_port(e.port);
}
void Fill(const CommandFailed& e, const std::string&, pb::MediaEvent* out) {
  auto* failed = out->mutable_command_failed();
  failed->set_command(e.command);
  failed->set_endpoint_id(e.endpoint_id);
  failed->set_code(static_cast<int>(e.status.code()));
  failed->set_message(std::string(e.status.message()));
}
void Fill(const PlayFinished& e, const std::string&, pb::MediaEvent* out) {
  auto* finished = out->mutable_play_finished();
  finished->set_endpoint_id(e.endpoint_id);
  finished->set_play_id(e.play_id);
  finished->set_reason(ToProto(e.reason));
  Set(e.played, finished->mutable_played());
  finished->set_message(e.message);
}
void Fill(const DigitReceived& e, const std::string&, pb::MediaEvent* out) {
  auto* digit = out->mutable_digit_received();
  digit->set_endpoint_id(e.endpoint_id);
  digit->set_digit(std::string(1, e.digit));
  Set(e.duration, digit->mutable_duration());
}
void Fill(const MediaTimeout& e, const std::string&, pb::MediaEvent* out) {
  out->mutable_media_timeout()->set_endpoint_id(e.endpoint_id);
}
void Fill(const EndpointClosed& e, const std::string&, pb::MediaEvent* out) {
  auto* closed = out->mutable_endpoint_closed();
  closed->set_endpoint_id(e.endpoint_id);
  Set(e.quality, closed->mutable_quality());
}
void Fill(const RecordingStarted& e, const std::string&, pb::MediaEvent* out) {
  out->mutable_recording_started()->set_recording_id(e.recording_id);
}
void Fill(const RecordingStopped& e, const std::string&, pb::MediaEvent* out) {
  out->mutable_recording_stopped()->set_recording_id(e.recording_id);
  Set(e.recorded, out->mutable_recording_stopped()->mutable_recorded());
}

}  // namespace

absl::StatusOr<Command> FromProto(const pb::MediaCommand& proto) {
  if (proto.call_id().empty()) return absl::InvalidArgumentError("a command without call_id");
  const std::string& call = proto.call_id();
  switch (proto.command_case()) {
    case pb::MediaCommand::kCreateEndpoint:
      return FromProto(call, proto.create_endpoint());
    case pb::MediaCommand::kUpdateEndpoint: {
      absl::StatusOr<RemoteDescription> remote = FromProto(proto.update_endpoint().remote());
      if (!remote.ok()) return remote.status();
      return Command{call, UpdateEndpoint{proto.update_endpoint().endpoint_id(), *remote}};
    }
    case pb::MediaCommand::kDeleteEndpoint:
      return Command{call, DeleteEndpoint{proto.delete_endpoint().endpoint_id()}};
    case pb::MediaCommand::kPlay:
      return FromProto(call, proto.play());
    case pb::MediaCommand::kStopPlay:
      return Command{call, StopPlay{proto.stop_play().endpoint_id(), proto.stop_play().play_id()}};
    case pb::MediaCommand::kBridge:
      return Command{call,
                     Bridge{proto.bridge().endpoint_id(), proto.bridge().other_endpoint_id()}};
    case pb::MediaCommand::kUnbridge:
      return Command{call, Unbridge{proto.unbridge().endpoint_id()}};
    case pb::MediaCommand::kStartRecording: {
      const auto& r = proto.start_recording();
      return Command{
          call, StartRecording{r.recording_id(), r.tenant_id(), r.interaction_id(),
                               r.left_endpoint_id(), r.right_endpoint_id(), r.right_agent_id()}};
    }
    case pb::MediaCommand::kPauseRecording:
      return Command{call, PauseRecording{proto.pause_recording().recording_id(),
                                          proto.pause_recording().reason()}};
    case pb::MediaCommand::kResumeRecording:
      return Command{call, ResumeRecording{proto.resume_recording().recording_id()}};
    case pb::MediaCommand::kStopRecording:
      return Command{call, StopRecording{proto.stop_recording().recording_id()}};
    case pb::MediaCommand::kSendDigits:
      return Command{call,
                     SendDigits{proto.send_digits().endpoint_id(), proto.send_digits().digits()}};
    case pb::MediaCommand::kEcho:
      return Command{call, Echo{proto.echo().endpoint_id()}};
    case pb::MediaCommand::kDeleteCall:
      return Command{call, DeleteCall{}};
    case pb::MediaCommand::kTakeCensus:
      return absl::UnimplementedError("take_census is the server's");
    case pb::MediaCommand::COMMAND_NOT_SET:
      break;
  }
  return absl::InvalidArgumentError("a command of an unknown kind");
}

pb::MediaEvent ToProto(const Event& event, const std::string& address) {
  pb::MediaEvent out;
  out.set_call_id(event.call_id);
  SetTime(event.time, &out);
  std::visit([&](const auto& body) { Fill(body, address, &out); }, event.body);
  return out;
}

pb::MediaEvent MakeCommandFailed(const pb::MediaCommand& command, const absl::Status& status,
                                 absl::Time now) {
  pb::MediaEvent out;
  out.set_call_id(command.call_id());
  SetTime(now, &out);
  const auto* field = command.GetDescriptor()->FindFieldByNumber(command.command_case());
  auto* failed = out.mutable_command_failed();
  failed->set_command(field != nullptr ? field->name() : "");
  if (command.has_create_endpoint())
    failed->set_endpoint_id(command.create_endpoint().endpoint_id());
  if (command.has_update_endpoint())
    failed->set_endpoint_id(command.update_endpoint().endpoint_id());
  if (command.has_play()) failed->set_endpoint_id(command.play().endpoint_id());
  failed->set_code(static_cast<int>(status.code()));
  failed->set_message(std::string(status.message()));
  return out;
}

}  // namespace zvon::media
