#include "services/common/bus/event_codec.h"

#include <array>
#include <cstring>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace zvon {
namespace {

constexpr uint8_t kVersion = 1;

void PutText(std::string& out, std::string_view text) {
  const auto size = static_cast<uint32_t>(text.size());
  out.append(reinterpret_cast<const char*>(&size), sizeof(size));
  out.append(text);
}

bool TakeText(std::string_view& in, std::string* text) {
  uint32_t size = 0;
  if (in.size() < sizeof(size)) return false;
  std::memcpy(&size, in.data(), sizeof(size));
  in.remove_prefix(sizeof(size));
  if (in.size() < size) return false;
  text->assign(in.substr(0, size));
  in.remove_prefix(size);
  return true;
}

std::array<uint32_t, 256> MakeCrcTable() {
  std::array<uint32_t, 256> table{};
  for (uint32_t i = 0; i < 256; ++i) {
    uint32_t crc = i;
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0x82f63b78u : 0);
    table[i] = crc;
  }
  return table;
}

}  // namespace

uint32_t Crc32c(std::string_view bytes) {
  static const std::array<uint32_t, 256> table = MakeCrcTable();
  uint32_t crc = 0xffffffffu;
  for (char c : bytes) crc = (crc >> 8) ^ table[(crc ^ static_cast<uint8_t>(c)) & 0xff];
  return crc ^ 0xffffffffu;
}

std::string EventTimeToText(absl::Time time) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%E6SZ", time, absl::UTCTimeZone());
}

absl::Time EventTimeFromText(std::string_view text) {
  absl::Time time;
  const absl::string_view view(text.data(), text.size());
  if (!absl::ParseTime("%Y-%m-%dT%H:%M:%E*SZ", view, &time, nullptr)) return absl::InfinitePast();
  return time;
}

std::string EncodeEvent(const BusEvent& event) {
  std::string out(1, static_cast<char>(kVersion));
  for (const std::string* text : {&event.topic, &event.key, &event.id, &event.type, &event.source,
                                  &event.tenant_id, &event.traceparent, &event.payload}) {
    PutText(out, *text);
  }
  PutText(out, EventTimeToText(event.time));
  return out;
}

bool DecodeEvent(std::string_view bytes, BusEvent* event) {
  if (bytes.empty() || static_cast<uint8_t>(bytes[0]) != kVersion) return false;
  bytes.remove_prefix(1);
  std::string time;
  for (std::string* text : {&event->topic, &event->key, &event->id, &event->type, &event->source,
                            &event->tenant_id, &event->traceparent, &event->payload, &time}) {
    if (!TakeText(bytes, text)) return false;
  }
  event->time = EventTimeFromText(time);
  return bytes.empty();
}

}  // namespace zvon
