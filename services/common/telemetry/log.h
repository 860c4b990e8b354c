#pragma once
// Structured log: one JSON object a line on standard error.
//
//   LogInfo("call answered", {{"call_id", call.id()}, {"code", 200}});
//   {"ts":"2026-11-23T07:00:00.123Z","level":"info","service":"signaling",
//    "msg":"call answered","call_id":"…","code":200}
//
// Thread-safe. Secrets (passwords, tokens, digests, keys) are never logged;
// caller numbers are masked by MaskNumber where the tenant asks for it.

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

namespace zvon {

enum class LogLevel { kDebug, kInfo, kWarning, kError };

struct LogField {
  LogField(std::string_view key_in, std::string_view value) : key(key_in), text(value) {}
  LogField(std::string_view key_in, const std::string& value) : key(key_in), text(value) {}
  LogField(std::string_view key_in, const char* value) : key(key_in), text(value) {}
  LogField(std::string_view key_in, int64_t value) : key(key_in), number(value), is_number(true) {}
  LogField(std::string_view key_in, int value) : LogField(key_in, static_cast<int64_t>(value)) {}
  LogField(std::string_view key_in, uint64_t value) : LogField(key_in, static_cast<int64_t>(value)) {}
  std::string_view key;
  std::string text;
  int64_t number = 0;
  bool is_number = false;
};
using LogFields = std::initializer_list<LogField>;

// Once, from main. `level`: "debug", "info", "warning", "error".
void StartLog(std::string_view service, std::string_view level);
bool LogEnabled(LogLevel level);
void Log(LogLevel level, std::string_view message, LogFields fields);

inline void LogDebug(std::string_view m, LogFields f = {}) {
  if (LogEnabled(LogLevel::kDebug)) Log(LogLevel::kDebug, m, f);
}
inline void LogInfo(std::string_view m, LogFields f = {}) { Log(LogLevel::kInfo, m, f); }
inline void LogWarning(std::string_view m, LogFields f = {}) { Log(LogLevel::kWarning, m, f); }
inline void LogError(std::string_view m, LogFields f = {}) { Log(LogLevel::kError, m, f); }

}  // namespace zvon
