#include "services/common/bus/spool.h"

#include <catch2/catch.hpp>

#include <filesystem>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "services/common/bus/event_codec.h"
#include "services/common/testing/temp_dir.h"

namespace zvon {
namespace {

std::unique_ptr<Spool> Open(const TempDir& dir, int64_t segment_bytes = 64,
                            int64_t bytes_max = 1 << 20) {
  auto spool = Spool::Open(
      {.folder = dir.path() + "/spool", .bytes_max = bytes_max, .segment_bytes = segment_bytes});
  REQUIRE(spool.ok());
  return std::move(*spool);
}

std::vector<std::string> ReadAll(Spool& spool) {
  std::vector<std::string> out;
  SpoolPosition position = spool.Begin();
  std::string record;
  while (spool.Read(&position, &record)) out.push_back(record);
  return out;
}

std::vector<std::string> Files(const TempDir& dir) {
  std::vector<std::string> out;
  for (const auto& entry : std::filesystem::directory_iterator(dir.path() + "/spool")) {
    if (entry.path().extension() == ".seg") out.push_back(entry.path());
  }
  std::sort(out.begin(), out.end());
  return out;
}

TEST_CASE("The checksum is CRC-32C") { CHECK(Crc32c("123456789") == 0xe3069283u); }

TEST_CASE("An event survives its bytes") {
  BusEvent event{.topic = "t",
                 .key = "k",
                 .id = "i",
                 .type = "y",
                 .source = "s",
                 .time = absl::FromUnixMicros(1'764'000'000'123'456),
                 .tenant_id = "demo",
                 .traceparent = "",
                 .payload = std::string("\0x", 2)};
  BusEvent copy;
  REQUIRE(DecodeEvent(EncodeEvent(event), &copy));
  CHECK(EncodeEvent(copy) == EncodeEvent(event));
  for (size_t size = 0; size < EncodeEvent(event).size(); ++size) {
    CHECK_FALSE(DecodeEvent(EncodeEvent(event).substr(0, size), &copy));
  }
}

TEST_CASE("A spool keeps records in order over many files and a new process") {
  TempDir dir;
  std::vector<std::string> expected;
  auto spool = Open(dir);
  for (int i = 0; i < 50; ++i) {
    expected.push_back(absl::StrCat("record ", i));
    REQUIRE(spool->Append(expected.back()).ok());
  }
  CHECK(ReadAll(*spool) == expected);
  CHECK(Files(dir).size() > 5);
  spool.reset();
  spool = Open(dir);
  CHECK(spool->records_found() == 50);
  CHECK(ReadAll(*spool) == expected);
}

TEST_CASE("Dropping removes whole files and Trim the last") {
  TempDir dir;
  auto spool = Open(dir);
  for (int i = 0; i < 50; ++i) REQUIRE(spool->Append(absl::StrCat("record ", i)).ok());
  SpoolPosition position = spool->Begin();
  std::string record;
  while (spool->Read(&position, &record)) {
  }
  spool->DropBefore(position);
  CHECK(Files(dir).size() == 1);
  spool->Trim();
  CHECK(spool->bytes() == 0);
  REQUIRE(spool->Append("next").ok());
  REQUIRE(spool->Read(&position, &record));
  CHECK(record == "next");
}

TEST_CASE("A half-written record ends its file, not the spool") {
  TempDir dir;
  auto spool = Open(dir, 1 << 20);
  REQUIRE(spool->Append("first").ok());
  REQUIRE(spool->Append("second").ok());
  spool.reset();
  const std::string file = Files(dir).at(0);
  std::filesystem::resize_file(file, std::filesystem::file_size(file) - 3);
  spool = Open(dir, 1 << 20);
  CHECK(spool->records_found() == 1);
  REQUIRE(spool->Append("third").ok());
  CHECK(ReadAll(*spool) == std::vector<std::string>{"first", "third"});
}

TEST_CASE("A full spool says so and takes records again when emptied") {
  TempDir dir;
  auto spool = Open(dir, 64, 128);
  int taken = 0;
  while (spool->Append("0123456789").ok()) ++taken;
  CHECK(taken == 7);
  CHECK(spool->Append("0123456789").code() == absl::StatusCode::kResourceExhausted);
  SpoolPosition position = spool->Begin();
  std::string record;
  while (spool->Read(&position, &record)) {
  }
  spool->DropBefore(position);
  CHECK(spool->Append("0123456789").ok());
}

TEST_CASE("A folder has one spool at a time") {
  TempDir dir;
  auto spool = Open(dir);
  CHECK(Spool::Open({.folder = dir.path() + "/spool"}).status().code() ==
        absl::StatusCode::kFailedPrecondition);
}

}  // namespace
}  // namespace zvon
