#include "services/media/server/media_conversion.h"

#include <catch2/catch.hpp>

namespace zvon::media {
namespace {

namespace pb = zvon::mediaservice::v1;

}  // namespace

TEST_CASE("a remote is taken as signalled, with its defaults", "[conversion]") {
  pb::MediaCommand proto;
  proto.set_call_id("c");
  auto* remote = proto.mutable_create_endpoint()->mutable_remote();
  proto.mutable_create_endpoint()->set_endpoint_id("leg");
  remote->set_address("192.0.2.1");
  remote->set_port(4000);
  remote->set_codec(zvon::media::v1::CODEC_PCMA);
  remote->set_payload_type(8);
  remote->set_dtmf_payload_type(101);
  remote->set_direction(zvon::media::v1::DIRECTION_SENDONLY);
  const auto command = FromProto(proto);
  REQUIRE(command.ok());
  const auto& create = std::get<CreateEndpoint>(command->body);
  REQUIRE(create.remote);
  CHECK(ToString(create.remote->address) == "192.0.2.1:4000");
  CHECK(create.remote->packet_ms == 20);
  CHECK(create.remote->direction == Direction::kSendOnly);
}

TEST_CASE("what cannot be understood is refused by name", "[conversion]") {
  auto message = [](const pb::MediaCommand& proto) {
    const auto command = FromProto(proto);
    CHECK_FALSE(command.ok());
    return std::string(command.status().message());
  };
  pb::MediaCommand proto;
  CHECK_THAT(message(proto), Catch::Contains("without call_id"));
  proto.set_call_id("c");
  CHECK_THAT(message(proto), Catch::Contains("unknown kind"));
  auto* remote = proto.mutable_update_endpoint()->mutable_remote();
  remote->set_address("example.com");
  CHECK_THAT(message(proto), Catch::Contains("'example.com' is no numeric IP address"));
  remote->set_address("192.0.2.1");
  remote->set_port(70000);
  CHECK_THAT(message(proto), Catch::Contains("70000"));
  remote->set_port(4000);
  remote->set_payload_type(128);
  CHECK_THAT(message(proto), Catch::Contains("128"));
  proto.mutable_play()->add_items();
  CHECK_THAT(message(proto), Catch::Contains("play item"));
}

TEST_CASE("events carry call, time and what happened", "[conversion]") {
  const absl::Time now = absl::FromUnixMillis(1'750'000'000'250);
  const auto ready = ToProto({"c", now, EndpointReady{"leg", 20000}}, "203.0.113.1");
  CHECK(ready.call_id() == "c");
  CHECK(ready.occur_time().seconds() == 1'750'000'000);
  CHECK(ready.occur_time().nanos() == 250'000'000);
  CHECK(ready.endpoint_ready().local_address() == "203.0.113.1");
  CHECK(ready.endpoint_ready().local_port() == 20000);
  const auto finished = ToProto(
      {"c", now,
       PlayFinished{"leg", "p", PlayFinished::Reason::kDigit, absl::Milliseconds(1250), ""}},
      "");
  CHECK(finished.play_finished().reason() == pb::PlayFinished::REASON_DIGIT);
  CHECK(finished.play_finished().played().seconds() == 1);
  CHECK(finished.play_finished().played().nanos() == 250'000'000);
  const auto failed =
      ToProto({"c", now, CommandFailed{"bridge", "leg", absl::NotFoundError("no leg")}}, "");
  CHECK(failed.command_failed().code() == 5);
}

}  // namespace zvon::media
