#include "services/gateway/rest/static_files.h"

#include <sys/stat.h>

#include <fstream>
#include <sstream>
#include <string_view>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "services/gateway/core/url.h"

namespace zvon::gateway {
namespace {

constexpr char kPolicy[] =
    "default-src 'self'; connect-src 'self' ws: wss:; img-src 'self' data: blob:; "
    "media-src 'self' blob:; style-src 'self' 'unsafe-inline'; font-src 'self' data:; "
    "worker-src 'self' blob:; object-src 'none'; base-uri 'self'; form-action 'self'; "
    "frame-ancestors 'none'";

std::string TypeOf(const std::string& path) {
  static constexpr std::pair<std::string_view, std::string_view> kTypes[] = {
      {".html", "text/html; charset=utf-8"},
      {".js", "text/javascript; charset=utf-8"},
      {".mjs", "text/javascript; charset=utf-8"},
      {".css", "text/css; charset=utf-8"},
      {".json", "application/json"},
      {".webmanifest", "application/manifest+json"},
      {".svg", "image/svg+xml"},
      {".png", "image/png"},
      {".ico", "image/x-icon"},
      {".woff2", "font/woff2"},
      {".wav", "audio/wav"},
      {".mp3", "audio/mpeg"},
      {".ogg", "audio/ogg"},
      {".txt", "text/plain; charset=utf-8"},
      {".wasm", "application/wasm"},
      {".map", "application/json"},
  };
  for (const auto& [ending, type] : kTypes) {
    if (path.size() >= ending.size() &&
        path.compare(path.size() - ending.size(), ending.size(), ending) == 0) {
      return std::string(type);
    }
  }
  return "application/octet-stream";
}

// "/live" is a page of the application; "/favicon.ico" would be a file.
bool IsPagePath(const std::string& url_path) {
  if (url_path == "/") return true;
  size_t slash = url_path.rfind('/');
  std::string last = url_path.substr(slash + 1);
  return last.find('.') == std::string::npos && !SafeRelativePath(url_path).empty();
}

std::vector<std::pair<std::string, std::string>> SafetyHeaders() {
  return {{"X-Content-Type-Options", "nosniff"},
          {"X-Frame-Options", "DENY"},
          {"Referrer-Policy", "same-origin"},
          {"Content-Security-Policy", kPolicy}};
}

}  // namespace

StaticFiles::Answer StaticFiles::Get(const std::string& url_path,
                                     const std::string& if_none_match) {
  std::string relative = SafeRelativePath(url_path);
  const File* file = relative.empty() ? nullptr : Load(relative);
  if (file != nullptr) return Found(relative, *file, if_none_match);
  if (IsPagePath(url_path)) {
    if (const File* index = Load("index.html")) return Found("index.html", *index, if_none_match);
  }
  return {{404, "text/plain; charset=utf-8", SafetyHeaders(), {}},
          std::make_shared<const std::string>("not found\n")};
}

StaticFiles::Answer StaticFiles::Found(const std::string& relative, const File& file,
                                       const std::string& if_none_match) const {
  HttpHead head{200, TypeOf(relative), SafetyHeaders(), {}};
  head.headers.emplace_back("ETag", file.etag);
  // The build names its assets by their content.
  bool immutable = absl::StartsWith(relative, "assets/");
  head.headers.emplace_back("Cache-Control",
                            immutable ? "public, max-age=31536000, immutable" : "no-cache");
  if (absl::StrContains(if_none_match, file.etag)) {
    head.status = 304;
    head.content_type.clear();
    return {std::move(head), std::make_shared<const std::string>()};
  }
  return {std::move(head), file.body};
}

const StaticFiles::File* StaticFiles::Load(const std::string& relative) {
  if (folder_.empty()) return nullptr;
  std::string path = folder_ + "/" + relative;
  struct stat info {};
  if (stat(path.c_str(), &info) != 0 || !S_ISREG(info.st_mode) ||
      static_cast<size_t>(info.st_size) > kFileBytesMax) {
    return nullptr;
  }
  int64_t mtime = info.st_mtim.tv_sec * 1'000'000'000LL + info.st_mtim.tv_nsec;
  auto it = cache_.find(relative);
  if (it != cache_.end() && it->second.mtime_ns == mtime && it->second.size == info.st_size) {
    return &it->second;
  }
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  if (!in) return nullptr;
  if (it != cache_.end()) cache_bytes_ -= it->second.body->size();
  if (cache_bytes_ > kCacheBytesMax) {
    cache_.clear();
    cache_bytes_ = 0;
  }
  auto body = std::make_shared<const std::string>(text.str());
  cache_bytes_ += body->size();
  std::string etag = absl::StrCat("\"", absl::Hex(mtime), "-", absl::Hex(info.st_size), "\"");
  return &(cache_[relative] = File{std::move(body), std::move(etag), mtime, info.st_size});
}

}  // namespace zvon::gateway
