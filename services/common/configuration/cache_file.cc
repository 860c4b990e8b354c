#include "services/common/configuration/cache_file.h"

#include <fcntl.h>
#include <openssl/sha.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "absl/strings/str_cat.h"

namespace zvon::internal {
namespace {

constexpr char kMagic[] = "zvoncfg1";
constexpr size_t kMagicSize = 8, kHeaderSize = kMagicSize + SHA256_DIGEST_LENGTH;

std::string Digest(const std::string& bytes) {
  std::string digest(SHA256_DIGEST_LENGTH, '\0');
  SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(),
         reinterpret_cast<unsigned char*>(digest.data()));
  return digest;
}

absl::Status WriteWhole(const std::string& path, const std::string& bytes) {
  // Digests of SIP passwords are in it: for this user only.
  int fd = open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (fd < 0)
    return absl::UnavailableError(absl::StrCat("cannot open ", path, ": ", strerror(errno)));
  size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t n = write(fd, bytes.data() + done, bytes.size() - done);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) break;
    done += static_cast<size_t>(n);
  }
  const bool ok = done == bytes.size() && fsync(fd) == 0;
  close(fd);
  return ok ? absl::OkStatus() : absl::ResourceExhaustedError(absl::StrCat("cannot write ", path));
}

}  // namespace

absl::Status WriteCacheFile(const std::string& path, const Configuration& configuration) {
  zvon::directoryservice::v1::WatchResourcesResponse all;
  all.set_revision(configuration.revision());
  all.set_synced(true);
  for (const auto* resource : AllResources(configuration)) {
    *all.add_changes()->mutable_resource() = *resource;
  }
  const std::string body = all.SerializeAsString();
  std::error_code error;
  std::filesystem::create_directories(std::filesystem::path(path).parent_path(), error);
  const std::string aside = path + ".new";
  absl::Status written = WriteWhole(aside, kMagic + Digest(body) + body);
  if (!written.ok()) return written;
  if (rename(aside.c_str(), path.c_str()) == 0) return absl::OkStatus();
  return absl::UnavailableError(absl::StrCat("cannot rename ", aside, ": ", strerror(errno)));
}

absl::StatusOr<zvon::directoryservice::v1::WatchResourcesResponse> ReadCacheFile(
    const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return absl::NotFoundError(absl::StrCat("no file ", path));
  std::stringstream stream;
  stream << file.rdbuf();
  const std::string bytes = stream.str();
  zvon::directoryservice::v1::WatchResourcesResponse all;
  if (bytes.size() < kHeaderSize || bytes.compare(0, kMagicSize, kMagic) != 0 ||
      bytes.compare(kMagicSize, SHA256_DIGEST_LENGTH, Digest(bytes.substr(kHeaderSize))) != 0 ||
      !all.ParseFromString(bytes.substr(kHeaderSize))) {
    return absl::DataLossError(absl::StrCat(path, " is damaged"));
  }
  return all;
}

}  // namespace zvon::internal
