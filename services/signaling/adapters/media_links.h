#pragma once
// Streams to the media processes, one each. Loop thread only.

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "services/common/executor/task_runner.h"
#include "services/signaling/core/call_inputs.h"
#include "services/signaling/ports/call_ports.h"

namespace zvon::signaling {

class MediaLinks final : public MediaPort {
 public:
  struct Handlers {
    std::function<void(const std::string& call_id, CallInput)> on_input;
    // The stream to `node` broke.
    std::function<void(const std::string& node)> on_down;
    // It is up again and holds these calls, maybe among others'.
    std::function<void(const std::string& node, const absl::flat_hash_set<std::string>& calls)>
        on_census;
  };
  MediaLinks(TaskRunner& runner, std::vector<std::string> addresses, Handlers handlers);
  ~MediaLinks() override;
  void Start();
  bool Send(const CallState& call, const MediaOrder& order) override;
  std::string Pick(const std::string& but) const override;
  bool any_up() const;
  // Asks every node that is up which calls it holds; on_census follows.
  void AskCensus();

 private:
  struct Link;
  void OnEvent(Link& link, const void* event);
  TaskRunner& runner_;
  Handlers handlers_;
  std::vector<std::unique_ptr<Link>> links_;
};

}  // namespace zvon::signaling
