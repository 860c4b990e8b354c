#include "services/scenario/adapters/definition_codec.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "zvon/scenario/v1/scenario.pb.h"

namespace zvon::scenario {
namespace {

absl::Duration Length(const google::protobuf::Duration& d) {
  return absl::Seconds(d.seconds()) + absl::Nanoseconds(d.nanos());
}
absl::Duration LengthOr(bool has, const google::protobuf::Duration& d, absl::Duration otherwise) {
  return has ? Length(d) : otherwise;
}

std::vector<PlayItem> Items(
    const google::protobuf::RepeatedPtrField<zvon::media::v1::PlayItem>& items) {
  std::vector<PlayItem> out;
  for (const auto& item : items) {
    if (item.has_prompt()) out.push_back(Prompt(item.prompt()));
    if (item.has_silence()) out.push_back(Silence(Length(item.silence())));
    if (item.has_tone_hz()) {
      out.push_back({"", item.tone_hz(),
                     LengthOr(item.has_duration(), item.duration(), absl::Milliseconds(200))});
    }
  }
  return out;
}

std::vector<std::string> Texts(const google::protobuf::RepeatedPtrField<std::string>& in) {
  return {in.begin(), in.end()};
}

// Conversion of one step; notes its faults.
class StepReader {
 public:
  StepReader(const v1::Step& proto, std::vector<DefinitionFault>* faults)
      : proto_(proto), faults_(faults) {}

  Step Read() { return Step{proto_.id(), proto_.next(), proto_.error_next(), Kind()}; }

 private:
  void Fault(std::string field, std::string message) {
    faults_->push_back({proto_.id(), std::move(field), std::move(message)});
  }

  Expression Parsed(const std::string& text, std::string field) {
    absl::StatusOr<Expression> expression = Expression::Parse(text);
    if (expression.ok()) return *std::move(expression);
    const absl::string_view message = expression.status().message();
    Fault(std::move(field), absl::StrCat("in \"", text.substr(0, 100), "\": ", message));
    return *Expression::Parse("\"\"");
  }

  StepKind Kind() {
    switch (proto_.kind_case()) {
      case v1::Step::kAnswer:
        return AnswerStep{};
      case v1::Step::kPlay:
        return PlayStep{Items(proto_.play().items()), proto_.play().stop_on_digit()};
      case v1::Step::kSayNumber:
        return SayNumber(proto_.say_number());
      case v1::Step::kMenu:
        return Menu(proto_.menu());
      case v1::Step::kCollect:
        return Collect(proto_.collect());
      case v1::Step::kSetSkills:
        return SetSkillsStep{Texts(proto_.set_skills().skill_ids()),
                             proto_.set_skills().priority()};
      case v1::Step::kQueue:
        return Queue(proto_.queue());
      case v1::Step::kTransfer:
        return Transfer(proto_.transfer());
      case v1::Step::kHangUp:
        return HangUpStep{};
      case v1::Step::kBranch:
        return Branch(proto_.branch());
      case v1::Step::kSetVariable:
        return SetVariableStep{proto_.set_variable().variable(),
                               Parsed(proto_.set_variable().value(), "value")};
      case v1::Step::kEcho:
        return EchoStep{};
      case v1::Step::KIND_NOT_SET:
        break;
    }
    Fault("kind", "the step has no kind, or one that this version does not know");
    return HangUpStep{};
  }

  StepKind SayNumber(const v1::SayNumberStep& s) {
    SayNumberStep out{Parsed(s.value(), "value")};
    if (s.style() == v1::SayNumberStep::STYLE_DIGITS) out.style = NumberStyle::kDigits;
    if (s.gender() == v1::SayNumberStep::GENDER_FEMININE) out.gender = Gender::kFeminine;
    if (s.gender() == v1::SayNumberStep::GENDER_NEUTER) out.gender = Gender::kNeuter;
    return out;
  }
  StepKind Menu(const v1::MenuStep& s) {
    MenuStep out;
    out.items = Items(s.items());
    out.choices = {s.choices().begin(), s.choices().end()};
    out.timeout = LengthOr(s.has_timeout(), s.timeout(), out.timeout);
    if (s.attempts_max() != 0) out.attempts_max = s.attempts_max();
    out.invalid_items = Items(s.invalid_items());
    out.timeout_next = s.timeout_next();
    return out;
  }
  StepKind Collect(const v1::CollectStep& s) {
    CollectStep out;
    out.items = Items(s.items());
    out.variable = s.variable();
    out.length_min = s.length_min();
    if (s.length_max() != 0) out.length_max = s.length_max();
    if (!s.end_digits().empty()) out.end_digits = s.end_digits();
    out.first_digit_timeout =
        LengthOr(s.has_first_digit_timeout(), s.first_digit_timeout(), out.first_digit_timeout);
    out.next_digit_timeout =
        LengthOr(s.has_next_digit_timeout(), s.next_digit_timeout(), out.next_digit_timeout);
    out.timeout_next = s.timeout_next();
    return out;
  }
  StepKind Queue(const v1::QueueStep& s) {
    QueueStep out;
    out.queue_id = s.queue_id();
    out.music = s.music();
    out.announce_interval = Length(s.announce_interval());
    out.announce_position = s.announce_position();
    out.announce_items = Items(s.announce_items());
    out.wait_max = Length(s.wait_max());
    out.timeout_next = s.timeout_next();
    out.refused_next = s.refused_next();
    return out;
  }
  StepKind Transfer(const v1::TransferStep& s) {
    TransferStep out;
    if (s.has_number()) out.target = Parsed(s.number(), "number");
    if (s.has_user_id()) out.target = s.user_id();
    out.ring_timeout = LengthOr(s.has_ring_timeout(), s.ring_timeout(), out.ring_timeout);
    return out;
  }
  StepKind Branch(const v1::BranchStep& s) {
    BranchStep out;
    for (int i = 0; i < s.cases_size(); ++i) {
      out.cases.push_back({Parsed(s.cases(i).condition(), absl::StrCat("cases[", i, "].condition")),
                           s.cases(i).next()});
    }
    return out;
  }

  const v1::Step& proto_;
  std::vector<DefinitionFault>* faults_;
};

}  // namespace

Definition DefinitionFromProto(const v1::ScenarioDefinition& proto,
                               std::vector<DefinitionFault>* faults) {
  Definition out;
  out.language = proto.language().empty() ? "ru" : proto.language();
  out.start_step = proto.start_step();
  out.error_step = proto.error_step();
  out.variables = {proto.variables().begin(), proto.variables().end()};
  if (!proto.time_zone().empty() && !absl::LoadTimeZone(proto.time_zone(), &out.time_zone)) {
    faults->push_back(
        {"", "time_zone", absl::StrCat("there is no time zone \"", proto.time_zone(), "\"")});
  }
  for (const v1::Step& step : proto.steps()) {
    if (out.steps.count(step.id()) != 0) {
      faults->push_back({step.id(), "id", "two steps have this id"});
      continue;
    }
    out.steps.emplace(step.id(), StepReader(step, faults).Read());
  }
  return out;
}

absl::StatusOr<std::shared_ptr<const Definition>> VersionFromProto(
    const v1::ScenarioVersion& proto) {
  std::vector<DefinitionFault> faults;
  auto out = std::make_shared<Definition>(DefinitionFromProto(proto.definition(), &faults));
  if (!faults.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat("scenario ", proto.scenario_id(), " version ", proto.version(), ", step \"",
                     faults[0].step_id, "\", ", faults[0].field, ": ", faults[0].message));
  }
  out->scenario_id = proto.scenario_id();
  out->version = proto.version();
  return std::shared_ptr<const Definition>(std::move(out));
}

}  // namespace zvon::scenario
