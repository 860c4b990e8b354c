#include "services/reporting/adapters/event_reader.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/strip.h"
#include "zvon/events/v1/events.pb.h"

namespace zvon::reporting {
namespace {

namespace ev = zvon::events::v1;

LeftOutcome ToLeft(zvon::routing::v1::QueueEntryOutcome outcome) {
  switch (outcome) {
    case zvon::routing::v1::QUEUE_ENTRY_OUTCOME_ANSWERED: return LeftOutcome::kAnswered;
    case zvon::routing::v1::QUEUE_ENTRY_OUTCOME_ABANDONED: return LeftOutcome::kAbandoned;
    case zvon::routing::v1::QUEUE_ENTRY_OUTCOME_FLOWED_OUT: return LeftOutcome::kFlowedOut;
    case zvon::routing::v1::QUEUE_ENTRY_OUTCOME_REFUSED: return LeftOutcome::kRefused;
    default: return LeftOutcome::kUnknown;
  }
}

void FillCall(const ev::Event& event, Fact& fact) {
  switch (event.fact_case()) {
    case ev::Event::kCallStarted: {
      const auto& s = event.call_started();
      fact.kind = FactKind::kCallStarted;
      fact.direction = PlainName(ev::CallDirection_Name(s.direction()), "CALL_DIRECTION_");
      fact.caller_number = s.caller_number();
      fact.caller_name = s.caller_name();
      fact.called_number = s.called_number();
      return;
    }
    case ev::Event::kCallAnswered: fact.kind = FactKind::kCallAnswered; return;
    case ev::Event::kCallEnded:
      fact.kind = FactKind::kCallEnded;
      fact.cause = PlainName(zvon::call::v1::EndCause_Name(event.call_ended().cause()), "END_CAUSE_");
      return;
    case ev::Event::kLegEnded:
      if (event.leg_ended().kind() == ev::LEG_KIND_AGENT) fact.kind = FactKind::kAgentLegEnded;
      return;
    case ev::Event::kHoldStarted: fact.kind = FactKind::kHoldStarted; return;
    case ev::Event::kHoldEnded: fact.kind = FactKind::kHoldEnded; return;
    case ev::Event::kCallTransferred: fact.kind = FactKind::kTransferred; return;
    case ev::Event::kLegsBridged: fact.kind = FactKind::kBridged; return;
    case ev::Event::kRecordingStarted:
      fact.kind = FactKind::kRecordingStarted;
      fact.recording_id = event.recording_started().recording_id();
      return;
    case ev::Event::kRecordingStored:
      fact.kind = FactKind::kRecordingStored;
      fact.recording_id = event.recording_stored().recording_id();
      return;
    default: return;
  }
}

void FillQueue(const ev::Event& event, Fact& fact) {
  switch (event.fact_case()) {
    case ev::Event::kQueueEntered:
      fact.kind = FactKind::kQueueEntered;
      fact.queue_id = event.queue_entered().queue_id();
      return;
    case ev::Event::kQueueLeft:
      fact.kind = FactKind::kQueueLeft;
      fact.queue_id = event.queue_left().queue_id();
      fact.left = ToLeft(event.queue_left().outcome());
      fact.within_threshold = event.queue_left().within_threshold();
      fact.short_abandon = event.queue_left().short_abandon();
      return;
    case ev::Event::kOfferMade:
      fact.kind = FactKind::kOfferMade;
      fact.queue_id = event.offer_made().queue_id();
      fact.offer_id = event.offer_made().offer_id();
      return;
    case ev::Event::kOfferEnded:
      fact.kind = FactKind::kOfferEnded;
      fact.queue_id = event.offer_ended().queue_id();
      fact.offer_id = event.offer_ended().offer_id();
      fact.offer_outcome =
          PlainName(zvon::routing::v1::OfferOutcome_Name(event.offer_ended().outcome()), "OFFER_OUTCOME_");
      return;
    case ev::Event::kInteractionAssigned:
      fact.kind = FactKind::kAssigned;
      fact.queue_id = event.interaction_assigned().queue_id();
      return;
    case ev::Event::kWrapUpStarted: fact.kind = FactKind::kWrapUpStarted; return;
    case ev::Event::kWrapUpEnded: fact.kind = FactKind::kWrapUpEnded; return;
    case ev::Event::kDispositionChosen:
      fact.kind = FactKind::kDispositionChosen;
      fact.disposition_id = event.disposition_chosen().disposition_id();
      fact.comment = event.disposition_chosen().comment();
      return;
    default: return;
  }
}

}  // namespace

std::string PlainName(const std::string& enum_name, const std::string& prefix) {
  std::string text(absl::StripPrefix(enum_name, prefix));
  absl::AsciiStrToLower(&text);
  return text == "unspecified" ? "" : text;
}

absl::Time EventTime(const ev::Event& event) {
  const auto& at = event.occur_time();
  const absl::Time exact = absl::FromUnixSeconds(at.seconds()) + absl::Nanoseconds(at.nanos());
  return absl::FromUnixMicros(absl::ToUnixMicros(exact));
}

Fact ToFact(const ev::Event& event) {
  Fact fact;
  fact.id = event.event_id();
  fact.time = EventTime(event);
  fact.agent_id = event.agent_id();
  fact.call_id = event.call_id();
  FillCall(event, fact);
  FillQueue(event, fact);
  return fact;
}

}  // namespace zvon::reporting
