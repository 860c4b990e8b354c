#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <set>
#include <thread>

#include "absl/strings/str_cat.h"
#include "services/common/bus/event_codec.h"
#include "services/common/bus/kafka_bus.h"
#include "services/common/bus/kafka_config.h"
#include "services/common/bus/spool.h"
#include "services/common/telemetry/log.h"

namespace zvon {
namespace {

// Most events handed to librdkafka and not yet acknowledged.
constexpr size_t kInFlightMax = 20'000;
constexpr std::chrono::milliseconds kPauseMin(50), kPauseMax(5000);
// Bound of the destructor: what is not acknowledged by then stays spooled.
constexpr int kCloseLimitMs = 2000;

struct InFlight {
  SpoolPosition end;
  bool acknowledged = false;
};

// The caller's thread appends to the spool; one producer thread reads the
// spool in order, hands records to librdkafka and drops what the broker has
// acknowledged. A restart, a fatal error and a replay are thus one case: read
// again from the first record that was not acknowledged.
class KafkaPublisher final : public Publisher {
 public:
  KafkaPublisher(KafkaPublisherOptions options, std::unique_ptr<Spool> spool)
      : options_(std::move(options)),
        spool_(std::move(spool)),
        cursor_(spool_->Begin()),
        settled_end_(cursor_),
        pending_(spool_->records_found()) {}

  ~KafkaPublisher() override {
    {
      std::lock_guard<std::mutex> lock(mutex_);
      stopping_ = true;
      changed_.notify_all();
    }
    if (thread_.joinable()) thread_.join();
  }

  absl::Status Start() {
    absl::Status made = MakeProducer();
    if (made.ok()) thread_ = std::thread([this] { Run(); });
    return made;
  }

  absl::Status Publish(BusEvent event) override {
    const std::string record = EncodeEvent(event);
    // Counted first, so that an acknowledgement never makes it negative.
    pending_.fetch_add(1);
    absl::Status appended = spool_->Append(record);
    if (!appended.ok()) {
      pending_.fetch_sub(1);
      return appended;
    }
    std::lock_guard<std::mutex> lock(mutex_);
    news_ = true;
    if (idle_) changed_.notify_all();
    return appended;
  }

  size_t Pending() const override { return pending_.load(); }

  bool Flush(absl::Duration limit) override {
    std::unique_lock<std::mutex> lock(mutex_);
    return flushed_.wait_for(lock, absl::ToChronoMilliseconds(limit),
                             [this] { return pending_.load() == 0; });
  }

 private:
  using Sequence = uint64_t;

  absl::Status MakeProducer() {
    auto config =
        MakeKafkaConfig(options_.kafka, {{"enable.idempotence", "true"},
                                         {"acks", "all"},
                                         // Events wait for the broker for ever: in the spool.
                                         {"message.timeout.ms", "0"},
                                         {"partitioner", "murmur2_random"},
                                         {"linger.ms", "2"},
                                         {"compression.codec", "lz4"},
                                         {"reconnect.backoff.ms", "50"},
                                         {"reconnect.backoff.max.ms", "1000"},
                                         {"queue.buffering.max.kbytes", "65536"}});
    if (!config.ok()) return config.status();
    rd_kafka_conf_set_opaque(*config, this);
    rd_kafka_conf_set_dr_msg_cb(*config, OnDelivery);
    rd_kafka_conf_set_error_cb(*config, OnError);
    char error[512];
    producer_ = rd_kafka_new(RD_KAFKA_PRODUCER, *config, error, sizeof(error));
    if (producer_ != nullptr) return absl::OkStatus();
    rd_kafka_conf_destroy(*config);
    return absl::InternalError(absl::StrCat("cannot make a Kafka producer: ", error));
  }

  // Callbacks run within rd_kafka_poll, thus on the producer thread.
  static void OnDelivery(rd_kafka_t*, const rd_kafka_message_t* message, void* opaque) {
    static_cast<KafkaPublisher*>(opaque)->Delivered(reinterpret_cast<Sequence>(message->_private),
                                                    message->err);
  }
  static void OnError(rd_kafka_t* producer, int error, const char* reason, void* opaque) {
    if (error == RD_KAFKA_RESP_ERR__FATAL) static_cast<KafkaPublisher*>(opaque)->broken_ = true;
    LogWarning("kafka producer",
               {{"error", rd_kafka_err2name(static_cast<rd_kafka_resp_err_t>(error))},
                {"reason", reason}});
  }

  // No broker will ever take it: keeping it would stop all that follow.
  static bool Hopeless(rd_kafka_resp_err_t error) {
    return error == RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE ||
           error == RD_KAFKA_RESP_ERR_INVALID_MSG || error == RD_KAFKA_RESP_ERR_INVALID_RECORD ||
           error == RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION;
  }

  void Delivered(Sequence sequence, rd_kafka_resp_err_t error) {
    if (sequence < first_ || sequence >= first_ + in_flight_.size()) return;
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR) {
      if (!Hopeless(error)) {
        broken_ = true;
        last_error_ = error;
        return;
      }
      LogError("event refused by Kafka and dropped", {{"error", rd_kafka_err2str(error)}});
    }
    in_flight_[sequence - first_].acknowledged = true;
  }

  void Run() {
    while (true) {
      {
        std::unique_lock<std::mutex> lock(mutex_);
        if (stopping_) break;
        idle_ = true;
        changed_.wait_for(
            lock, in_flight_.empty() ? std::chrono::milliseconds(500) : poll_pause_,
            [this] { return stopping_ || (news_ && in_flight_.size() < kInFlightMax); });
        idle_ = false;
        news_ = false;
      }
      ProduceAll();
      rd_kafka_poll(producer_, more_ ? 10 : 0);
      Settle();
      if (broken_) StartAgain();
    }
    rd_kafka_flush(producer_, kCloseLimitMs);
    Settle();
    DestroyProducer();
  }

  void ProduceAll() {
    std::string record;
    while (!broken_ && in_flight_.size() < kInFlightMax) {
      SpoolPosition next = cursor_;
      if (!spool_->Read(&next, &record)) {
        cursor_ = next;  // It may have moved on to an empty file.
        return;
      }
      const bool done_before = skip_.erase(next) > 0;
      BusEvent event;
      bool taken = true;
      if (!done_before && DecodeEvent(record, &event)) taken = Produce(event);
      if (!taken) {
        more_ = true;
        return;
      }
      const bool sent = !done_before && !event.topic.empty();
      in_flight_.push_back({next, !sent});
      cursor_ = next;
      if (in_flight_.size() % 1000 == 0) rd_kafka_poll(producer_, 0);
    }
  }

  // False where librdkafka's own queue is full: later again.
  bool Produce(const BusEvent& event) {
    const Sequence sequence = first_ + in_flight_.size();
    rd_kafka_headers_t* headers = MakeEventHeaders(event);
    void* payload = event.payload.empty() ? nullptr : const_cast<char*>(event.payload.data());
    const rd_kafka_resp_err_t error = rd_kafka_producev(
        producer_, RD_KAFKA_V_TOPIC(event.topic.c_str()), RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
        RD_KAFKA_V_KEY(event.key.data(), event.key.size()),
        RD_KAFKA_V_VALUE(payload, event.payload.size()),
        RD_KAFKA_V_TIMESTAMP(std::max<int64_t>(1, absl::ToUnixMillis(event.time))),
        RD_KAFKA_V_HEADERS(headers), RD_KAFKA_V_OPAQUE(reinterpret_cast<void*>(sequence)),
        RD_KAFKA_V_END);
    if (error == RD_KAFKA_RESP_ERR_NO_ERROR) return true;
    rd_kafka_headers_destroy(headers);
    if (Hopeless(error)) {
      LogError("event refused by Kafka and dropped",
               {{"topic", event.topic}, {"id", event.id}, {"error", rd_kafka_err2str(error)}});
      refused_.insert(sequence);
      return true;
    }
    if (error != RD_KAFKA_RESP_ERR__QUEUE_FULL) broken_ = true;
    return false;
  }

  // Drops from the front what the broker has.
  void Settle() {
    for (Sequence sequence : refused_) in_flight_[sequence - first_].acknowledged = true;
    refused_.clear();
    size_t settled = 0;
    SpoolPosition end;
    while (!in_flight_.empty() && in_flight_.front().acknowledged) {
      end = in_flight_.front().end;
      in_flight_.pop_front();
      ++first_;
      ++settled;
    }
    if (settled > 0) {
      settled_end_ = end;
      spool_->DropBefore(end);
      pause_ = kPauseMin;
    }
    poll_pause_ = settled > 0 ? kPollMin : std::min(poll_pause_ * 2, kPollMax);
    const size_t left = pending_.fetch_sub(settled) - settled;
    if (settled > 0 && left == 0) {
      spool_->Trim();
      std::lock_guard<std::mutex> lock(mutex_);
      flushed_.notify_all();
    }
    // There is room again, or librdkafka's queue was full.
    if (settled > 0 || more_) {
      more_ = false;
      std::lock_guard<std::mutex> lock(mutex_);
      news_ = true;
    }
  }

  // After a fatal or a lasting error: a new producer, and everything that was
  // not acknowledged again, in order.
  void StartAgain() {
    LogWarning("kafka producer is made anew",
               {{"unacknowledged", in_flight_.size()}, {"error", rd_kafka_err2str(last_error_)}});
    DestroyProducer();
    for (const InFlight& record : in_flight_) {
      if (record.acknowledged) skip_.insert(record.end);
    }
    cursor_ = settled_end_;
    first_ += in_flight_.size();  // Late reports of the old ones match nothing.
    in_flight_.clear();
    {
      std::unique_lock<std::mutex> lock(mutex_);
      changed_.wait_for(lock, pause_, [this] { return stopping_; });
      news_ = true;
    }
    pause_ = std::min(pause_ * 2, kPauseMax);
    broken_ = false;
    if (!MakeProducer().ok()) abort();  // The same options were good before.
  }

  void DestroyProducer() {
    rd_kafka_purge(producer_, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT |
                                  RD_KAFKA_PURGE_F_NON_BLOCKING);
    rd_kafka_poll(producer_, 0);
    rd_kafka_destroy(producer_);
    producer_ = nullptr;
  }

  static constexpr std::chrono::milliseconds kPollMin{2}, kPollMax{50};
  const KafkaPublisherOptions options_;
  std::unique_ptr<Spool> spool_;

  // Of the producer thread.
  rd_kafka_t* producer_ = nullptr;
  SpoolPosition cursor_;       // Behind the last record handed over.
  SpoolPosition settled_end_;  // Behind the last record dropped.
  std::deque<InFlight> in_flight_;
  Sequence first_ = 1;  // Sequence of in_flight_.front().
  std::set<SpoolPosition> skip_;
  std::set<Sequence> refused_;
  bool broken_ = false, more_ = false;
  rd_kafka_resp_err_t last_error_ = RD_KAFKA_RESP_ERR_NO_ERROR;
  std::chrono::milliseconds pause_ = kPauseMin, poll_pause_ = kPollMin;

  std::atomic<size_t> pending_;
  std::mutex mutex_;
  std::condition_variable changed_, flushed_;
  bool news_ = true, idle_ = false, stopping_ = false;
  std::thread thread_;
};

}  // namespace

void KafkaSettings::BindTo(SettingsReader& reader) {
  reader.Bind("kafka.brokers", &brokers, "Kafka brokers, host:port, comma-separated");
  reader.Bind("kafka.config", &config, "More options for librdkafka, name=value each");
}

absl::StatusOr<std::unique_ptr<Publisher>> MakeKafkaPublisher(KafkaPublisherOptions options) {
  auto spool = Spool::Open({.folder = options.spool_dir, .bytes_max = options.spool_bytes_max});
  if (!spool.ok()) return spool.status();
  auto publisher = std::make_unique<KafkaPublisher>(std::move(options), std::move(*spool));
  absl::Status started = publisher->Start();
  if (!started.ok()) return started;
  return publisher;
}

}  // namespace zvon
