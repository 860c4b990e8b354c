#pragma once
// Knows the gRPC calls under way, so that the gateway can end them all
// before what they would report to is gone.

#include <condition_variable>
#include <mutex>
#include <set>

#include "grpcpp/grpcpp.h"

namespace zvon::gateway {

// Thread-safe.
class CallTracker {
 public:
  // False once Stop was called: the call must not be started.
  bool Add(grpc::ClientContext* context) {
    std::lock_guard lock(mutex_);
    if (stopped_) return false;
    calls_.insert(context);
    return true;
  }
  void Remove(grpc::ClientContext* context) {
    std::lock_guard lock(mutex_);
    calls_.erase(context);
    if (calls_.empty()) idle_.notify_all();
  }
  // Cancels all and waits for their ends; cancelling is prompt in gRPC.
  void Stop() {
    std::unique_lock lock(mutex_);
    stopped_ = true;
    for (grpc::ClientContext* context : calls_) context->TryCancel();
    idle_.wait(lock, [this] { return calls_.empty(); });
  }

 private:
  std::mutex mutex_;
  std::condition_variable idle_;
  std::set<grpc::ClientContext*> calls_;
  bool stopped_ = false;
};

}  // namespace zvon::gateway
