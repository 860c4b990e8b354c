#include "services/directory/server/outbox_relay.h"

#include "absl/strings/str_cat.h"
#include "services/common/telemetry/log.h"

namespace zvon::directory {
namespace {

constexpr int kBatch = 200;
constexpr absl::Duration kFlushLimit = absl::Seconds(5);
constexpr std::chrono::seconds kRetryPause(1), kIdlePause(10);

}  // namespace

OutboxRelay::OutboxRelay(Database& database, Publisher& publisher, std::string source,
                         DirectoryProbe& probe)
    : database_(database),
      publisher_(publisher),
      source_(std::move(source)),
      probe_(probe),
      thread_([this] { Run(); }) {}

OutboxRelay::~OutboxRelay() {
  {
    std::lock_guard<std::mutex> lock(mutex_);
    stopping_ = true;
    changed_.notify_all();
  }
  thread_.join();
}

void OutboxRelay::Wake() {
  std::lock_guard<std::mutex> lock(mutex_);
  news_ = true;
  changed_.notify_all();
}

void OutboxRelay::Run() {
  bool more = true, failed = false;
  while (true) {
    {
      std::unique_lock<std::mutex> lock(mutex_);
      if (failed) {
        changed_.wait_for(lock, kRetryPause, [this] { return stopping_; });
      } else if (!more) {
        changed_.wait_for(lock, kIdlePause, [this] { return stopping_ || news_; });
      }
      if (stopping_) return;
      news_ = false;
    }
    auto published = PublishBatch();
    failed = !published.ok();
    more = published.ok() && *published;
    if (failed) {
      probe_.PublishingFailed();
      LogWarning("directory's changes are not published yet",
                 {{"error", std::string(published.status().message())}});
    }
  }
}

absl::StatusOr<bool> OutboxRelay::PublishBatch() {
  // What an earlier try has handed over comes first.
  if (!publisher_.Flush(kFlushLimit)) return absl::UnavailableError("Kafka does not acknowledge");
  size_t count = 0;
  absl::Status status = database_.Transaction([&](DbSession& session) -> absl::Status {
    auto mine = session.Run("SELECT pg_try_advisory_xact_lock(hashtext('zvon.directory.outbox'))");
    if (!mine.ok()) return mine.status();
    if (!mine->rows.at(0).Bool(0)) return absl::OkStatus();
    auto rows = session.Run(
        "SELECT revision, event_id, create_time, tenant_id, name, payload FROM outbox "
        "ORDER BY revision LIMIT $1",
        {absl::StrCat(kBatch)});
    if (!rows.ok() || rows->rows.empty()) return rows.status();
    for (const DbRow& row : rows->rows) {
      BusEvent event;
      event.topic = kTopic;
      event.key = row.Text(4);
      event.id = row.Text(1);
      event.type = row.Bytes(5).empty() ? "zvon.directory.deleted" : "zvon.directory.changed";
      event.source = source_;
      event.time = row.Time(2);
      event.tenant_id = row.Text(3);
      event.payload = row.Bytes(5);
      absl::Status taken = publisher_.Publish(std::move(event));
      if (!taken.ok()) return taken;
    }
    if (!publisher_.Flush(kFlushLimit)) return absl::UnavailableError("Kafka does not acknowledge");
    count = rows->rows.size();
    return session.Run("DELETE FROM outbox WHERE revision <= $1", {rows->rows.back().Text(0)})
        .status();
  });
  if (!status.ok()) return status;
  probe_.Published(count);
  return count == static_cast<size_t>(kBatch);
}

}  // namespace zvon::directory
