#pragma once
// The desktop's files, from one folder, with caching and security headers.

#include <map>
#include <memory>
#include <string>

#include "services/gateway/http/http_types.h"

namespace zvon::gateway {

// Runner thread only. Files are kept in memory and read again when their
// time or size changes.
class StaticFiles {
 public:
  static constexpr size_t kFileBytesMax = 16 * 1024 * 1024;
  static constexpr size_t kCacheBytesMax = 64 * 1024 * 1024;

  explicit StaticFiles(std::string folder) : folder_(std::move(folder)) {}
  struct Answer {
    HttpHead head;
    std::shared_ptr<const std::string> body;
  };
  // Paths of the application's own pages ("/live") give index.html; missing
  // files and whatever leads out of the folder are 404.
  Answer Get(const std::string& url_path, const std::string& if_none_match);

 private:
  struct File {
    std::shared_ptr<const std::string> body;
    std::string etag;
    int64_t mtime_ns = 0;
    int64_t size = 0;
  };
  const File* Load(const std::string& relative);
  Answer Found(const std::string& relative, const File& file,
               const std::string& if_none_match) const;

  const std::string folder_;
  std::map<std::string, File> cache_;
  size_t cache_bytes_ = 0;
};

}  // namespace zvon::gateway
