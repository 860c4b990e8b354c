// Ends the run and the call: the empty branch does it.

#include "services/scenario/core/step_behavior.h"

namespace zvon::scenario {
namespace {

class HangUp final : public StepBehavior {
 public:
  void Enter(StepScope& scope) const override { scope.GoTo(""); }
};

}  // namespace

const StepBehavior& HangUpBehavior() {
  static const HangUp behavior;
  return behavior;
}

}  // namespace zvon::scenario
