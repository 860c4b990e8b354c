#include "services/signaling/core/call_text.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"

namespace zvon::signaling {
namespace {

std::string Sdp(const SdpPart& sdp) {
  if (!sdp.present) return "";
  if (!sdp.verbatim.empty()) return " sdp=verbatim";
  switch (sdp.direction) {
    case Direction::kSendOnly:
      return " sdp=sendonly";
    case Direction::kRecvOnly:
      return " sdp=recvonly";
    case Direction::kInactive:
      return " sdp=inactive";
    default:
      return " sdp";
  }
}

std::string Text(const SendResponse& e) {
  return absl::StrCat("sip ", e.code, " ", e.branch_id, Sdp(e.sdp));
}
std::string Text(const SendInvite& e) {
  return absl::StrCat("sip INVITE ", e.branch_id, " to ", e.contact.uri, " from ", e.from.number,
                      Sdp(e.sdp));
}
std::string Text(const CancelInvite& e) { return absl::StrCat("sip CANCEL ", e.branch_id); }
std::string Text(const SendBye& e) { return absl::StrCat("sip BYE ", e.branch_id); }
std::string Text(const SendReinvite& e) {
  return absl::StrCat("sip re-INVITE ", e.branch_id, Sdp(e.sdp));
}
std::string Text(const AnswerOffer& e) {
  return absl::StrCat("sip offer ", e.code, " ", e.branch_id, Sdp(e.sdp));
}
std::string Text(const NotifyTalk& e) { return absl::StrCat("sip NOTIFY talk ", e.branch_id); }
std::string Text(const AnswerRefer& e) {
  return absl::StrCat("sip refer ", e.code, " ", e.branch_id);
}
std::string Text(const NotifyRefer& e) {
  return absl::StrCat("sip NOTIFY refer ", e.code, " ", e.branch_id);
}

std::string Text(const MediaOrder& e) {
  using Kind = MediaOrder::Kind;
  switch (e.kind) {
    case Kind::kCreateEndpoint:
      return absl::StrCat("media create ", e.endpoint_id,
                          e.port != 0 ? absl::StrCat(" port ", e.port) : "");
    case Kind::kUpdateEndpoint:
      return absl::StrCat("media update ", e.endpoint_id, " ", e.remote.address, ":",
                          e.remote.port);
    case Kind::kDeleteEndpoint:
      return absl::StrCat("media delete ", e.endpoint_id);
    case Kind::kPlay: {
      std::string what = e.items.empty() ? "" : e.items[0].prompt;
      if (!e.items.empty() && e.items[0].tone_hz != 0) what = "ringback";
      return absl::StrCat("media play ", e.endpoint_id, " ", what, e.loop ? " loop" : "");
    }
    case Kind::kStopPlay:
      return absl::StrCat("media stop ", e.endpoint_id);
    case Kind::kBridge:
      return absl::StrCat("media bridge ", e.endpoint_id, " ", e.other_endpoint_id);
    case Kind::kUnbridge:
      return absl::StrCat("media unbridge ", e.endpoint_id);
    case Kind::kStartRecording:
      return absl::StrCat("media record ", e.endpoint_id, " ", e.other_endpoint_id);
    case Kind::kStopRecording:
      return "media stop recording";
    case Kind::kSendDigits:
      return absl::StrCat("media digits ", e.endpoint_id, " ", e.digits);
    case Kind::kEcho:
      return absl::StrCat("media echo ", e.endpoint_id);
    case Kind::kDeleteCall:
      return "media delete call";
  }
  return "";
}

std::string Text(const RunOrder& e) {
  using Kind = RunOrder::Kind;
  switch (e.kind) {
    case Kind::kStart:
      return absl::StrCat("run start at ", e.replica);
    case Kind::kResume:
      return absl::StrCat("run resume at ", e.replica, e.answered ? " answered" : "",
                          e.queued ? " queued" : "", e.connected ? " connected" : "");
    case Kind::kAnswered:
      return "run answered";
    case Kind::kPlayFinished:
      return absl::StrCat("run finished ", e.play_id, e.failed ? " failed" : "");
    case Kind::kDigit:
      return absl::StrCat("run digit ", e.digit);
    case Kind::kQueueProgress:
      return absl::StrCat("run position ", e.position);
    case Kind::kQueueEnded: {
      const char* names[] = {"?", "connected", "timed out", "refused", "talk ended"};
      return absl::StrCat("run queue ", names[static_cast<int>(e.outcome)]);
    }
    case Kind::kTransferEnded:
      return absl::StrCat("run transfer ", e.connected ? "connected" : "failed");
    case Kind::kCallEnded:
      return "run call ended";
    case Kind::kCommandFailed:
      return absl::StrCat("run command failed ", e.command_id);
  }
  return "";
}

std::string Text(const RoutingOrder& e) {
  using Kind = RoutingOrder::Kind;
  switch (e.kind) {
    case Kind::kEnqueue:
      return absl::StrCat(
          "router enqueue", e.republished ? " again" : "",
          e.assigned_agent_id.empty() ? "" : absl::StrCat(" assigned ", e.assigned_agent_id));
    case Kind::kWithdraw:
      return absl::StrCat("router withdraw ", e.outcome == RoutingOrder::Outcome::kAbandoned
                                                  ? "abandoned"
                                                  : "flowed out");
    case Kind::kOfferProgress: {
      const char* names[] = {"?", "ringing", "answered", "declined", "failed", "expired"};
      return absl::StrCat("router ", e.offer_id, " ", names[static_cast<int>(e.progress)]);
    }
    case Kind::kAssignmentEnded:
      return absl::StrCat("router assignment ended ", e.agent_id, " ", e.cause);
  }
  return "";
}

std::string Text(const AgentCallChanged& e) { return absl::StrCat("tell ", e.leg_id); }
std::string Text(const CommandDone& e) { return absl::StrCat("done ", e.request_id, " ", e.code); }
std::string Text(const Fact& e) {
  static const char* kNames[] = {
      "CallStarted",      "CallAnswered",   "CallEnded", "LegStarted",      "LegAnswered",
      "LegEnded",         "HoldStarted",    "HoldEnded", "CallTransferred", "LegsBridged",
      "RecordingStarted", "RecordingEnded", "MediaMoved"};
  return absl::StrCat("fact ", kNames[static_cast<int>(e.kind)], e.leg_id.empty() ? "" : " ",
                      e.leg_id,
                      e.kind == Fact::Kind::kCallTransferred ? (e.succeeded ? " yes" : " no") : "");
}
std::string Text(const CallFinished&) { return "finished"; }

}  // namespace

std::string EffectText(const CallEffect& effect) {
  return std::visit([](const auto& e) { return Text(e); }, effect);
}

std::string EffectText(const CallEffect& effect, const std::map<std::string, std::string>& names) {
  std::string text = EffectText(effect);
  for (const auto& [id, name] : names) text = absl::StrReplaceAll(text, {{id, name}});
  return text;
}

}  // namespace zvon::signaling
