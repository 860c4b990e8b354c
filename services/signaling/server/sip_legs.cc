// Book-keeping of branches, snapshots, conversions.

#include "services/signaling/server/sip_legs.h"

#include "services/common/telemetry/log.h"
#include "services/signaling/core/archive.h"

namespace zvon::signaling {

MediaDescription ToMedia(const sdp::Agreement& agreement) {
  MediaDescription media;
  media.address = agreement.remote_address;
  media.port = agreement.remote_port;
  media.codec = agreement.codec == "PCMU" ? Codec::kPcmu : Codec::kPcma;
  media.payload_type = agreement.payload_type;
  media.dtmf_payload_type = agreement.dtmf_payload_type < 0 ? 0 : agreement.dtmf_payload_type;
  media.packet_time = absl::Milliseconds(agreement.ptime_ms);
  switch (agreement.direction) {
    case sdp::Direction::kSendRecv:
      media.direction = Direction::kSendRecv;
      break;
    case sdp::Direction::kSendOnly:
      media.direction = Direction::kSendOnly;
      break;
    case sdp::Direction::kRecvOnly:
      media.direction = Direction::kRecvOnly;
      break;
    case sdp::Direction::kInactive:
      media.direction = Direction::kInactive;
      break;
  }
  // Hold of RFC 2543: the address 0.0.0.0.
  if (agreement.held_by_peer && media.direction == Direction::kSendRecv)
    media.direction = Direction::kRecvOnly;
  return media;
}

sdp::Direction ToSdp(Direction direction) {
  switch (direction) {
    case Direction::kSendOnly:
      return sdp::Direction::kSendOnly;
    case Direction::kRecvOnly:
      return sdp::Direction::kRecvOnly;
    case Direction::kInactive:
      return sdp::Direction::kInactive;
    default:
      return sdp::Direction::kSendRecv;
  }
}

sdp::Preferences PreferencesOf(const TrunkSettings* trunk) {
  sdp::Preferences preferences;
  if (trunk != nullptr && !trunk->codecs.empty()) preferences.codecs = trunk->codecs;
  return preferences;
}

SipLegs::SipLegs(Options options, sip::SipEndpoint& endpoint, TaskRunner& runner,
                 RandomSource random, Sink sink, TrunkOf trunk_of)
    : options_(std::move(options)),
      endpoint_(endpoint),
      runner_(runner),
      random_(std::move(random)),
      sink_(std::move(sink)),
      trunk_of_(std::move(trunk_of)) {}

SipLegs::~SipLegs() {
  *alive_ = false;
  for (auto& [id, branch] : branches_) {
    runner_.Cancel(branch->reliable_timer);
    runner_.Cancel(branch->session_timer);
  }
}

SipBranch* SipLegs::Find(const std::string& branch_id) {
  auto it = branches_.find(branch_id);
  return it == branches_.end() ? nullptr : it->second.get();
}
SipBranch* SipLegs::FindByServer(sip::ServerId id) {
  auto it = by_server_.find(id);
  return it == by_server_.end() ? nullptr : Find(it->second);
}
SipBranch* SipLegs::FindByDialog(const sip::Message& request) {
  auto it = by_dialog_.find(sip::DialogId::OfRequest(request));
  return it == by_dialog_.end() ? nullptr : Find(it->second);
}

SipBranch& SipLegs::Add(const std::string& branch_id, const CallState& call) {
  auto branch = std::make_unique<SipBranch>();
  branch->id = branch_id;
  branch->call_id = call.call_id;
  branch->tenant_id = call.tenant_id;
  branch->session = sip::SessionTimer(options_.session);
  branch->local.session_id = random_() >> 2;
  branch->local.version = 1;
  SipBranch& added = *branch;
  branches_[branch_id] = std::move(branch);
  return added;
}

void SipLegs::Erase(const std::string& branch_id) {
  auto it = branches_.find(branch_id);
  if (it == branches_.end()) return;
  SipBranch& branch = *it->second;
  runner_.Cancel(branch.reliable_timer);
  runner_.Cancel(branch.session_timer);
  by_server_.erase(branch.invite_server);
  by_server_.erase(branch.offer_server);
  if (branch.dialog) {
    auto known = by_dialog_.find(branch.dialog->id());
    if (known != by_dialog_.end() && known->second == branch_id) by_dialog_.erase(known);
  }
  branches_.erase(it);
}

void SipLegs::IndexDialog(SipBranch& branch) { by_dialog_[branch.dialog->id()] = branch.id; }

// --- Snapshots.

namespace {
struct BranchRecord {
  std::string id, trunk_id, to_tag, dialog, server, session;
  bool outgoing = false, confirmed = false, acked = false, peer_allows_update = false;
  std::string address, last_body, our_offer;
  int port = 0;
  uint64_t session_id = 0, version = 0;
  std::vector<std::string> codecs;
};
struct Records {
  std::vector<BranchRecord> branches;
};
template <class A>
void Describe(A& a, BranchRecord& v) {
  a(1, v.id), a(2, v.trunk_id), a(3, v.to_tag), a(4, v.dialog), a(5, v.server), a(6, v.session);
  a(7, v.outgoing), a(8, v.confirmed), a(9, v.acked), a(10, v.peer_allows_update), a(11, v.address);
  a(12, v.last_body), a(13, v.port), a(14, v.session_id), a(15, v.version), a(16, v.codecs),
      a(17, v.our_offer);
}
template <class A>
void Describe(A& a, Records& v) {
  a(1, v.branches);
}
}  // namespace

std::string SipLegs::Snapshot(const CallState& call) {
  Records records;
  for (const Leg& leg : call.legs) {
    for (const Branch& known : leg.branches) {
      const SipBranch* branch = Find(known.id);
      if (branch == nullptr || branch->cancelled) continue;
      BranchRecord& r = records.branches.emplace_back();
      r.id = branch->id;
      r.trunk_id = branch->trunk_id;
      r.to_tag = branch->to_tag;
      r.outgoing = branch->outgoing;
      r.confirmed = branch->confirmed;
      r.acked = branch->acked;
      r.peer_allows_update = branch->peer_allows_update;
      if (branch->dialog) r.dialog = branch->dialog->Serialize();
      if (!branch->acked && branch->invite_server != 0)
        r.server = endpoint_.Snapshot(branch->invite_server);
      if (branch->session.active()) r.session = branch->session.Serialize();
      r.address = branch->local.address;
      r.port = branch->local.port;
      r.session_id = branch->local.session_id;
      r.version = branch->local.version;
      r.last_body = branch->local.last_body;
      if (branch->our_offer && !branch->acked) r.our_offer = sdp::Print(*branch->our_offer);
      if (branch->preferences.codecs != sdp::Preferences().codecs)
        r.codecs = branch->preferences.codecs;
    }
  }
  return ToBytes(records);
}

std::string SipLegs::MakeTag(const CallState& call, const RandomSource& random) {
  return call.call_id + "." + call.tenant_id + "." + sip::MakeTag(random).substr(0, 10);
}

bool SipLegs::ParseTag(std::string_view tag, std::string* tenant_id, std::string* call_id) {
  constexpr size_t kIdLength = 36;
  const size_t end = tag.rfind('.');
  if (tag.size() < kIdLength + 4 || tag[kIdLength] != '.' || end <= kIdLength + 1) return false;
  if (!IsUuid(tag.substr(0, kIdLength))) return false;
  *call_id = std::string(tag.substr(0, kIdLength));
  *tenant_id = std::string(tag.substr(kIdLength + 1, end - kIdLength - 1));
  return true;
}

bool SipLegs::HasDialog(const std::string& snapshot, const sip::DialogId& id) {
  Records records;
  if (!FromBytes(snapshot, &records)) return false;
  for (const BranchRecord& r : records.branches) {
    const auto dialog = sip::Dialog::Restore(r.dialog);
    if (dialog.ok() && dialog->id() == id) return true;
  }
  return false;
}

void SipLegs::Forget(const CallState& call) {
  for (const Leg& leg : call.legs) {
    for (const Branch& branch : leg.branches) Erase(branch.id);
  }
}

void SipLegs::Restore(const CallState& call, const std::string& snapshot) {
  Records records;
  if (!FromBytes(snapshot, &records)) {
    LogError("SIP half of a snapshot cannot be read", {{"call_id", call.call_id}});
  }
  for (const BranchRecord& r : records.branches) {
    // An INVITE of ours that was still ringing cannot be continued.
    if (r.outgoing && !r.confirmed) continue;
    auto dialog = sip::Dialog::Restore(r.dialog);
    if (!dialog.ok()) continue;
    SipBranch& branch = Add(r.id, call);
    branch.trunk_id = r.trunk_id;
    branch.to_tag = r.to_tag;
    branch.outgoing = r.outgoing;
    branch.confirmed = r.confirmed;
    branch.acked = r.acked;
    branch.peer_allows_update = r.peer_allows_update;
    branch.dialog = *std::move(dialog);
    // Requests may have gone out after the last snapshot.
    branch.dialog->SkipLocalCSeq(16);
    branch.local = {r.address, static_cast<uint16_t>(r.port), r.session_id, r.version, r.last_body};
    if (!r.codecs.empty()) branch.preferences.codecs = r.codecs;
    if (auto offer = sdp::Parse(r.our_offer); !r.our_offer.empty() && offer.ok())
      branch.our_offer = *offer;
    if (!r.session.empty()) {
      if (auto session = sip::SessionTimer::Restore(options_.session, r.session))
        branch.session = *session;
    }
    IndexDialog(branch);
    if (!r.server.empty()) {
      auto server = endpoint_.Restore(r.server);
      if (server.ok()) {
        branch.invite_server = *server;
        by_server_[*server] = branch.id;
        const sip::Message* invite = endpoint_.ServerRequest(*server);
        if (invite != nullptr && invite->has_sdp()) {
          auto offer = sdp::Parse(invite->sdp());
          if (offer.ok()) branch.remote_offer = *std::move(offer);
        }
      } else {
        LogWarning("server transaction was not restored",
                   {{"call_id", call.call_id}, {"error", std::string(server.status().message())}});
      }
    }
    ArmSession(branch);
  }
  // What could not be brought back has failed, and the call is told so.
  for (const Leg& leg : call.legs) {
    if (!leg.live()) continue;
    for (const Branch& known : leg.branches) {
      if (known.state == BranchState::kEnded || Find(known.id) != nullptr) continue;
      if (leg.answered()) {
        sink_(call.call_id, BranchLost{known.id, EndCause::kFailure, 481});
      } else if (leg.outgoing) {
        sink_(call.call_id, BranchFailed{known.id, 503, "the process was restarted"});
      } else {
        sink_(call.call_id, BranchCancelled{known.id});
      }
    }
  }
}

}  // namespace zvon::signaling
