#pragma once
// A server stream of bytes as the body of an answer: as fast as the client
// reads, no faster.

#include <functional>
#include <memory>
#include <utility>

#include "services/gateway/http/http_types.h"
#include "services/gateway/links/stream_reader.h"

namespace zvon::gateway {

// Writes `piece`, then all that follow. `left` is the number of bytes
// announced, -1 where none was; a stream that is shorter or breaks cuts the
// connection.
template <class Response>
void PumpBytes(std::shared_ptr<StreamReader<Response>> reader, std::shared_ptr<HttpReply> reply,
               std::string data, int64_t left) {
  if (left >= 0 && static_cast<int64_t>(data.size()) > left) data.resize(static_cast<size_t>(left));
  if (left >= 0) left -= static_cast<int64_t>(data.size());
  HttpReply& to = *reply;
  to.Write(std::move(data), [reader, reply, left]() mutable {
    if (left == 0) {
      reader->Cancel();
      return reply->End();
    }
    reader->Read([reader, reply, left](Response* piece, const absl::Status& end) {
      if (piece != nullptr)
        return PumpBytes(reader, reply, std::move(*piece->mutable_data()), left);
      if (end.ok() && left < 0) return reply->End();
      reply->Abort();
    });
  });
}

}  // namespace zvon::gateway
