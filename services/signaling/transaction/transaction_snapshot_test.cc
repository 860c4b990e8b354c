#include "services/signaling/transaction/transaction_testing.h"

namespace zvon::sip {
namespace {

ServerId Restore(LayerDriver& d, const std::string& snapshot) {
  const auto raw = TransactionLayer::SnapshotRequest(snapshot);
  REQUIRE(raw.ok());
  const auto id = d.layer.Restore(snapshot, ReadMessage(*raw), d.now, d.effects);
  REQUIRE(id.ok());
  return *id;
}

TEST_CASE("A ringing INVITE is answered by another replica with the same To tag") {
  LayerDriver first;
  const ServerId id = first.Arrive(RequestText().Read());
  first.Respond(id, {.code = 180, .to_tag = "same"});
  const std::string snapshot = first.layer.Snapshot(id);

  LayerDriver second;
  const ServerId moved = Restore(second, snapshot);
  CHECK(second.TakeSent().empty());
  second.Receive(RequestText().Read());
  CHECK(second.Take<RequestArrived>().empty());
  CHECK(second.TakeSent() == Sent{"180"});
  second.Respond(moved, {.code = 200});
  const auto sent = second.Take<SendBytes>();
  REQUIRE(sent.size() == 1);
  CHECK(ReadMessage(sent[0].bytes).to().tag == "same");
  CHECK(sent[0].flow == kUdpPeer);
  second.Receive(RequestText{.method = "CANCEL"}.Read());
  CHECK(second.TakeSent() == Sent{"200"});
}

TEST_CASE("A retransmission that comes before the snapshot is joined with it") {
  LayerDriver first;
  const ServerId id = first.Arrive(RequestText().Read());
  first.Respond(id, {.code = 180, .to_tag = "same"});

  LayerDriver second;
  const ServerId fresh = second.Arrive(RequestText().Read());
  CHECK(Restore(second, first.layer.Snapshot(id)) == fresh);
  CHECK(second.TakeSent() == Sent{"180"});
  CHECK(second.layer.server_count() == 1);
}

TEST_CASE("A 2xx without its ACK goes on being repeated after the take-over") {
  LayerDriver first;
  const ServerId id = first.Arrive(RequestText().Read());
  first.Respond(id, {.code = 200, .to_tag = "t"});
  LayerDriver second;
  const ServerId moved = Restore(second, first.layer.Snapshot(id));
  second.Advance(absl::Milliseconds(600));
  CHECK(second.TakeSent() == Sent{"200"});
  second.Receive(RequestText{.method = "ACK", .branch = "z9hG4bKack", .to_tag = "t"}.Read());
  const auto acks = second.Take<AckArrived>();
  REQUIRE(acks.size() == 1);
  CHECK(acks[0].invite == moved);
}

TEST_CASE("Damaged snapshots are errors") {
  LayerDriver d;
  const ServerId id = d.Arrive(RequestText().Read());
  const std::string whole = d.layer.Snapshot(id);
  for (size_t size = 0; size < whole.size(); size += 3) {
    const auto raw = TransactionLayer::SnapshotRequest(whole.substr(0, size));
    if (!raw.ok()) continue;
    CHECK_FALSE(
        d.layer.Restore(whole.substr(0, size), RequestText().Read(), d.now, d.effects).ok());
  }
  CHECK(d.layer.Snapshot(12345).empty());
}

}  // namespace
}  // namespace zvon::sip
