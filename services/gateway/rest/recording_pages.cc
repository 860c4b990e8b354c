// Recordings: lists, and their sound by range requests.

#include <algorithm>

#include "services/gateway/core/byte_range.h"
#include "services/gateway/core/permissions.h"
#include "services/gateway/live/json.h"
#include "services/gateway/rest/api_router.h"
#include "services/gateway/rest/download.h"

namespace zvon::gateway {
namespace {

using recording::v1::Recording;
using recordingservice::v1::GetRecordingRequest;
using recordingservice::v1::GetRecordingResponse;
using recordingservice::v1::ListRecordingsRequest;
using recordingservice::v1::ListRecordingsResponse;
using recordingservice::v1::ReadRecordingRequest;
using recordingservice::v1::ReadRecordingResponse;
using AudioReader = StreamReader<ReadRecordingResponse>;

bool TalksIn(const Recording& recording, const std::string& user_id) {
  return std::find(recording.agent_ids().begin(), recording.agent_ids().end(), user_id) !=
         recording.agent_ids().end();
}

bool MayListen(const UserSession& user, const Recording& recording) {
  if (MayDo(user.permissions, kListen)) return true;
  return MayDo(user.permissions, kListenOwn) && TalksIn(recording, user.user_id);
}

void ListOfInteraction(ApiContext& context, ApiCallPtr call) {
  ListRecordingsRequest request;
  request.set_tenant_id(call->user.tenant_id);
  request.set_interaction_id(call->path["id"]);
  ZVON_GATEWAY_CALL(context.backends, context.backends.recording.get(), ListRecordings,
                    ListRecordingsResponse, request,
                    [call](const absl::StatusOr<ListRecordingsResponse>& response) {
                      if (!response.ok()) return call->Error(response.status());
                      ListRecordingsResponse shown;
                      bool all = MayDo(call->user.permissions, kReadReports);
                      for (const Recording& one : response->recordings()) {
                        if (all || TalksIn(one, call->user.user_id)) *shown.add_recordings() = one;
                      }
                      call->Json(ToJson(shown));
                    });
}

// One request for sound: reads what was asked for; learns the whole length
// from the first frame, for a suffix or a range beyond the end by a frame of
// its own.
class AudioRequest : public std::enable_shared_from_this<AudioRequest> {
 public:
  AudioRequest(ApiContext& context, ApiCallPtr call, const Recording& recording)
      : context_(context), call_(std::move(call)), recording_(recording) {
    range_ = ParseRange(call_->request.Header("range"));
    if (call_->query.Get("format") == "wav") media_type_ = "audio/wav";
  }

  void Start() {
    if (range_.kind == RangeRequest::Kind::kSuffix) {
      return LearnTotal([self = shared_from_this()](int64_t total) { self->ReadResolved(total); });
    }
    int64_t length = range_.last < 0 ? 0 : range_.last - range_.first + 1;
    Read(range_.first, length);
  }

 private:
  std::shared_ptr<AudioReader> Open(int64_t offset, int64_t length) {
    auto reader =
        std::make_shared<AudioReader>(context_.backends.tracker, context_.backends.runner);
    request_.set_tenant_id(call_->user.tenant_id);
    request_.set_recording_id(recording_.recording_id());
    request_.set_user_id(call_->user.user_id);
    request_.set_offset(offset);
    request_.set_length(length);
    request_.set_media_type(media_type_);
    reader->Begin([&](grpc::ClientContext* c, auto* reactor) {
      context_.backends.recording->async()->ReadRecording(c, &request_, reactor);
    });
    call_->reply->OnGone([reader] { reader->Cancel(); });
    return reader;
  }
  void LearnTotal(std::function<void(int64_t)> then) {
    auto reader = Open(0, 1);
    reader->Read([self = shared_from_this(), reader, then](ReadRecordingResponse* piece,
                                                           const absl::Status& end) {
      if (piece == nullptr && !end.ok()) return self->call_->Error(end);
      reader->Cancel();
      then(piece == nullptr ? 0 : piece->total_bytes());
    });
  }
  void ReadResolved(int64_t total) {
    ByteRange range = ResolveRange(range_, total);
    if (!range.satisfiable) return Unsatisfiable(total);
    Read(range.first, range.length());
  }
  void Read(int64_t offset, int64_t length) {
    auto reader = Open(offset, length);
    reader->Read(
        [self = shared_from_this(), reader](ReadRecordingResponse* piece, const absl::Status& end) {
          if (piece != nullptr) return self->Answer(reader, piece);
          bool ranged = self->range_.kind != RangeRequest::Kind::kWhole;
          if (ranged && (end.ok() || absl::IsOutOfRange(end) || absl::IsInvalidArgument(end))) {
            return self->LearnTotal([self](int64_t total) { self->ReadResolvedOrRefuse(total); });
          }
          self->call_->Error(end.ok() ? absl::NotFoundError("the recording is empty") : end);
        });
  }
  // The service refused the range: say what there is, or give up.
  void ReadResolvedOrRefuse(int64_t total) {
    if (!ResolveRange(range_, total).satisfiable) return Unsatisfiable(total);
    call_->Error(absl::InternalError("the range was refused though it exists"));
  }
  void Answer(const std::shared_ptr<AudioReader>& reader, ReadRecordingResponse* piece) {
    int64_t total = piece->total_bytes();
    ByteRange range = ResolveRange(range_, total);
    if (!range.satisfiable) {
      reader->Cancel();
      return Unsatisfiable(total);
    }
    bool whole = range_.kind == RangeRequest::Kind::kWhole;
    HttpHead head{whole ? 200 : 206, piece->media_type(), AudioHeaders(piece->media_type()),
                  range.length()};
    if (!whole) head.headers.emplace_back("Content-Range", ContentRange(range, total));
    call_->Count(head.status);
    call_->reply->Begin(std::move(head));
    if (call_->request.method == "HEAD") {
      reader->Cancel();
      return call_->reply->End();
    }
    PumpBytes(reader, call_->reply, std::move(*piece->mutable_data()), range.length());
  }
  Headers AudioHeaders(const std::string& media_type) const {
    Headers headers = {{"Accept-Ranges", "bytes"},
                       {"Cache-Control", "private, no-cache"},
                       {"X-Content-Type-Options", "nosniff"}};
    if (!recording_.sha256().empty()) {
      headers.emplace_back("ETag", "\"" + recording_.sha256().substr(0, 32) +
                                       (media_type_.empty() ? "" : "-wav") + "\"");
    }
    if (call_->query.Get("download") == "1") {
      std::string ending = media_type == "audio/wav" ? ".wav" : ".ogg";
      headers.emplace_back("Content-Disposition",
                           "attachment; filename=\"" + recording_.recording_id() + ending + "\"");
    }
    return headers;
  }
  void Unsatisfiable(int64_t total) {
    HttpHead head{416, "application/json; charset=utf-8", ApiHeaders(), {}};
    head.headers.emplace_back("Content-Range", ContentRange({}, total));
    call_->Count(416);
    call_->reply->Send(std::move(head),
                       ErrorJson(absl::OutOfRangeError("the range is beyond the end"), "Range",
                                 call_->language, call_->request.id));
  }

  ApiContext& context_;
  const ApiCallPtr call_;
  const Recording recording_;
  ReadRecordingRequest request_;
  RangeRequest range_;
  std::string media_type_;
};

void Audio(ApiContext& context, ApiCallPtr call) {
  std::string format = call->query.Get("format");
  if (!format.empty() && format != "wav") {
    return call->Error(
        absl::InvalidArgumentError("format: expected wav, or none for the stored form"));
  }
  GetRecordingRequest request;
  request.set_tenant_id(call->user.tenant_id);
  request.set_recording_id(call->path["id"]);
  ZVON_GATEWAY_CALL(
      context.backends, context.backends.recording.get(), GetRecording, GetRecordingResponse,
      request, [&context, call](const absl::StatusOr<GetRecordingResponse>& response) {
        if (!response.ok()) return call->Error(response.status());
        if (!MayListen(call->user, response->recording())) {
          return call->Error(absl::PermissionDeniedError("you may not listen to this recording"));
        }
        std::make_shared<AudioRequest>(context, call, response->recording())->Start();
      });
}

}  // namespace

void AddRecordingRoutes(std::vector<ApiRouter::Route>* routes) {
  routes->push_back({"GET", "/api/v1/interactions/{id}/recordings", "", ListOfInteraction});
  routes->push_back({"GET", "/api/v1/recordings/{id}/audio", "", Audio});
}

}  // namespace zvon::gateway
