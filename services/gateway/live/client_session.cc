#include "services/gateway/live/client_session.h"

#include <utility>

#include "services/common/telemetry/log.h"
#include "services/gateway/live/json.h"

namespace zvon::gateway {

void ClientSession::SendEvent(const std::shared_ptr<const std::string>& body) {
  ReplayBuffer::Event event = replay.Add(body);
  if (socket) Write(NumberedFrame(event));
}

void ClientSession::SendNow(const std::string& frame) {
  if (socket) Write(frame);
}

void ClientSession::Respond(const std::string& request_id, const absl::Status& status,
                            const std::string& call_id) {
  if (request_id.empty()) return;  // The client does not want an answer.
  std::string frame = ResponseFrame(request_id, status, language, call_id);
  requests.Finish(request_id, frame);
  SendNow(frame);
}

void ClientSession::CloseSocket(uint16_t code, const std::string& reason) {
  if (!socket) return;
  // Forgotten first: its end must not start the session's expiry.
  std::shared_ptr<Socket> closing = std::move(socket);
  socket = nullptr;
  closing->Close(code, reason);
}

void ClientSession::Write(std::string frame) {
  if (socket->queued_bytes() + frame.size() > kQueueBytesMax) {
    LogWarning("slow client is cut off",
               {{"tenant_id", user.tenant_id},
                {"user_id", user.user_id},
                {"queued_bytes", static_cast<int64_t>(socket->queued_bytes())}});
    // The socket's end leads to the usual wait for a resumption.
    socket->Close(kSlow, "the client does not read");
    return;
  }
  socket->Send(std::move(frame));
}

std::string ResponseFrame(const std::string& request_id, const absl::Status& status,
                          Language language, const std::string& call_id) {
  std::string frame = "{\"response\":{\"id\":" + JsonString(request_id);
  if (!status.ok()) {
    frame += ",\"error\":{\"code\":\"" + std::string(CodeName(status.code())) + "\"";
    if (std::string field = FieldOf(status); !field.empty())
      frame += ",\"field\":" + JsonString(field);
    frame += ",\"text\":" + JsonString(ErrorText(status, language)) + "}";
  }
  if (!call_id.empty()) frame += ",\"callId\":" + JsonString(call_id);
  return frame + "}}";
}

}  // namespace zvon::gateway
