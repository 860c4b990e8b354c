#include <librdkafka/rdkafka.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>
#include <set>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "services/common/bus/kafka_bus.h"
#include "services/common/bus/kafka_config.h"
#include "services/common/telemetry/log.h"

namespace zvon {
namespace {

constexpr int kMetadataLimitMs = 2000;
constexpr absl::Duration kLagPeriod = absl::Seconds(1), kDiscoveryPeriod = absl::Seconds(10);

struct MessageDeleter {
  void operator()(rd_kafka_message_t* message) const { rd_kafka_message_destroy(message); }
};
using MessagePtr = std::unique_ptr<rd_kafka_message_t, MessageDeleter>;

struct ListDeleter {
  void operator()(rd_kafka_topic_partition_list_t* list) const {
    rd_kafka_topic_partition_list_destroy(list);
  }
};
using ListPtr = std::unique_ptr<rd_kafka_topic_partition_list_t, ListDeleter>;

using Partition = std::pair<std::string, int32_t>;

// One thread: polls a batch, hands it to the handler, commits its offsets.
class KafkaConsumer final : public Consumer {
 public:
  KafkaConsumer(KafkaConsumerOptions options, Handler handler)
      : options_(std::move(options)), handler_(std::move(handler)) {}
  ~KafkaConsumer() override { Stop(); }

  absl::Status Start() {
    const std::string group = options_.from_beginning ? "zvon-none" : options_.group;
    auto config = MakeKafkaConfig(options_.kafka, {{"group.id", group},
                                                   {"enable.auto.commit", "false"},
                                                   {"enable.auto.offset.store", "false"},
                                                   {"auto.offset.reset", "earliest"},
                                                   {"allow.auto.create.topics", "true"},
                                                   {"topic.metadata.refresh.interval.ms", "10000"},
                                                   {"session.timeout.ms", "10000"},
                                                   {"reconnect.backoff.ms", "50"},
                                                   {"reconnect.backoff.max.ms", "1000"},
                                                   {"queued.max.messages.kbytes", "32768"},
                                                   {"fetch.wait.max.ms", "100"}});
    if (!config.ok()) return config.status();
    rd_kafka_conf_set_opaque(*config, this);
    rd_kafka_conf_set_rebalance_cb(*config, OnRebalance);
    rd_kafka_conf_set_error_cb(*config, OnError);
    char error[512];
    client_ = rd_kafka_new(RD_KAFKA_CONSUMER, *config, error, sizeof(error));
    if (client_ == nullptr) {
      rd_kafka_conf_destroy(*config);
      return absl::InternalError(absl::StrCat("cannot make a Kafka consumer: ", error));
    }
    rd_kafka_poll_set_consumer(client_);
    if (!options_.from_beginning) Subscribe();
    thread_ = std::thread([this] { Run(); });
    return absl::OkStatus();
  }

  void Stop() override {
    {
      std::lock_guard<std::mutex> lock(mutex_);
      stopping_ = true;
      changed_.notify_all();
    }
    if (thread_.joinable()) thread_.join();
  }

  int64_t Lag() const override { return lag_.load(); }

 private:
  void Subscribe() {
    ListPtr topics(rd_kafka_topic_partition_list_new(static_cast<int>(options_.topics.size())));
    for (const std::string& topic : options_.topics) {
      rd_kafka_topic_partition_list_add(topics.get(), topic.c_str(), RD_KAFKA_PARTITION_UA);
    }
    rd_kafka_subscribe(client_, topics.get());
  }

  static void OnError(rd_kafka_t*, int error, const char* reason, void*) {
    LogWarning("kafka consumer",
               {{"error", rd_kafka_err2name(static_cast<rd_kafka_resp_err_t>(error))},
                {"reason", reason}});
  }

  // On the consumer thread, within a poll.
  static void OnRebalance(rd_kafka_t* client, rd_kafka_resp_err_t error,
                          rd_kafka_topic_partition_list_t* partitions, void* opaque) {
    auto* self = static_cast<KafkaConsumer*>(opaque);
    // A batch in hand is given up; its events come again to the next owner.
    self->revoked_ = true;
    self->next_.clear();
    if (error == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS) {
      rd_kafka_assign(client, partitions);
      self->paused_ = false;
    } else {
      rd_kafka_assign(client, nullptr);
    }
  }

  bool Stopping() {
    std::lock_guard<std::mutex> lock(mutex_);
    return stopping_;
  }

  void Run() {
    absl::Time next_lag = absl::InfinitePast(), next_discovery = absl::InfinitePast();
    while (!Stopping()) {
      if (options_.from_beginning && absl::Now() >= next_discovery) {
        AssignNewPartitions();
        next_discovery =
            absl::Now() + (assigned_.empty() ? absl::Milliseconds(200) : kDiscoveryPeriod);
      }
      std::vector<BusEvent> batch;
      std::map<Partition, int64_t> ends;
      PollBatch(&batch, &ends);
      if (!batch.empty() && Handle(batch)) Commit(ends);
      if (absl::Now() >= next_lag) {
        MeasureLag();
        next_lag = absl::Now() + kLagPeriod;
      }
    }
    rd_kafka_consumer_close(client_);
    rd_kafka_destroy(client_);
  }

  void AssignNewPartitions() {
    ListPtr fresh(rd_kafka_topic_partition_list_new(8));
    for (const std::string& topic : options_.topics) {
      rd_kafka_topic_t* handle = rd_kafka_topic_new(client_, topic.c_str(), nullptr);
      const rd_kafka_metadata_t* metadata = nullptr;
      if (rd_kafka_metadata(client_, 0, handle, &metadata, kMetadataLimitMs) == 0) {
        AddNew(*metadata, fresh.get());
        rd_kafka_metadata_destroy(metadata);
      }
      rd_kafka_topic_destroy(handle);
    }
    if (fresh->cnt == 0) return;
    if (rd_kafka_error_t* error = rd_kafka_incremental_assign(client_, fresh.get());
        error != nullptr) {
      LogWarning("cannot assign partitions", {{"error", rd_kafka_error_string(error)}});
      rd_kafka_error_destroy(error);
      return;
    }
    for (int i = 0; i < fresh->cnt; ++i) {
      assigned_.insert({fresh->elems[i].topic, fresh->elems[i].partition});
    }
  }

  void AddNew(const rd_kafka_metadata_t& metadata, rd_kafka_topic_partition_list_t* fresh) {
    for (int t = 0; t < metadata.topic_cnt; ++t) {
      const rd_kafka_metadata_topic_t& topic = metadata.topics[t];
      for (int p = 0; p < topic.partition_cnt; ++p) {
        if (assigned_.count({topic.topic, p}) != 0) continue;
        rd_kafka_topic_partition_list_add(fresh, topic.topic, p)->offset =
            RD_KAFKA_OFFSET_BEGINNING;
      }
    }
  }

  // Up to batch_max events; returns at the first pause after one came.
  void PollBatch(std::vector<BusEvent>* batch, std::map<Partition, int64_t>* ends) {
    const absl::Time deadline = absl::Now() + options_.batch_wait;
    int wait_ms = static_cast<int>(absl::ToInt64Milliseconds(options_.batch_wait));
    revoked_ = false;
    while (static_cast<int>(batch->size()) < options_.batch_max) {
      MessagePtr message(rd_kafka_consumer_poll(client_, batch->empty() ? wait_ms : 0));
      if (revoked_) {
        batch->clear();
        ends->clear();
        revoked_ = false;
      }
      if (message == nullptr) {
        if (!batch->empty() || absl::Now() >= deadline) return;
        continue;
      }
      if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) continue;  // Told by OnError as well.
      batch->push_back(ToBusEvent(*message));
      (*ends)[{rd_kafka_topic_name(message->rkt), message->partition}] = message->offset + 1;
    }
  }

  // Tries the same batch until the handler takes it. False where it is given
  // up: the process stops or the partitions have gone to another member.
  bool Handle(const std::vector<BusEvent>& batch) {
    while (true) {
      absl::Status done = handler_(batch);
      if (done.ok()) return true;
      LogWarning("events could not be handled, trying again",
                 {{"group", options_.group},
                  {"events", batch.size()},
                  {"error", std::string(done.message())}});
      if (!PauseStaying()) return false;
    }
  }

  // Waits, and polls meanwhile so that the group does not think us dead.
  bool PauseStaying() {
    SetPaused(true);
    const absl::Time deadline = absl::Now() + options_.retry_pause;
    while (absl::Now() < deadline && !revoked_) {
      MessagePtr none(rd_kafka_consumer_poll(client_, 20));
      if (Stopping()) return false;
    }
    SetPaused(false);
    return !revoked_;
  }

  void SetPaused(bool paused) {
    if (paused == paused_) return;
    rd_kafka_topic_partition_list_t* raw = nullptr;
    if (rd_kafka_assignment(client_, &raw) != RD_KAFKA_RESP_ERR_NO_ERROR) return;
    ListPtr partitions(raw);
    if (paused) {
      rd_kafka_pause_partitions(client_, partitions.get());
    } else {
      rd_kafka_resume_partitions(client_, partitions.get());
    }
    paused_ = paused;
  }

  void Commit(const std::map<Partition, int64_t>& ends) {
    ListPtr offsets(rd_kafka_topic_partition_list_new(static_cast<int>(ends.size())));
    for (const auto& [partition, offset] : ends) {
      rd_kafka_topic_partition_list_add(offsets.get(), partition.first.c_str(), partition.second)
          ->offset = offset;
      next_[partition] = offset;
    }
    if (!options_.from_beginning) rd_kafka_commit(client_, offsets.get(), /*async=*/1);
  }

  void MeasureLag() {
    rd_kafka_topic_partition_list_t* raw = nullptr;
    if (rd_kafka_assignment(client_, &raw) != RD_KAFKA_RESP_ERR_NO_ERROR) return;
    ListPtr partitions(raw);
    int64_t lag = 0;
    for (int i = 0; i < partitions->cnt; ++i) {
      const rd_kafka_topic_partition_t& p = partitions->elems[i];
      int64_t low = 0, high = 0;
      if (rd_kafka_get_watermark_offsets(client_, p.topic, p.partition, &low, &high) != 0) continue;
      auto done = next_.find({p.topic, p.partition});
      // Nothing read yet since the partition came to us: it stands at its commit.
      if (done == next_.end() || high < 0) continue;
      lag += std::max<int64_t>(0, high - done->second);
    }
    lag_.store(lag);
  }

  const KafkaConsumerOptions options_;
  Handler handler_;
  rd_kafka_t* client_ = nullptr;

  // Of the consumer thread.
  bool revoked_ = false, paused_ = false;
  std::set<Partition> assigned_;
  std::map<Partition, int64_t> next_;  // Offset behind the last event handled.

  std::atomic<int64_t> lag_{0};
  std::mutex mutex_;
  std::condition_variable changed_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Consumer>> MakeKafkaConsumer(KafkaConsumerOptions options,
                                                            Consumer::Handler handler) {
  if (options.group.empty() && !options.from_beginning) {
    return absl::InvalidArgumentError("a Kafka consumer needs a group");
  }
  auto consumer = std::make_unique<KafkaConsumer>(std::move(options), std::move(handler));
  absl::Status started = consumer->Start();
  if (!started.ok()) return started;
  return consumer;
}

}  // namespace zvon
