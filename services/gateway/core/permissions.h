#pragma once
// What a user may do. Names are of the form "area.action[.own]".

#include <string>
#include <string_view>
#include <vector>

namespace zvon::gateway {

inline constexpr std::string_view kHandleCalls = "calls.handle";
inline constexpr std::string_view kReadLive = "live.read";
inline constexpr std::string_view kReadReports = "reports.read";
inline constexpr std::string_view kReadTelephony = "telephony.read";
inline constexpr std::string_view kListen = "recordings.listen";
inline constexpr std::string_view kListenOwn = "recordings.listen.own";
inline constexpr std::string_view kReadDirectory = "directory.read";
inline constexpr std::string_view kWriteDirectory = "directory.write";

// True where `held` contains the permission itself, one above it
// ("recordings.listen" holds "recordings.listen.own"; "directory.write" holds
// "directory.read"), an area's "live.*", or "*".
bool MayDo(const std::vector<std::string>& held, std::string_view permission);

// The live view: whole for supervisors, who is free for those who transfer.
inline bool MayWatch(const std::vector<std::string>& held) {
  return MayDo(held, kReadLive) || MayDo(held, kHandleCalls);
}

}  // namespace zvon::gateway
