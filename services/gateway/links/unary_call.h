#pragma once
// One request, one answer, on the runner.

#include <chrono>
#include <functional>
#include <memory>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "grpcpp/grpcpp.h"
#include "services/common/executor/task_runner.h"
#include "services/common/rpc/rpc_status.h"
#include "services/gateway/links/call_tracker.h"

namespace zvon::gateway {

template <class Response>
using Answer = std::function<void(absl::StatusOr<Response>)>;

// `start` is given (context, request, response, callback) and calls the
// stub's method of that form. `done` runs on the runner, once.
template <class Response, class Request, class Start>
void CallUnary(CallTracker& tracker, TaskRunner& runner, absl::Duration timeout, Request request,
               Start start, Answer<Response> done) {
  struct Call {
    grpc::ClientContext context;
    Request request;
    Response response;
    Answer<Response> done;
  };
  auto call = std::make_shared<Call>();
  call->request = std::move(request);
  call->done = std::move(done);
  call->context.set_deadline(std::chrono::system_clock::now() +
                             absl::ToChronoMilliseconds(timeout));
  if (!tracker.Add(&call->context)) return call->done(absl::CancelledError("stopping"));
  start(&call->context, &call->request, &call->response,
        [&tracker, &runner, call](const grpc::Status& status) {
          // A full mailbox drops the answer; the client's own time-out tells.
          (void)runner.Post([call, status] {
            if (status.ok()) return call->done(std::move(call->response));
            call->done(FromGrpc(status));
          });
          tracker.Remove(&call->context);
        });
}

}  // namespace zvon::gateway
