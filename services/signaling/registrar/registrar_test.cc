#include "services/signaling/registrar/registrar.h"

#include <catch2/catch.hpp>

#include "services/signaling/sip/parse.h"

namespace zvon::sip {
namespace {

const absl::Time kStart = absl::FromUnixSeconds(1'000'000);
const std::string kAor = "sip:101@zvon";
const Flow kFlow{Protocol::kUdp, *SocketAddress::Parse("192.0.2.7:5062")};
const std::string kContact = "Contact: <sip:101@192.0.2.7:5062>\r\n";

Message Register(const std::string& more, int cseq = 1, const std::string& call_id = "c") {
  const ParseResult parsed = Parse(
      "REGISTER sip:zvon SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=z9hG4bK1\r\nFrom: "
      "<sip:101@zvon>;tag=1\r\n"
      "To: <sip:101@zvon>\r\nCall-ID: " +
      call_id + "\r\nCSeq: " + std::to_string(cseq) + " REGISTER\r\n" + more + "\r\n");
  INFO(more << parsed.reason);
  REQUIRE(parsed.code == 0);
  return parsed.message;
}

struct Fixture {
  Registrar registrar{Registrar::Options{}};
  absl::Time now = kStart;
  Registrar::Result Handle(const std::string& more, int cseq = 1, const std::string& call_id = "c",
                           const Flow& flow = kFlow) {
    return registrar.Handle(kAor, Register(more, cseq, call_id), flow, now);
  }
};

TEST_CASE_METHOD(Fixture, "A contact is kept for as long as asked, within the limits") {
  auto r = Handle(kContact + "Expires: 600\r\n");
  CHECK(r.response.code == 200);
  CHECK(r.changed);
  CHECK(r.appeared);
  CHECK(r.response.headers.text() == "Contact: <sip:101@192.0.2.7:5062>;expires=600\r\n");
  REQUIRE(registrar.Lookup(kAor, now).size() == 1);
  CHECK_FALSE(registrar.Lookup(kAor, now)[0].nat);
  CHECK(registrar.Lookup(kAor, now + absl::Seconds(600)).empty());
  r = Handle("Contact: <sip:101@192.0.2.7:5062>;expires=100000;q=0.5;+x=\"y;z\"\r\n", 2);
  CHECK(r.response.headers.text() ==
        "Contact: <sip:101@192.0.2.7:5062>;+x=\"y;z\";expires=3600;q=0.500\r\n");
  CHECK_FALSE(r.appeared);
  r = Handle(kContact, 3);
  CHECK(r.response.headers.text() == "Contact: <sip:101@192.0.2.7:5062>;expires=300\r\n");
  r = Handle(kContact + "Expires: 10\r\n", 4);
  CHECK(r.response.code == 423);
  CHECK(r.response.headers.text() == "Min-Expires: 30\r\n");
  CHECK_FALSE(r.changed);
}

TEST_CASE_METHOD(Fixture, "A question changes nothing") {
  Handle(kContact);
  const auto r = Handle("", 2);
  CHECK(r.response.code == 200);
  CHECK_FALSE(r.changed);
  CHECK(r.response.headers.text() == "Contact: <sip:101@192.0.2.7:5062>;expires=300\r\n");
}

TEST_CASE_METHOD(Fixture, "Several contacts are ordered by q, then by age") {
  Handle("Contact: <sip:a@h>;q=0.2, <sip:b@h>;q=0.9\r\n");
  now += absl::Seconds(1);
  Handle("Contact: <sip:c@h>;q=0.9\r\n", 1, "other");
  const auto all = registrar.Lookup(kAor, now);
  REQUIRE(all.size() == 3);
  CHECK(all[0].contact_uri == "sip:c@h");
  CHECK(all[1].contact_uri == "sip:b@h");
  CHECK(all[2].contact_uri == "sip:a@h");
}

TEST_CASE_METHOD(Fixture, "One contact goes with expires=0, all with *") {
  Handle("Contact: <sip:a@h>, <sip:b@h>\r\n");
  auto r = Handle("Contact: <sip:a@h>;expires=0\r\n", 2);
  CHECK(registrar.Lookup(kAor, now).size() == 1);
  CHECK_FALSE(r.vanished);
  CHECK(Handle("Contact: *\r\n", 3).response.code == 400);
  CHECK(Handle("Contact: *\r\nExpires: 5\r\n", 3).response.code == 400);
  CHECK(Handle("Contact: *, <sip:b@h>\r\nExpires: 0\r\n", 3).response.code == 400);
  r = Handle("Contact: *\r\nExpires: 0\r\n", 4);
  CHECK(r.response.code == 200);
  CHECK(r.vanished);
  CHECK(r.response.headers.empty());
  CHECK(registrar.size() == 0);
}

TEST_CASE_METHOD(Fixture, "An overtaken REGISTER does not undo the later one") {
  Handle(kContact + "Expires: 600\r\n", 7);
  CHECK(Handle(kContact + "Expires: 0\r\n", 6).response.code == 500);
  CHECK(Handle("Contact: *\r\nExpires: 0\r\n", 6).response.code == 500);
  CHECK(registrar.Lookup(kAor, now).size() == 1);
  CHECK(Handle(kContact, 1, "rebooted").response.code == 200);
}

TEST_CASE_METHOD(Fixture, "All or nothing") {
  CHECK(Handle("Contact: <sip:a@h>, <sip:b@h>;expires=5\r\n").response.code == 423);
  CHECK(registrar.size() == 0);
}

TEST_CASE_METHOD(Fixture, "Too many contacts are refused") {
  for (int i = 0; i < 10; ++i)
    CHECK(Handle("Contact: <sip:x@h" + std::to_string(i) + ">\r\n", i + 1).response.code == 200);
  CHECK(Handle("Contact: <sip:x@h10>\r\n", 11).response.code == 403);
  CHECK(Handle("Contact: <sip:x@h3>\r\n", 12).response.code == 200);
}

TEST_CASE_METHOD(Fixture, "A device that moved replaces its own contact") {
  const std::string instance = ";+sip.instance=\"<urn:uuid:1>\"\r\n";
  Handle("Contact: <sip:101@10.0.0.1>" + instance);
  Handle("Contact: <sip:101@10.0.0.2>" + instance, 1, "rebooted");
  const auto all = registrar.Lookup(kAor, now);
  REQUIRE(all.size() == 1);
  CHECK(all[0].contact_uri == "sip:101@10.0.0.2");
  CHECK(all[0].nat);
}

TEST_CASE_METHOD(Fixture, "Equal URIs are one contact") {
  Handle("Contact: <sip:%3101@H;transport=UDP>\r\n");
  Handle("Contact: <sip:101@h;transport=udp>\r\n", 2);
  CHECK(registrar.Lookup(kAor, now).size() == 1);
}

TEST_CASE_METHOD(Fixture, "Expired contacts go and are told") {
  Handle(kContact + "Expires: 60\r\n");
  CHECK(registrar.NextWakeup() == now + absl::Seconds(60));
  now += absl::Seconds(30);
  Handle(kContact + "Expires: 60\r\n", 2);
  CHECK(registrar.Expire(kStart + absl::Seconds(60)).empty());
  CHECK(registrar.Expire(kStart + absl::Seconds(90)) == std::vector<std::string>{kAor});
  CHECK(registrar.NextWakeup() == absl::InfiniteFuture());
}

TEST_CASE_METHOD(Fixture, "Contacts behind a closed connection go with it") {
  const Flow stream{Protocol::kTcp, *SocketAddress::Parse("192.0.2.7:40000"), 1, 5};
  Handle("Contact: <sip:101@10.0.0.1;transport=tcp>\r\n", 1, "c", stream);
  Handle(kContact, 1, "udp");
  CHECK(registrar.FlowClosed(stream, now) == std::vector<std::string>{kAor});
  CHECK(registrar.Lookup(kAor, now).size() == 1);
  CHECK(registrar.FlowClosed(kFlow, now).empty());
}

TEST_CASE_METHOD(Fixture, "A record continues elsewhere from its snapshot") {
  Handle(
      "Contact: <sip:a@10.0.0.1>;q=0.5;reg-id=1;+sip.instance=\"<i>\"\r\nPath: <sip:p;lr>, "
      "<sip:q;lr>\r\nUser-Agent: x, y\r\n");
  Handle("Contact: <sip:b@h>\r\n", 2);
  Registrar other{Registrar::Options{}};
  const std::string snapshot = registrar.Serialize(kAor);
  REQUIRE(other.Restore(kAor, snapshot).ok());
  CHECK(other.Lookup(kAor, now) == registrar.Lookup(kAor, now));
  CHECK(other.NextWakeup() == registrar.NextWakeup());
  for (size_t size = 0; size < snapshot.size(); ++size)
    CHECK_FALSE(other.Restore(kAor, snapshot.substr(0, size)).ok());
  CHECK(registrar.Serialize("sip:nobody@zvon").empty());
}

}  // namespace
}  // namespace zvon::sip
