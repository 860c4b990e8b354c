#include "services/recording/adapters/recording_facts.h"

#include "absl/strings/str_cat.h"
#include "services/recording/adapters/files.h"
#include "zvon/events/v1/events.pb.h"

namespace zvon::recording {
namespace {

using zvon::events::v1::Event;

// A UUID of version 8 (RFC 9562 section 5.8) from a text.
std::string IdOf(const std::string& text) {
  std::string hex = Sha256Of(text).substr(0, 32);
  hex[12] = '8';
  hex[16] = '8';
  return absl::StrCat(hex.substr(0, 8), "-", hex.substr(8, 4), "-", hex.substr(12, 4), "-",
                      hex.substr(16, 4), "-", hex.substr(20));
}

BusEvent ToBus(const Event& event, const char* type, absl::Time now) {
  BusEvent out;
  out.topic = kInteractionsTopic;
  out.key = event.interaction_id();
  out.id = event.event_id();
  out.type = type;
  out.source = event.producer();
  out.time = now;
  out.tenant_id = event.tenant_id();
  out.payload = event.SerializeAsString();
  return out;
}

}  // namespace

BusEvent MakeStoredFact(const IndexEntry& entry, const std::string& producer, absl::Time now) {
  const auto& r = entry.recording;
  Event event;
  event.set_event_id(entry.event_id);
  Set(now, event.mutable_occur_time());
  event.set_tenant_id(r.tenant_id());
  event.set_interaction_id(r.interaction_id());
  event.set_call_id(r.call_id());
  if (r.agent_ids_size() > 0) event.set_agent_id(r.agent_ids(0));
  event.set_producer(producer);
  event.set_sequence(entry.version);
  auto* stored = event.mutable_recording_stored();
  stored->set_recording_id(r.recording_id());
  *stored->mutable_length() = r.length();
  Set(FramesToDuration(TotalFrames(GapsOf(r))), stored->mutable_gaps());
  stored->set_bytes(r.bytes());
  stored->set_sha256(r.sha256());
  return ToBus(event, "zvon.recording.stored", now);
}

BusEvent MakeMissingFact(const Missing& missing, const std::string& producer, absl::Time now) {
  Event event;
  event.set_event_id(IdOf(absl::StrCat(missing.tenant_id, "\n", missing.interaction_id, "\n",
                                       missing.recording_id, "\n", missing.verdict.reason)));
  Set(now, event.mutable_occur_time());
  event.set_tenant_id(missing.tenant_id);
  event.set_interaction_id(missing.interaction_id);
  event.set_call_id(missing.call_id);
  event.set_producer(producer);
  event.set_sequence(1);
  auto* fact = event.mutable_recording_missing();
  fact->set_recording_id(missing.recording_id);
  Set(missing.verdict.amount, fact->mutable_missing());
  fact->set_reason(missing.verdict.reason);
  return ToBus(event, "zvon.recording.missing", now);
}

}  // namespace zvon::recording
