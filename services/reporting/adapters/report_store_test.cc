// The store against a real PostgreSQL: delivery order, duplicates and crashes
// of the consumer change nothing.

#include <algorithm>
#include <catch2/catch.hpp>
#include <memory>
#include <random>

#include "services/common/testing/test_postgres.h"
#include "services/reporting/adapters/report_queries.h"
#include "services/reporting/adapters/report_store.h"
#include "zvon/events/v1/events.pb.h"
#include "zvon/reportingservice/v1/reporting_service.pb.h"

namespace zvon::reporting {
namespace {

namespace ev = zvon::events::v1;
namespace api = zvon::reportingservice::v1;

const absl::Time kStart = absl::FromUnixSeconds(1'795'400'000);

class Events {
 public:
  ev::Event& Add(int interaction, double at, std::string agent = "") {
    ev::Event event;
    event.set_event_id("e" + std::to_string(list_.size()));
    event.set_tenant_id("demo");
    event.set_interaction_id("i" + std::to_string(interaction));
    event.set_agent_id(agent);
    const int64_t micros = absl::ToUnixMicros(kStart + absl::Seconds(at));
    event.mutable_occur_time()->set_seconds(micros / 1'000'000);
    event.mutable_occur_time()->set_nanos(static_cast<int>(micros % 1'000'000) * 1000);
    list_.push_back(std::make_unique<ev::Event>(event));
    return *list_.back();
  }
  // A call of 20 s; `answered` or abandoned after 10.
  void AddCall(int n, double at, bool answered) {
    Add(n, at).mutable_call_started()->set_caller_number("7916000" + std::to_string(1000 + n));
    Add(n, at + 1).mutable_queue_entered()->set_queue_id("sales");
    if (answered) {
      Add(n, at + 8, "agent1").mutable_offer_made()->set_queue_id("sales");
      auto* left = Add(n, at + 10, "agent1").mutable_queue_left();
      left->set_queue_id("sales");
      left->set_outcome(zvon::routing::v1::QUEUE_ENTRY_OUTCOME_ANSWERED);
      left->set_within_threshold(true);
      Add(n, at + 10, "agent1").mutable_interaction_assigned()->set_queue_id("sales");
      Add(n, at + 20, "agent1").mutable_wrap_up_started();
      Add(n, at + 25, "agent1").mutable_wrap_up_ended();
    } else {
      auto* left = Add(n, at + 10).mutable_queue_left();
      left->set_queue_id("sales");
      left->set_outcome(zvon::routing::v1::QUEUE_ENTRY_OUTCOME_ABANDONED);
    }
    Add(n, at + (answered ? 20 : 10)).mutable_call_ended();
  }
  std::vector<BusEvent> Bus() const {
    std::vector<BusEvent> out;
    for (const auto& event : list_) {
      BusEvent b;
      b.topic = "zvon.interactions.v1";
      b.id = event->event_id();
      b.key = event->interaction_id();
      b.time = kStart;
      b.payload = event->SerializeAsString();
      out.push_back(std::move(b));
    }
    return out;
  }

 private:
  std::vector<std::unique_ptr<ev::Event>> list_;
};

struct Fixture {
  TestPostgres postgres;
  std::unique_ptr<Database> database;
  Fixture() {
    DatabaseSettings settings;
    settings.dsn = postgres.dsn();
    settings.schema = "reporting";
    database = Database::Make(settings);
    REQUIRE(Migrate(*database, "reporting", ZVON_SOURCE_DIR "/services/reporting/migrations").ok());
  }
  std::string Rows() {
    auto rows = database->Run(
        "select string_agg(t::text, E'\\n' order by t::text) from (select interaction_id, outcome, end_time, wait_ms, "
        "talk_ms, wrap_up_ms from reporting.interactions union all select interaction_id, kind, end_time, index, 0, 0 "
        "from reporting.segments) t");
    REQUIRE(rows.ok());
    return rows->rows[0].Text(0);
  }
  api::GetQueueSummaryResponse Summary() {
    api::GetQueueSummaryRequest request;
    request.set_tenant_id("demo");
    request.mutable_start_time()->set_seconds(absl::ToUnixSeconds(kStart) - 100);
    request.mutable_end_time()->set_seconds(absl::ToUnixSeconds(kStart) + 100'000);
    request.mutable_interval()->set_seconds(900);
    api::GetQueueSummaryResponse response;
    REQUIRE(ReportQueries(*database).Summary(request, &response).ok());
    return response;
  }
};

}  // namespace

TEST_CASE("shuffled, repeated and torn delivery gives the same rows as delivery in order") {
  Fixture f;
  Events events;
  for (int n = 0; n < 12; ++n) events.AddCall(n, n * 300, n % 3 != 0);
  ReportStore store(*f.database);
  const absl::Time now = kStart + absl::Hours(10);
  int unreadable = 0;
  REQUIRE(store.TakeBatch(events.Bus(), now, &unreadable).ok());
  const std::string expected = f.Rows();
  CHECK(expected.find("abandoned") != std::string::npos);
  CHECK(expected.find("wrap_up") != std::string::npos);

  std::mt19937 random(11);
  for (int round = 0; round < 3; ++round) {
    REQUIRE(f.database->Run("truncate reporting.events, reporting.interactions cascade").ok());
    std::vector<BusEvent> shuffled = events.Bus();
    std::shuffle(shuffled.begin(), shuffled.end(), random);
    for (size_t at = 0; at < shuffled.size(); at += 5) {
      const size_t from = at < 3 ? 0 : at - 3;  // Each batch repeats part of the last.
      const size_t to = std::min(shuffled.size(), at + 5);
      REQUIRE(store.TakeBatch({shuffled.begin() + from, shuffled.begin() + to}, now, &unreadable).ok());
    }
    CHECK(f.Rows() == expected);
  }
}

TEST_CASE("offered is answered, abandoned, flowed out and waiting together, in every interval") {
  Fixture f;
  Events events;
  for (int n = 0; n < 9; ++n) events.AddCall(n, n * 400, n % 2 == 0);
  events.Add(100, 50).mutable_call_started();
  events.Add(100, 51).mutable_queue_entered()->set_queue_id("sales");  // Still waiting.
  int unreadable = 0;
  REQUIRE(ReportStore(*f.database).TakeBatch(events.Bus(), kStart + absl::Hours(1), &unreadable).ok());
  const auto summary = f.Summary();
  REQUIRE(summary.totals_size() == 1);
  CHECK(summary.totals(0).offered() == 10);
  CHECK(summary.totals(0).answered() == 5);
  CHECK(summary.totals(0).abandoned() == 4);
  CHECK(summary.totals(0).waiting() == 1);
  CHECK(summary.totals(0).service_level() == Approx(5.0 / 9));
  int offered = 0;
  for (const auto& i : summary.intervals()) {
    CHECK(i.offered() == i.answered() + i.abandoned() + i.flowed_out() + i.waiting());
    offered += i.offered();
  }
  CHECK(offered == 10);
}

TEST_CASE("the call list filters, pages and refuses what is not its own") {
  Fixture f;
  Events events;
  for (int n = 0; n < 7; ++n) events.AddCall(n, n * 60, true);
  int unreadable = 0;
  REQUIRE(ReportStore(*f.database).TakeBatch(events.Bus(), kStart + absl::Hours(1), &unreadable).ok());
  ReportQueries queries(*f.database);
  api::ListInteractionsRequest request;
  request.set_tenant_id("demo");
  request.set_page_size(3);
  std::vector<std::string> seen;
  do {
    api::ListInteractionsResponse page;
    REQUIRE(queries.List(request, &page).ok());
    for (const auto& r : page.interactions()) seen.push_back(r.interaction_id());
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  CHECK(seen == std::vector<std::string>{"i6", "i5", "i4", "i3", "i2", "i1", "i0"});

  request.set_page_token("");
  request.mutable_filter()->set_number("1004");
  api::ListInteractionsResponse one;
  REQUIRE(queries.List(request, &one).ok());
  CHECK(one.interactions_size() == 1);
  request.mutable_filter()->set_number("%");
  api::ListInteractionsResponse none;
  REQUIRE(queries.List(request, &none).ok());
  CHECK(none.interactions_size() == 0);

  request.set_tenant_id("other");
  request.mutable_filter()->clear_number();
  api::ListInteractionsResponse foreign;
  REQUIRE(queries.List(request, &foreign).ok());
  CHECK(foreign.interactions_size() == 0);
  request.set_page_token("nonsense");
  CHECK(absl::IsInvalidArgument(queries.List(request, &foreign)));
}

TEST_CASE("an event that cannot be read is counted and stops nothing") {
  Fixture f;
  Events events;
  events.AddCall(1, 0, true);
  auto batch = events.Bus();
  BusEvent poison;
  poison.id = "poison";
  poison.payload = "\xff\xff\xff not a message";
  batch.insert(batch.begin(), poison);
  int unreadable = 0;
  REQUIRE(ReportStore(*f.database).TakeBatch(batch, kStart + absl::Hours(1), &unreadable).ok());
  CHECK(unreadable == 1);
  CHECK(f.Summary().totals(0).answered() == 1);
}

}  // namespace zvon::reporting
