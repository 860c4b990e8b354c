#include "services/signaling/registrar/registrar.h"

#include <algorithm>
#include <optional>

#include "services/signaling/sip/field_codec.h"
#include "services/signaling/sip/grammar.h"

namespace zvon::sip {

namespace {

OutResponse Answer(int code) {
  OutResponse response;
  response.code = code;
  return response;
}

double ReadQ(const AddressView& contact) {
  const auto q = contact.params.Get("q");
  double value = 1.0;
  if (q && std::from_chars(q->data(), q->data() + q->size(), value).ec != std::errc()) return 1.0;
  return std::clamp(value, 0.0, 1.0);
}

// Contact parameters that are not ours to recompute.
std::string OtherParams(std::string_view params) {
  std::string out;
  while (!params.empty()) {
    const size_t end = FindOutside(params, ';');
    const std::string_view one = TrimSpace(params.substr(0, end));
    const std::string_view name = TrimSpace(one.substr(0, one.find('=')));
    if (!one.empty() && !EqualsNoCase(name, "expires") && !EqualsNoCase(name, "q")) {
      out.append(";").append(one);
    }
    if (end == std::string_view::npos) break;
    params.remove_prefix(end + 1);
  }
  return out;
}

bool SameContact(const Binding& binding, const AddressView& contact, const std::string& instance) {
  // RFC 5626: the same device, whatever address it has now.
  if (!instance.empty() && binding.instance == instance) return true;
  const auto uri = ParseUri(binding.contact_uri);
  return uri && UriEquals(*uri, contact.uri);
}

bool IsBehindNat(const AddressView& contact, const Flow& flow) {
  const auto address =
      SocketAddress::FromHost(contact.uri.host, contact.uri.port ? contact.uri.port : 5060);
  return !address || *address != flow.peer;
}

std::string ContactLine(const Binding& binding, absl::Time now) {
  std::string value = "<" + binding.contact_uri + ">" + binding.display_params;
  value +=
      ";expires=" +
      std::to_string(absl::ToInt64Seconds(absl::Ceil(binding.expires - now, absl::Seconds(1))));
  if (binding.q < 1.0) {
    std::string q = std::to_string(binding.q);
    value += ";q=" + q.substr(0, 5);
  }
  return value;
}

uint64_t Millis(absl::Time t) {
  return static_cast<uint64_t>(std::max<int64_t>(0, absl::ToUnixMillis(t)));
}

}  // namespace

// RFC 3261 section 10.3, steps 5 to 8: everything is checked before anything
// is changed.
Registrar::Result Registrar::Handle(std::string_view aor, const Message& request, const Flow& flow,
                                    absl::Time now) {
  Result result;
  const std::string key(aor);
  Record record = LiveRecord(key, now);
  const bool had_any = !record.empty();
  if (const int code = Apply(record, request, flow, now, result); code != 0) {
    result.response = Answer(code);
    if (code == 423) {
      result.response.headers.Add(
          "Min-Expires", static_cast<uint64_t>(absl::ToInt64Seconds(options_.expires_min)));
    }
    result.changed = false;
    return result;
  }
  if (!had_any && !record.empty() && records_.size() >= options_.records_max &&
      !records_.contains(key)) {
    result.response = Answer(503);
    result.changed = false;
    return result;
  }
  result.appeared = !had_any && !record.empty();
  result.vanished = had_any && record.empty();
  result.response = Answer(200);
  for (const Binding& binding : record)
    result.response.headers.Add("Contact", ContactLine(binding, now));
  Store(key, std::move(record));
  return result;
}

int Registrar::Apply(Record& record, const Message& request, const Flow& flow, absl::Time now,
                     Result& result) {
  const auto contacts = request.contacts();
  if (contacts.empty()) return 0;  // A question.
  const std::optional<uint32_t> expires = request.expires();
  if (contacts.front().is_star) {
    if (contacts.size() != 1 || expires != 0u) return 400;
    return RemoveAll(record, request, result);
  }
  for (const AddressView& contact : contacts) {
    if (contact.is_star || !contact.uri.is_sip()) return 400;
    const auto own = contact.params.Get("expires");
    const auto asked = own ? ParseNumber<uint32_t>(*own) : expires;
    const absl::Duration wanted = asked ? absl::Seconds(*asked) : options_.expires_default;
    if (wanted > absl::ZeroDuration() && wanted < options_.expires_min) return 423;
    if (const int code =
            ApplyOne(record, request, contact, std::min(wanted, options_.expires_max), flow, now);
        code != 0) {
      return code;
    }
  }
  result.changed = true;
  return 0;
}

int Registrar::RemoveAll(Record& record, const Message& request, Result& result) {
  for (const Binding& binding : record) {
    if (binding.call_id == request.call_id() && request.cseq().number <= binding.cseq) return 500;
  }
  result.changed = !record.empty();
  record.clear();
  return 0;
}

int Registrar::ApplyOne(Record& record, const Message& request, const AddressView& contact,
                        absl::Duration expires, const Flow& flow, absl::Time now) {
  const std::string instance =
      Unquote(contact.params.Get("+sip.instance").value_or(std::string_view()));
  const auto known = std::find_if(record.begin(), record.end(), [&](const Binding& b) {
    return SameContact(b, contact, instance);
  });
  // A request that was overtaken on its way must not undo the later one.
  if (known != record.end() && known->call_id == request.call_id() &&
      request.cseq().number <= known->cseq) {
    return 500;
  }
  if (expires == absl::ZeroDuration()) {
    if (known != record.end()) record.erase(known);
    return 0;
  }
  if (known == record.end() && record.size() >= options_.contacts_max) return 403;
  Binding binding;
  binding.contact_uri = contact.uri.ToString();
  binding.display_params = OtherParams(contact.params.text);
  binding.q = ReadQ(contact);
  binding.expires = now + expires;
  binding.call_id = request.call_id();
  binding.cseq = request.cseq().number;
  binding.instance = instance;
  binding.user_agent = std::string(request.Header("User-Agent").substr(0, 200));
  binding.flow = flow;
  binding.nat = IsBehindNat(contact, flow);
  for (std::string_view line : request.HeadersNamed("Path")) {
    for (std::string_view one : SplitList(line)) binding.path.emplace_back(one);
  }
  binding.registered = now;
  if (known != record.end()) {
    *known = std::move(binding);
  } else {
    record.push_back(std::move(binding));
  }
  return 0;
}

Registrar::Record Registrar::LiveRecord(const std::string& aor, absl::Time now) const {
  const auto it = records_.find(aor);
  if (it == records_.end()) return {};
  Record live;
  for (const Binding& binding : it->second) {
    if (binding.expires > now) live.push_back(binding);
  }
  return live;
}

void Registrar::Store(const std::string& aor, Record record) {
  if (record.empty()) {
    records_.erase(aor);
    return;
  }
  // Entries for bindings that were renewed meanwhile wake Expire for nothing.
  for (const Binding& binding : record) by_expiry_.emplace(binding.expires, aor);
  records_[aor] = std::move(record);
}

std::vector<Binding> Registrar::Lookup(std::string_view aor, absl::Time now) const {
  Record live = LiveRecord(std::string(aor), now);
  std::stable_sort(live.begin(), live.end(), [](const Binding& a, const Binding& b) {
    return a.q != b.q ? a.q > b.q : a.registered > b.registered;
  });
  return live;
}

std::vector<std::string> Registrar::Expire(absl::Time now) {
  std::vector<std::string> gone;
  while (!by_expiry_.empty() && by_expiry_.begin()->first <= now) {
    const std::string aor = std::move(by_expiry_.begin()->second);
    by_expiry_.erase(by_expiry_.begin());
    const auto it = records_.find(aor);
    if (it == records_.end()) continue;
    std::erase_if(it->second, [now](const Binding& b) { return b.expires <= now; });
    if (!it->second.empty()) continue;
    records_.erase(it);
    gone.push_back(aor);
  }
  return gone;
}

absl::Time Registrar::NextWakeup() const {
  return by_expiry_.empty() ? absl::InfiniteFuture() : by_expiry_.begin()->first;
}

std::vector<std::string> Registrar::FlowClosed(const Flow& flow, absl::Time) {
  std::vector<std::string> gone;
  if (flow.connection == 0) return gone;
  for (auto& [aor, record] : records_) {
    const size_t before = record.size();
    std::erase_if(record, [&flow](const Binding& b) { return b.nat && b.flow == flow; });
    if (record.size() != before) gone.push_back(aor);
  }
  for (const std::string& aor : gone) {
    if (records_[aor].empty()) records_.erase(aor);
  }
  return gone;
}

std::string Registrar::Serialize(std::string_view aor) const {
  const auto it = records_.find(std::string(aor));
  if (it == records_.end()) return {};
  FieldWriter w("bindings1");
  w.Add(it->second.size());
  for (const Binding& b : it->second) {
    w.Add(b.contact_uri).Add(b.display_params).Add(static_cast<uint64_t>(b.q * 1000 + 0.5));
    w.Add(Millis(b.expires)).Add(b.call_id).Add(b.cseq).Add(b.instance).Add(b.user_agent);
    w.Add(b.flow.ToString()).Add(b.nat ? 1 : 0).Add(b.path.size());
    for (const std::string& path : b.path) w.Add(path);
    w.Add(Millis(b.registered));
  }
  return w.Take();
}

absl::Status Registrar::Restore(std::string_view aor, std::string_view snapshot) {
  constexpr uint64_t kContactsMax = 1000, kPathMax = 100;
  Record record;
  FieldReader r("bindings1", snapshot);
  const uint64_t count = r.Number(kContactsMax);
  for (uint64_t i = 0; i < count && r.ok(); ++i) {
    Binding b;
    b.contact_uri = r.Text();
    b.display_params = r.Text();
    b.q = static_cast<double>(r.Number(1000)) / 1000;
    b.expires = absl::FromUnixMillis(static_cast<int64_t>(r.Number(INT64_MAX)));
    b.call_id = r.Text();
    b.cseq = static_cast<uint32_t>(r.Number(UINT32_MAX));
    b.instance = r.Text();
    b.user_agent = r.Text();
    const auto flow = Flow::Parse(r.Text());
    b.nat = r.Number(1) != 0;
    const uint64_t paths = r.Number(kPathMax);
    for (uint64_t p = 0; p < paths && r.ok(); ++p) b.path.emplace_back(r.Text());
    b.registered = absl::FromUnixMillis(static_cast<int64_t>(r.Number(INT64_MAX)));
    if (!flow) return absl::InvalidArgumentError("bindings of " + std::string(aor) + ": bad flow");
    b.flow = *flow;
    record.push_back(std::move(b));
  }
  if (!r.ok() || !r.at_end()) {
    return absl::InvalidArgumentError("bindings of " + std::string(aor) + ": damaged snapshot");
  }
  Store(std::string(aor), std::move(record));
  return absl::OkStatus();
}

std::vector<std::string> Registrar::Records() const {
  std::vector<std::string> out;
  for (const auto& [aor, record] : records_) out.push_back(aor);
  return out;
}

}  // namespace zvon::sip
