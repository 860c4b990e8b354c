#pragma once
// Facts in and out: the ports. Adapters: kafka_publisher.h, kafka_consumer.h;
// in memory: memory_bus.h. All obey bus_contract_test.cc.

#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace zvon {

// One CloudEvent (Kafka binding 1.0, binary mode).
struct BusEvent {
  std::string topic;
  std::string key;          // Order is kept per key.
  std::string id;           // ce_id: UUIDv7; consumers are idempotent by it.
  std::string type;         // ce_type: "zvon.call.started".
  std::string source;       // ce_source: "signaling-0".
  absl::Time time;          // ce_time.
  std::string tenant_id;    // ce_tenantid.
  std::string traceparent;  // May be empty.
  std::string payload;      // application/protobuf. Empty = tombstone.
};

// Takes facts for delivery at least once, in order per key, through any
// outage of the broker and restart of the process. Thread-safe.
class Publisher {
 public:
  virtual ~Publisher() = default;
  // Returns when the event is safe from a crash of this process (spooled).
  // RESOURCE_EXHAUSTED where the spool is full: the caller goes on, the loss
  // is counted and alarmed. Takes microseconds; may be called on a loop.
  virtual absl::Status Publish(BusEvent event) = 0;
  // Events taken and not yet acknowledged by the broker.
  virtual size_t Pending() const = 0;
  // Waits until nothing is pending; false at the limit.
  virtual bool Flush(absl::Duration limit) = 0;
};

// Reads topics as a member of a group, at least once, in order per partition.
class Consumer {
 public:
  // Called on the consumer's own thread with 1..batch_max events of any
  // topics. OK = the offsets may be committed. An error = the same batch
  // comes again after a pause. Duplicates are possible: be idempotent by id.
  using Handler = std::function<absl::Status(const std::vector<BusEvent>& batch)>;
  virtual ~Consumer() = default;
  // Stops after the batch under way.
  virtual void Stop() = 0;
  // Events between the last committed offset and the topics' ends.
  virtual int64_t Lag() const = 0;
};

}  // namespace zvon
