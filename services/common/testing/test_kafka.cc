#include "services/common/testing/test_kafka.h"

#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

#include <cstdlib>

namespace zvon {

struct TestKafka::Impl {
  rd_kafka_t* handle = nullptr;
  rd_kafka_mock_cluster_t* cluster = nullptr;
  int brokers = 0;
};

TestKafka::TestKafka(int brokers) : impl_(std::make_unique<Impl>()) {
  char error[256];
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  rd_kafka_conf_set(conf, "log_level", "0", error, sizeof(error));
  impl_->handle = rd_kafka_new(RD_KAFKA_PRODUCER, conf, error, sizeof(error));
  if (impl_->handle == nullptr) abort();
  impl_->brokers = brokers;
  impl_->cluster = rd_kafka_mock_cluster_new(impl_->handle, brokers);
  if (impl_->cluster == nullptr) abort();
}

TestKafka::~TestKafka() {
  rd_kafka_mock_cluster_destroy(impl_->cluster);
  rd_kafka_destroy(impl_->handle);
}

std::string TestKafka::brokers() const { return rd_kafka_mock_cluster_bootstraps(impl_->cluster); }

void TestKafka::CreateTopic(const std::string& topic, int partitions) {
  rd_kafka_mock_topic_create(impl_->cluster, topic.c_str(), partitions, impl_->brokers);
}

void TestKafka::SetDown(bool down) {
  for (int id = 1; id <= impl_->brokers; ++id) {
    if (down) {
      rd_kafka_mock_broker_set_down(impl_->cluster, id);
    } else {
      rd_kafka_mock_broker_set_up(impl_->cluster, id);
    }
  }
}

void TestKafka::FailNextProduceFatally() {
  constexpr int16_t kProduce = 0;
  rd_kafka_mock_push_request_errors(impl_->cluster, kProduce, 1,
                                    RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH);
}

}  // namespace zvon
