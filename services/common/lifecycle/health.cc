#include "services/common/lifecycle/health.h"

#include <cstdio>
#include <utility>

namespace zvon::internal {
namespace {

std::string Quoted(std::string_view text) {
  std::string out = "\"";
  for (unsigned char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    if (c >= 0x20) {
      out += static_cast<char>(c);
    } else {
      char escaped[8];
      std::snprintf(escaped, sizeof(escaped), "\\u%04x", c);
      out += escaped;
    }
  }
  return out + "\"";
}

std::string_view View(absl::string_view text) { return {text.data(), text.size()}; }

}  // namespace

void HealthTable::Add(std::string name, bool critical, Check check) {
  std::lock_guard lock(mutex_);
  entries_.push_back({std::move(name), critical, std::move(check)});
}

void HealthTable::SetReady(bool ready) {
  std::lock_guard lock(mutex_);
  ready_ = ready;
}

void HealthTable::Stop() {
  std::lock_guard lock(mutex_);
  ready_ = false;
  entries_.clear();
}

AdminResponse HealthTable::Healthz() const { return Answer(true); }
AdminResponse HealthTable::Readyz() const { return Answer(false); }

AdminResponse HealthTable::Answer(bool only_critical) const {
  std::lock_guard lock(mutex_);
  bool good = only_critical || ready_;
  std::string checks;
  for (const Entry& entry : entries_) {
    absl::Status status = entry.check();
    if (!status.ok() && (entry.critical || !only_critical)) good = false;
    if (!checks.empty()) checks += ",";
    checks += "{\"name\":" + Quoted(entry.name) + ",\"ok\":" + (status.ok() ? "true" : "false") +
              ",\"critical\":" + (entry.critical ? "true" : "false");
    if (!status.ok()) checks += ",\"message\":" + Quoted(View(status.message()));
    checks += "}";
  }
  std::string body = std::string("{\"ok\":") + (good ? "true" : "false") +
                     ",\"ready\":" + (ready_ ? "true" : "false") + ",\"checks\":[" + checks +
                     "]}\n";
  return {good ? 200 : 503, "application/json", body};
}

}  // namespace zvon::internal
