#pragma once
// Carries announced changes from the outbox table to the compacted topic.

#include <condition_variable>
#include <mutex>
#include <thread>

#include "services/common/bus/bus.h"
#include "services/common/db/database.h"
#include "services/directory/server/probe.h"

namespace zvon::directory {

// One replica at a time publishes (an advisory lock says which). Rows are
// deleted once the broker has them; a crash between the two publishes them
// again, with the same event id and in the same order.
class OutboxRelay {
 public:
  static constexpr char kTopic[] = "zvon.directory.v1";
  OutboxRelay(Database& database, Publisher& publisher, std::string source, DirectoryProbe& probe);
  // Stops within the time of one batch (10 s at most).
  ~OutboxRelay();
  // There is something new.
  void Wake();

 private:
  void Run();
  // True when there may be more.
  absl::StatusOr<bool> PublishBatch();

  Database& database_;
  Publisher& publisher_;
  const std::string source_;
  DirectoryProbe& probe_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool news_ = true, stopping_ = false;
  std::thread thread_;
};

}  // namespace zvon::directory
