#include "services/common/telemetry/log.h"

#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <mutex>

#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace zvon {
namespace {

// Longest text of one field; what is longer was never meant for a log.
constexpr size_t kTextMax = 4096;

struct LogState {
  std::mutex mutex;
  std::string service = "zvon";
};

LogState& State() {
  static auto* state = new LogState;  // Never destroyed: threads may log to the end.
  return *state;
}

std::atomic<LogLevel> log_level{LogLevel::kInfo};

constexpr std::string_view kLevelNames[] = {"debug", "info", "warning", "error"};

// Length of the valid UTF-8 sequence at `i`, 0 where there is none.
size_t Utf8Length(std::string_view text, size_t i) {
  auto byte = [&](size_t k) { return static_cast<unsigned char>(text[k]); };
  unsigned char lead = byte(i);
  size_t length = lead < 0x80 ? 1 : lead >= 0xc2 && lead < 0xe0 ? 2 : lead >= 0xe0 && lead < 0xf0 ? 3
                                  : lead >= 0xf0 && lead < 0xf5   ? 4
                                                                  : 0;
  if (length == 0 || i + length > text.size()) return 0;
  for (size_t k = 1; k < length; ++k) {
    if ((byte(i + k) & 0xc0) != 0x80) return 0;
  }
  if (lead == 0xe0 && byte(i + 1) < 0xa0) return 0;
  if (lead == 0xed && byte(i + 1) >= 0xa0) return 0;
  if (lead == 0xf0 && byte(i + 1) < 0x90) return 0;
  if (lead == 0xf4 && byte(i + 1) >= 0x90) return 0;
  return length;
}

void AppendEscape(std::string& out, unsigned char c) {
  switch (c) {
    case '"': out += "\\\""; return;
    case '\\': out += "\\\\"; return;
    case '\n': out += "\\n"; return;
    case '\r': out += "\\r"; return;
    case '\t': out += "\\t"; return;
  }
  char text[8];
  std::snprintf(text, sizeof(text), "\\u%04x", c);
  out += text;
}

void AppendJsonString(std::string& out, std::string_view text) {
  bool cut = text.size() > kTextMax;
  if (cut) text = text.substr(0, kTextMax);
  out += '"';
  for (size_t i = 0; i < text.size();) {
    unsigned char c = static_cast<unsigned char>(text[i]);
    size_t length = Utf8Length(text, i);
    if (length == 0) {
      out += "\xef\xbf\xbd";  // U+FFFD for each byte that is no UTF-8.
      ++i;
    } else if (c < 0x20 || c == '"' || c == '\\' || c == 0x7f) {
      AppendEscape(out, c);
      ++i;
    } else {
      out += text.substr(i, length);
      i += length;
    }
  }
  if (cut) out += "…";
  out += '"';
}

void WriteAll(const std::string& line) {
  size_t done = 0;
  while (done < line.size()) {
    ssize_t n = write(STDERR_FILENO, line.data() + done, line.size() - done);
    if (n < 0 && errno != EINTR) return;  // Nobody listens: nothing to be done.
    if (n > 0) done += static_cast<size_t>(n);
  }
}

}  // namespace

void StartLog(std::string_view service, std::string_view level) {
  std::lock_guard lock(State().mutex);
  State().service = service;
  for (int i = 0; i < 4; ++i) {
    if (level == kLevelNames[i]) log_level = static_cast<LogLevel>(i);
  }
}

bool LogEnabled(LogLevel level) { return level >= log_level.load(std::memory_order_relaxed); }

void Log(LogLevel level, std::string_view message, LogFields fields) {
  if (!LogEnabled(level)) return;
  std::string line = "{\"ts\":\"";
  line += absl::FormatTime("%Y-%m-%dT%H:%M:%E3SZ", absl::Now(), absl::UTCTimeZone());
  line += "\",\"level\":\"";
  line += kLevelNames[static_cast<int>(level)];
  line += "\",\"service\":";
  std::lock_guard lock(State().mutex);
  AppendJsonString(line, State().service);
  line += ",\"msg\":";
  AppendJsonString(line, message);
  for (const LogField& field : fields) {
    line += ',';
    AppendJsonString(line, field.key);
    line += ':';
    if (field.is_number) {
      line += std::to_string(field.number);
    } else {
      AppendJsonString(line, field.text);
    }
  }
  line += "}\n";
  WriteAll(line);
}

}  // namespace zvon
