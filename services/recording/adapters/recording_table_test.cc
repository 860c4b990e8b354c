#include "services/recording/adapters/recording_table.h"

#include <catch2/catch.hpp>

#include "services/common/testing/shared_postgres.h"
#include "services/recording/server/recording_rig.h"
#include "zvon/events/v1/events.pb.h"

namespace zvon::recording {
namespace {

using zvon::events::v1::Event;

class Rig {
 public:
  Rig() {
    DatabaseSettings settings;
    settings.dsn = SharedPostgres().NewDatabase();
    settings.schema = "recording";
    database = Database::Make(settings);
    const absl::Status status = Migrate(*database, "recording", ZVON_RECORDING_MIGRATIONS);
    INFO(status.ToString());
    REQUIRE(status.ok());
    table = std::make_unique<RecordingTable>(*database);
  }
  Event Fact(absl::Duration at, const std::string& interaction = "i1") {
    Event event;
    event.set_tenant_id("demo");
    event.set_interaction_id(interaction);
    event.set_call_id("c1");
    Set(kRigStart + at, event.mutable_occur_time());
    return event;
  }
  void Take(const Event& event) {
    BusEvent bus_event;
    bus_event.payload = event.SerializeAsString();
    int unreadable = 0;
    REQUIRE(table->TakeFacts({bus_event, bus_event}, &unreadable).ok());
    CHECK(unreadable == 0);
  }
  void Order(const std::string& id, absl::Duration at, const std::string& interaction = "i1") {
    Event event = Fact(at, interaction);
    event.mutable_recording_started()->set_recording_id(id);
    Take(event);
  }
  void End(const std::string& id, absl::Duration at, absl::Duration talked) {
    Event event = Fact(at);
    event.mutable_recording_ended()->set_recording_id(id);
    Set(talked, event.mutable_recording_ended()->mutable_talked());
    Take(event);
  }
  static IndexEntry Stored(const std::string& id, absl::Duration length) {
    IndexEntry entry;
    auto& r = entry.recording;
    r.set_recording_id(id);
    r.set_tenant_id("demo");
    r.set_interaction_id("i1");
    r.set_call_id("c1");
    r.add_agent_ids("agent1");
    r.add_agent_ids("agent \"2\"");
    Set(kRigStart, r.mutable_start_time());
    Set(length, r.mutable_length());
    r.set_bytes(1234);
    r.set_sha256("abc" + absl::FormatDuration(length));
    r.set_media_type("audio/ogg");
    auto* gap = r.add_gaps();
    gap->set_start_frame(8);
    gap->set_frames(16);
    gap->set_reason("card");
    entry.path = "demo/x.ogg";
    return entry;
  }
  std::vector<Missing> Reconcile(absl::Duration at) {
    auto missing = table->Reconcile({}, kRigStart + at);
    INFO(missing.status().ToString());
    REQUIRE(missing.ok());
    return *missing;
  }

  std::unique_ptr<Database> database;
  std::unique_ptr<RecordingTable> table;
};

}  // namespace

TEST_CASE("a stored recording is read back by its tenant only", "[table]") {
  Rig rig;
  REQUIRE(rig.table->PutStored(Rig::Stored("r1", absl::Seconds(60))).ok());
  REQUIRE(rig.table->PutStored(Rig::Stored("r1", absl::Seconds(60))).ok());
  const auto stored = rig.table->Get("demo", "r1");
  REQUIRE(stored.ok());
  CHECK(stored->path == "demo/x.ogg");
  const auto& r = stored->recording;
  CHECK(FromProto(r.start_time()) == kRigStart);
  CHECK(FromProto(r.length()) == absl::Seconds(60));
  CHECK(r.agent_ids(1) == "agent \"2\"");
  CHECK(r.gaps(0).reason() == "card");
  CHECK(r.bytes() == 1234);
  CHECK(r.state() == zvon::recording::v1::Recording::STATE_STORED);
  CHECK(absl::IsNotFound(rig.table->Get("other", "r1").status()));
  CHECK(rig.table->List("demo", "i1")->size() == 1);
  CHECK(rig.table->List("other", "i1")->empty());
}

TEST_CASE("facts and sound meet in any order", "[table]") {
  Rig rig;
  rig.End("r1", absl::Seconds(60), absl::Seconds(60));
  REQUIRE(rig.table->PutStored(Rig::Stored("r1", absl::Seconds(60))).ok());
  rig.Order("r1", absl::ZeroDuration());
  CHECK(rig.Reconcile(absl::Hours(1)).empty());
  CHECK(rig.table->Get("demo", "r1")->recording.state() ==
        zvon::recording::v1::Recording::STATE_STORED);
}

TEST_CASE("a recording that does not come is missed once, and found again", "[table]") {
  Rig rig;
  rig.Order("r1", absl::ZeroDuration());
  CHECK(rig.table->Get("demo", "r1")->recording.state() ==
        zvon::recording::v1::Recording::STATE_OPEN);
  rig.End("r1", absl::Seconds(60), absl::Seconds(60));
  CHECK(rig.Reconcile(absl::Seconds(120)).empty());
  const auto missing = rig.Reconcile(absl::Seconds(300));
  REQUIRE(missing.size() == 1);
  CHECK(missing[0].recording_id == "r1");
  CHECK(missing[0].interaction_id == "i1");
  CHECK(missing[0].verdict.amount == absl::Seconds(60));
  CHECK(*rig.table->CountMissing() == 1);
  CHECK(rig.Reconcile(absl::Seconds(400)).empty());
  REQUIRE(rig.table->PutStored(Rig::Stored("r1", absl::Seconds(60))).ok());
  CHECK(*rig.table->CountMissing() == 0);
  CHECK(rig.Reconcile(absl::Hours(1)).empty());
}

TEST_CASE("a recording shorter than its talk is missed by the difference", "[table]") {
  Rig rig;
  rig.Order("r1", absl::ZeroDuration());
  rig.End("r1", absl::Seconds(60), absl::Seconds(60));
  REQUIRE(rig.table->PutStored(Rig::Stored("r1", absl::Seconds(40))).ok());
  const auto missing = rig.Reconcile(absl::Seconds(300));
  REQUIRE(missing.size() == 1);
  CHECK(missing[0].verdict.amount == absl::Seconds(20));
  CHECK(rig.Reconcile(absl::Seconds(400)).empty());
  // A late segment makes it whole.
  REQUIRE(rig.table->PutStored(Rig::Stored("r1", absl::Seconds(60))).ok());
  CHECK(rig.Reconcile(absl::Seconds(500)).empty());
}

TEST_CASE("a queue's talk that nobody recorded is missed", "[table]") {
  Rig rig;
  for (const std::string interaction : {"i1", "i2", "i3"}) {
    Event event = rig.Fact(absl::ZeroDuration(), interaction);
    event.mutable_legs_bridged();
    rig.Take(event);
    // i3 is a call between colleagues.
    if (interaction != "i3") {
      event.mutable_interaction_assigned();
      rig.Take(event);
    }
    event.mutable_call_ended();
    Set(kRigStart + absl::Seconds(60), event.mutable_occur_time());
    rig.Take(event);
  }
  rig.Order("r2", absl::ZeroDuration(), "i2");
  REQUIRE(rig.table->PutStored(Rig::Stored("r2", absl::Seconds(60))).ok());
  REQUIRE(rig.database->Run("UPDATE recordings SET interaction_id = 'i2'").ok());
  CHECK(rig.Reconcile(absl::Seconds(100)).empty());
  const auto missing = rig.Reconcile(absl::Seconds(300));
  REQUIRE(missing.size() == 1);
  CHECK(missing[0].interaction_id == "i1");
  CHECK(missing[0].recording_id.empty());
  CHECK(rig.Reconcile(absl::Seconds(400)).empty());
}

TEST_CASE("events that are none are counted and passed over", "[table]") {
  Rig rig;
  BusEvent broken;
  broken.payload = "\xFF\xFF nonsense";
  int unreadable = 0;
  REQUIRE(rig.table->TakeFacts({broken, {}}, &unreadable).ok());
  CHECK(unreadable == 2);
}

}  // namespace zvon::recording
