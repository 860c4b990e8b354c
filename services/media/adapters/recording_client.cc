#include "services/media/adapters/recording_client.h"

#include <openssl/evp.h>

#include <chrono>
#include <fstream>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "zvon/recordingservice/v1/recording_service.grpc.pb.h"

namespace zvon::media {
namespace {

using zvon::recordingservice::v1::PutSegmentRequest;
using zvon::recordingservice::v1::PutSegmentResponse;
using zvon::recordingservice::v1::RecordingService;

constexpr size_t kChunk = 64 * 1024;
constexpr std::chrono::seconds kDeadline{60};

class Sha256 {
 public:
  Sha256() : context_(EVP_MD_CTX_new()) { EVP_DigestInit_ex(context_, EVP_sha256(), nullptr); }
  ~Sha256() { EVP_MD_CTX_free(context_); }
  Sha256(const Sha256&) = delete;
  Sha256& operator=(const Sha256&) = delete;
  void Add(const std::string& bytes) { EVP_DigestUpdate(context_, bytes.data(), bytes.size()); }
  std::string Hex() {
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    EVP_DigestFinal_ex(context_, digest, &size);
    return absl::BytesToHexString({reinterpret_cast<const char*>(digest), size});
  }

 private:
  EVP_MD_CTX* context_;
};

absl::Status Put(RecordingService::Stub& stub, const zvon::media::v1::RecordingSegment& segment,
                 const std::string& pcm_path) {
  std::ifstream in(pcm_path, std::ios::binary);
  if (!in) return absl::NotFoundError(absl::StrCat(pcm_path, " cannot be read"));
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + kDeadline);
  PutSegmentResponse response;
  auto writer = stub.PutSegment(&context, &response);
  PutSegmentRequest request;
  *request.mutable_segment() = segment;
  bool going = writer->Write(request);
  Sha256 sha;
  std::string chunk(kChunk, '\0');
  int64_t left = segment.frames() * kFrameBytes;
  while (going && left > 0) {
    in.read(chunk.data(), static_cast<std::streamsize>(std::min<int64_t>(left, kChunk)));
    if (in.gcount() <= 0) {
      context.TryCancel();
      writer->Finish();
      return absl::DataLossError(absl::StrCat(pcm_path, " is ", left, " bytes too short"));
    }
    request.mutable_data()->assign(chunk, 0, static_cast<size_t>(in.gcount()));
    sha.Add(request.data());
    left -= in.gcount();
    going = writer->Write(request);
  }
  request.set_sha256(sha.Hex());
  if (going) writer->Write(request);
  writer->WritesDone();
  return FromGrpc(writer->Finish());
}

}  // namespace

SegmentSender MakeRecordingClient(const std::string& address, const TlsSettings& tls) {
  auto channel = MakeChannel(address, tls);
  std::shared_ptr<RecordingService::Stub> stub = RecordingService::NewStub(channel);
  return [stub](const zvon::media::v1::RecordingSegment& segment, const std::string& pcm_path) {
    return Put(*stub, segment, pcm_path);
  };
}

}  // namespace zvon::media
