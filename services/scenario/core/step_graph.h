#pragma once
// The branches of a definition as a graph.

#include <set>
#include <string>
#include <vector>

#include "services/scenario/core/definition_types.h"

namespace zvon::scenario {

struct Edge {
  std::string field;   // "next", "choices[1]", "cases[0].next".
  std::string target;  // Never empty.
};

// Every branch of a step that names another.
std::vector<Edge> EdgesOf(const Step& step);
// True where entering the step can lead on without any event of the call:
// what loops are made of that would spin.
bool MayPassWithoutWait(const Step& step);
// Ids reachable from the start and the common error step.
std::set<std::string> ReachableSteps(const Definition& definition);
// Steps that stand on a cycle of steps which never wait, each with such a way.
std::set<std::string> SpinningSteps(const Definition& definition);

}  // namespace zvon::scenario
