// The bytes of events as they were written once must be read for ever: a
// reader of this version understands what any earlier version put into Kafka.

#include <google/protobuf/text_format.h>
#include <google/protobuf/util/message_differencer.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/strip.h"
#include "zvon/events/v1/events.pb.h"

namespace {

using zvon::events::v1::Event;
namespace fs = std::filesystem;

std::string ReadFile(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

const fs::path kGolden = fs::path(ZVON_SOURCE_DIR) / "tests/contract/golden";

}  // namespace

// Each golden file pair: NAME.txtpb (what it means) and NAME.hex (its bytes).
TEST_CASE("events written by earlier versions are read the same") {
  int pairs = 0;
  for (const auto& entry : fs::directory_iterator(kGolden)) {
    if (entry.path().extension() != ".txtpb") continue;
    INFO(entry.path().filename());
    Event expected;
    REQUIRE(google::protobuf::TextFormat::ParseFromString(ReadFile(entry.path()), &expected));
    const std::string hex = ReadFile(fs::path(entry.path()).replace_extension(".hex"));
    Event read;
    REQUIRE(read.ParseFromString(
        absl::HexStringToBytes(std::string(absl::StripAsciiWhitespace(hex)))));
    CHECK(google::protobuf::util::MessageDifferencer::Equals(expected, read));
    // Nothing that was a known field has become unknown.
    CHECK(read.GetReflection()->GetUnknownFields(read).empty());
    ++pairs;
  }
  CHECK(pairs >= 6);
}

TEST_CASE("field numbers of the event's envelope never move") {
  const auto* descriptor = Event::descriptor();
  const std::pair<const char*, int> fields[] = {
      {"event_id", 1},   {"occur_time", 2}, {"tenant_id", 3},   {"interaction_id", 4}, {"call_id", 5},
      {"agent_id", 6},   {"producer", 7},   {"traceparent", 8}, {"sequence", 9},       {"call_started", 20},
      {"leg_ended", 25}, {"queue_left", 41}, {"interaction_assigned", 44}};
  for (const auto& [name, number] : fields) {
    INFO(name);
    REQUIRE(descriptor->FindFieldByName(name) != nullptr);
    CHECK(descriptor->FindFieldByName(name)->number() == number);
  }
}
