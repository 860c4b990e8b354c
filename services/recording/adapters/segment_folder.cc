#include "services/recording/adapters/segment_folder.h"

#include <fcntl.h>
#include <openssl/evp.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "services/common/ids/ids.h"

namespace zvon::recording {
namespace {

namespace fs = std::filesystem;
using zvon::media::v1::RecordingSegment;

absl::Status FromErrno(const std::string& what) {
  const int code = errno;
  const std::string text = absl::StrCat(what, ": ", std::strerror(code));
  return code == ENOSPC || code == EDQUOT ? absl::ResourceExhaustedError(text)
                                          : absl::InternalError(text);
}

std::string FileOf(const std::string& root, const RecordingSegment& s) {
  return absl::StrCat(root, "/", s.recording_id(), "/", s.writer_id().empty() ? "0" : s.writer_id(),
                      ".", s.index());
}

absl::Status SyncFolder(const std::string& folder) {
  const int fd = open(folder.c_str(), O_RDONLY | O_DIRECTORY);
  if (fd < 0) return FromErrno(folder);
  fsync(fd);
  close(fd);
  return absl::OkStatus();
}

absl::Status WriteDurably(const std::string& file, const std::string& bytes) {
  const std::string temporary = file + ".tmp";
  const int fd = open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);
  if (fd < 0) return FromErrno(temporary);
  const bool written =
      write(fd, bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()) && fsync(fd) == 0;
  absl::Status status = written ? absl::OkStatus() : FromErrno(temporary);
  close(fd);
  if (status.ok() && rename(temporary.c_str(), file.c_str()) != 0) status = FromErrno(file);
  return status;
}

SegmentInfo ToInfo(const RecordingSegment& s, absl::Time arrival) {
  SegmentInfo info;
  info.writer_id = s.writer_id();
  info.index = s.index();
  info.start =
      absl::FromUnixSeconds(s.start_time().seconds()) + absl::Nanoseconds(s.start_time().nanos());
  info.frames = s.frames();
  info.recovered = s.recovered();
  info.last = s.last();
  info.arrival = arrival;
  for (const auto& gap : s.gaps())
    info.gaps.push_back({gap.start_frame(), gap.frames(), gap.reason()});
  return info;
}

absl::Status Check(const RecordingSegment& s) {
  if (!IsUuid(s.recording_id()))
    return absl::InvalidArgumentError("segment.recording_id: not a UUID");
  if (!s.writer_id().empty() && !IsUuid(s.writer_id())) {
    return absl::InvalidArgumentError("segment.writer_id: not a UUID");
  }
  if (s.tenant_id().empty() || s.tenant_id().find_first_of("/.\\") != std::string::npos) {
    return absl::InvalidArgumentError("segment.tenant_id: empty or not an id");
  }
  if (s.index() < 0 || s.frames() < 0)
    return absl::InvalidArgumentError("segment.index or frames: negative");
  return absl::OkStatus();
}

}  // namespace

struct SegmentFolder::Arrival::Impl {
  RecordingSegment segment;
  std::string file, temporary;
  int fd = -1;
  int64_t bytes = 0;
  EVP_MD_CTX* digest = EVP_MD_CTX_new();
};

SegmentFolder::Arrival::~Arrival() {
  if (impl_->fd >= 0) close(impl_->fd);
  unlink(impl_->temporary.c_str());  // Gone already where Commit renamed it.
  EVP_MD_CTX_free(impl_->digest);
}

absl::Status SegmentFolder::Arrival::Append(std::string_view pcm) {
  impl_->bytes += static_cast<int64_t>(pcm.size());
  if (impl_->bytes > impl_->segment.frames() * 4) {
    return absl::InvalidArgumentError("data: more than segment.frames says");
  }
  EVP_DigestUpdate(impl_->digest, pcm.data(), pcm.size());
  while (!pcm.empty()) {
    const ssize_t n = write(impl_->fd, pcm.data(), pcm.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return FromErrno(impl_->temporary);
    pcm.remove_prefix(static_cast<size_t>(n));
  }
  return absl::OkStatus();
}

absl::Status SegmentFolder::Arrival::Commit(const std::string& sha256) {
  if (impl_->bytes != impl_->segment.frames() * 4) {
    return absl::InvalidArgumentError(absl::StrCat(
        "data: ", impl_->bytes, " bytes, segment.frames says ", impl_->segment.frames() * 4));
  }
  unsigned char hash[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  EVP_DigestFinal_ex(impl_->digest, hash, &size);
  const std::string got =
      absl::BytesToHexString(absl::string_view(reinterpret_cast<char*>(hash), size));
  if (got != sha256) return absl::DataLossError("sha256: the data have another checksum");
  if (fsync(impl_->fd) != 0) return FromErrno(impl_->temporary);
  // Sound first, metadata last: what has metadata is whole.
  if (rename(impl_->temporary.c_str(), (impl_->file + ".pcm").c_str()) != 0)
    return FromErrno(impl_->file);
  if (auto status = WriteDurably(impl_->file + ".seg", impl_->segment.SerializeAsString());
      !status.ok())
    return status;
  return SyncFolder(fs::path(impl_->file).parent_path());
}

absl::StatusOr<std::unique_ptr<SegmentFolder::Arrival>> SegmentFolder::Begin(
    const RecordingSegment& segment) {
  if (auto status = Check(segment); !status.ok()) return status;
  auto arrival = std::unique_ptr<Arrival>(new Arrival);
  arrival->impl_ = std::make_unique<Arrival::Impl>();
  Arrival::Impl& a = *arrival->impl_;
  a.segment = segment;
  a.file = FileOf(root_, segment);
  // Two senders of one segment (an old process and its successor) do not meet.
  static const RandomSource random = SystemRandom();
  a.temporary = absl::StrCat(a.file, ".", absl::Hex(random()), ".tmp");
  std::error_code error;
  fs::create_directories(fs::path(a.file).parent_path(), error);
  if (error) return absl::InternalError(absl::StrCat(a.file, ": ", error.message()));
  a.fd = open(a.temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0640);
  if (a.fd < 0) return FromErrno(a.temporary);
  EVP_DigestInit_ex(a.digest, EVP_sha256(), nullptr);
  return arrival;
}

bool SegmentFolder::Has(const RecordingSegment& segment) const {
  return Check(segment).ok() && access((FileOf(root_, segment) + ".seg").c_str(), F_OK) == 0;
}

std::vector<std::string> SegmentFolder::RecordingIds() const {
  std::vector<std::string> ids;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(root_, error)) {
    if (entry.is_directory()) ids.push_back(entry.path().filename());
  }
  return ids;
}

std::vector<StoredSegment> SegmentFolder::Segments(const std::string& recording_id) const {
  std::vector<StoredSegment> segments;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(root_ + "/" + recording_id, error)) {
    if (entry.path().extension() != ".seg") continue;
    std::ifstream in(entry.path(), std::ios::binary);
    StoredSegment stored;
    if (!stored.segment.ParseFromString(std::string(std::istreambuf_iterator<char>(in), {})))
      continue;
    struct stat info {};
    stat(entry.path().c_str(), &info);
    stored.info = ToInfo(stored.segment, absl::TimeFromTimespec(info.st_mtim));
    stored.pcm_file = fs::path(entry.path()).replace_extension(".pcm");
    segments.push_back(std::move(stored));
  }
  return segments;
}

void SegmentFolder::Remove(const std::string& recording_id) {
  std::error_code ignored;  // What stays is assembled again, to the same file.
  fs::remove_all(root_ + "/" + recording_id, ignored);
}

}  // namespace zvon::recording
