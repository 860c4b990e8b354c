#include "services/scenario/core/step_graph.h"

#include <functional>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"

namespace zvon::scenario {
namespace {

void Add(std::vector<Edge>& edges, std::string field, const std::string& target) {
  if (!target.empty()) edges.push_back({std::move(field), target});
}

struct EdgeCollector {
  std::vector<Edge>& edges;
  void operator()(const MenuStep& s) const {
    for (const auto& [digit, next] : s.choices)
      Add(edges, absl::StrCat("choices[", digit, "]"), next);
    Add(edges, "timeout_next", s.timeout_next);
  }
  void operator()(const CollectStep& s) const { Add(edges, "timeout_next", s.timeout_next); }
  void operator()(const QueueStep& s) const {
    Add(edges, "timeout_next", s.timeout_next);
    Add(edges, "refused_next", s.refused_next);
  }
  void operator()(const BranchStep& s) const {
    for (size_t i = 0; i < s.cases.size(); ++i)
      Add(edges, absl::StrCat("cases[", i, "].next"), s.cases[i].next);
  }
  template <class Other>
  void operator()(const Other&) const {}
};

struct PassesWithoutWait {
  bool operator()(const AnswerStep&) const { return true; }  // Answered already.
  bool operator()(const PlayStep& s) const { return s.items.empty(); }
  bool operator()(const SetSkillsStep&) const { return true; }
  bool operator()(const BranchStep&) const { return true; }
  bool operator()(const SetVariableStep&) const { return true; }
  template <class Other>
  bool operator()(const Other&) const {
    return false;
  }
};

void Visit(const Definition& definition, const std::string& from, std::set<std::string>& seen) {
  std::vector<std::string> todo = {from};
  while (!todo.empty()) {
    const std::string id = std::move(todo.back());
    todo.pop_back();
    const Step* step = definition.Find(id);
    if (step == nullptr || !seen.insert(id).second) continue;
    for (const Edge& edge : EdgesOf(*step)) todo.push_back(edge.target);
  }
}

}  // namespace

std::vector<Edge> EdgesOf(const Step& step) {
  std::vector<Edge> edges;
  Add(edges, "next", step.next);
  Add(edges, "error_next", step.error_next);
  std::visit(EdgeCollector{edges}, step.kind);
  return edges;
}

bool MayPassWithoutWait(const Step& step) { return std::visit(PassesWithoutWait{}, step.kind); }

std::set<std::string> ReachableSteps(const Definition& definition) {
  std::set<std::string> seen;
  Visit(definition, definition.start_step, seen);
  Visit(definition, definition.error_step, seen);
  return seen;
}

std::set<std::string> SpinningSteps(const Definition& definition) {
  // Kahn's way: what is left after taking away every step without a
  // successor among the passing ones is on, or leads to, a cycle.
  std::map<std::string, std::set<std::string>> next, previous;
  for (const auto& [id, step] : definition.steps) {
    if (!MayPassWithoutWait(step)) continue;
    next[id];
    for (const Edge& edge : EdgesOf(step)) {
      const Step* target = definition.Find(edge.target);
      if (target == nullptr || !MayPassWithoutWait(*target)) continue;
      next[id].insert(edge.target);
      previous[edge.target].insert(id);
    }
  }
  std::vector<std::string> done;
  for (const auto& [id, targets] : next) {
    if (targets.empty()) done.push_back(id);
  }
  while (!done.empty()) {
    const std::string id = std::move(done.back());
    done.pop_back();
    next.erase(id);
    for (const std::string& before : previous[id]) {
      auto it = next.find(before);
      if (it != next.end() && it->second.erase(id) == 1 && it->second.empty())
        done.push_back(before);
    }
  }
  std::set<std::string> out;
  for (const auto& [id, targets] : next) out.insert(id);
  return out;
}

}  // namespace zvon::scenario
