#pragma once
// One page's session: outlives its socket for a while, so that a reconnect
// resumes it.

#include <deque>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "services/common/executor/task_runner.h"
#include "services/gateway/core/answered_requests.h"
#include "services/gateway/core/error_text.h"
#include "services/gateway/core/replay_buffer.h"
#include "services/gateway/http/http_types.h"
#include "services/gateway/links/session_cache.h"

namespace zvon::gateway {

// Runner thread only. What cannot be sent now is kept (events), or said when
// it is asked again (responses).
class ClientSession {
 public:
  // Close codes of ours.
  static constexpr uint16_t kUnauthenticated = 4401;
  static constexpr uint16_t kSlow = 4408;
  static constexpr uint16_t kReplaced = 4409;
  // Bytes a client may leave unread before it is cut off.
  static constexpr size_t kQueueBytesMax = 1024 * 1024;

  ClientSession(std::string id_in, UserSession user_in, Language language_in, bool agent_in)
      : id(std::move(id_in)), user(std::move(user_in)), language(language_in), agent(agent_in) {}

  // {"liveAgent":{…}}: numbered, kept and sent.
  void SendEvent(const std::shared_ptr<const std::string>& body);
  // Unnumbered.
  void SendNow(const std::string& frame);
  // Answers a request and remembers the answer.
  void Respond(const std::string& request_id, const absl::Status& status,
               const std::string& call_id = "");
  void CloseSocket(uint16_t code, const std::string& reason);

  const std::string id;
  UserSession user;
  Language language;
  // Signed in to take interactions, or only looking.
  bool agent;
  bool watches_live = false;
  std::shared_ptr<Socket> socket;  // Null between two connections.
  ReplayBuffer replay;
  AnsweredRequests requests;
  TimerId expiry = 0;  // Running while there is no socket.

 private:
  void Write(std::string frame);
};

// {"response":{"id":…,"error":{…},"callId":…}}
std::string ResponseFrame(const std::string& request_id, const absl::Status& status,
                          Language language, const std::string& call_id = "");

}  // namespace zvon::gateway
